"""Who wrote a form: a signed mark in each form, so that nothing typed is stored under somebody else's name."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal.web.current import person_or_none

FIELD = "writer"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="writer")


def writer_token() -> str:
    """Return the mark of the person who is signed in, or an empty text."""
    person = person_or_none()
    if person is None:
        return ""
    return str(_signer().dumps([person.viewer.practice_id, person.viewer.account_id]))


def writer_of(token: str) -> tuple[str, str] | None:
    """Return (practice id, account id) of a mark, or None if it isn't one of ours."""
    try:
        practice_id, account_id = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(practice_id), str(account_id)
