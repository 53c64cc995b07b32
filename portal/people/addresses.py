"""E-mail addresses: the form they are kept in, and the one form under which two of them are the same."""

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

LONGEST_ADDRESS = 254


class NotAnAddress(ValueError):
    """A text isn't an e-mail address that mail could be sent to."""


def tidy(typed: str) -> str:
    """Return an address as it is kept and written to, such as ``Ana@post.example``. Raises NotAnAddress."""
    return _checked(typed).normalized


def canonical(typed: str) -> str:
    """Return the one form in which addresses are compared. Raises NotAnAddress.

    Case, composed letters, look-alike wide forms and both spellings of an international domain fall together;
    ``Ana@BÜCHER.example`` and ``ana@xn--bcher-kva.example`` are one address.
    """
    checked = _checked(typed)
    local = unicodedata.normalize("NFKC", checked.local_part).casefold()
    return f"{unicodedata.normalize('NFKC', local)}@{checked.ascii_domain.lower()}"


def masked(address: str) -> str:
    """Return an address that its owner recognises and a glance does not give away: ``s•••@post.example``."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _checked(typed: str) -> "ValidatedEmail":
    # It brings along the tables of all international domains, which nobody needs until an address is typed.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - see above

    try:
        return validate_email(typed.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise NotAnAddress("not an e-mail address") from None
