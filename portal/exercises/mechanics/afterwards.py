"""What each partner is asked alone once the two have done something together, always the same two things first.

``[<mechanic>.afterwards]`` holds ``pages`` written like those of a questionnaire. Where two people act together, two
choices are always among the items, for the therapist alone: whether one felt free to say no, and whether anything
worries one about safety. They are offered to everybody after every ending, whatever happened before it.
"""

from typing import Final

from portal.access.privacy import Audience
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, ItemKind
from portal.questionnaires.reading import read_pages

FREE_TO_SAY_NO, WORRY = "free_to_say_no", "worry"
UNTROUBLED: Final = {FREE_TO_SAY_NO: "yes", WORRY: "no"}
"""The answer of each of the two that asks for nothing further."""
_WORDS: Final = {FREE_TO_SAY_NO: ("yes", "partly", "no"), WORRY: ("no", "talk")}
_ALLOWED: Final = frozenset({Audience.PRIVATE, Audience.THERAPIST, Audience.HELD, Audience.COUPLE})


def read_afterwards(table: Table, *, alone: bool = False) -> Form:
    """Return the pages of a mechanic's ``afterwards`` table, noting every mistake at it.

    Items without an audience of their own are for the therapist. ``alone`` says that nobody acts together here: then
    they stay private, and the two questions may be missing.
    """
    afterwards = table.table("afterwards")
    audience = Audience.PRIVATE if alone else Audience.THERAPIST
    form = Form(pages=read_pages(afterwards, audience, allowed=_ALLOWED))
    for key in () if alone else _WORDS:
        _check_asked(afterwards, form, key)
    return form


def _check_asked(table: Table, form: Form, key: str) -> None:
    item = form.item(key)
    if (
        item is None
        or item.kind is not ItemKind.CHOICE
        or item.audience is not Audience.THERAPIST
        or item.when
    ):
        table.complain("pages", f"must ask {key}: a choice for the therapist, under no condition")
        return
    words = _WORDS[key]
    if tuple(option.key for option in item.options) != words:
        table.complain("pages", f"{key} has the options {', '.join(words)}")


def asks_for_care(answers: Answers) -> bool:
    """Say whether a partner's answers are a matter for the therapist at once.

    Not feeling quite free to say no counts as pressure. A question that was left out or declined says nothing.
    """
    given = ((answers.get(key), calm) for key, calm in UNTROUBLED.items())
    return any(isinstance(value, str) and value not in ("", calm) for value, calm in given)
