"""Conditions of own exercises: which questions one can look at, what can be said about them, and all of it in words.

They are those of `portal.questionnaires.conditions`, and keep the meaning of HL7's enableWhen, so that a form could be
exchanged as it is. ``!=`` also holds for an unanswered question there, which authors rarely mean: the editor offers
"is not" together with "was answered", and names the other meaning as what it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import lazy_gettext

from portal.exercises.own.schema import Found, Part, Table, Where, entries_of, find
from portal.questionnaires.model import CHOICE_KINDS, ORDERED_KINDS, TEXT_KINDS, ItemKind, Match, Operator
from portal.web.translate import _

ANSWERED, NOT_ANSWERED, OTHER = "answered", "not_answered", "other"
"""What can be said besides the operators: that there is an answer, that there is none, and another answer than this."""

_ABOUT_ANSWERS: Final = (
    (ANSWERED, lazy_gettext("is there, whatever it is")),
    (NOT_ANSWERED, lazy_gettext("is missing")),
)
_SAME: Final = (
    (Operator.EQUALS.value, lazy_gettext("is the one below")),
    (OTHER, lazy_gettext("is another one")),
    (Operator.DIFFERS.value, lazy_gettext("is another one, or is missing")),
)
_ORDER: Final = (
    (Operator.AT_LEAST.value, lazy_gettext("is the one below, or more")),
    (Operator.AT_MOST.value, lazy_gettext("is the one below, or less")),
    (Operator.ABOVE.value, lazy_gettext("is more than the one below")),
    (Operator.BELOW.value, lazy_gettext("is less than the one below")),
)
_READ: Final = {
    Operator.EQUALS.value: lazy_gettext("is"),
    Operator.AT_LEAST.value: lazy_gettext("is at least"),
    Operator.AT_MOST.value: lazy_gettext("is at most"),
    Operator.ABOVE.value: lazy_gettext("is more than"),
    Operator.BELOW.value: lazy_gettext("is less than"),
}
"""How the operators are read where a condition is told in a sentence."""


def sources(draft: Table, parts: Sequence[Part], where: Where) -> list[Table]:
    """Return the questions that a condition of a question can look at: those on earlier pages of the same list."""
    found = find(draft, parts, where)
    pages = find(draft, parts, where[:-4])
    listing = next(each for each in pages.lists if each.key == where[-4])
    earlier: list[Table] = []
    for page in entries_of(pages.table, listing):
        if page is found.trail[-1]:
            break
        earlier += [each for each in page.get("items") or [] if each.get("kind") != ItemKind.DISPLAY.value]
    return earlier


def can_have(found: Found) -> bool:
    """Say whether a table is a question of a page, which can have conditions."""
    return found.listing is not None and found.listing.key == "items"


def sayings(source: Mapping[str, Any], item: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what can be said about the answer to a question, as codes with their words."""
    kind = source.get("kind")
    if kind in {each.value for each in TEXT_KINDS}:
        return list(_ABOUT_ANSWERS)
    said = list(_SAME)
    if item.get("when") and item.get("when_match") != Match.ALL.value:
        # Where one of several is enough, "was answered, and is not" would be two of them.
        said = [each for each in said if each[0] != OTHER]
    if kind in {each.value for each in ORDERED_KINDS}:
        said += _ORDER
    return [*said, *_ABOUT_ANSWERS]


def values(source: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the answers that a question offers, as keys with their words; none where it has no list."""
    if source.get("kind") not in {each.value for each in CHOICE_KINDS}:
        return []
    return [(str(each.get("key")), str(each.get("text", ""))) for each in source.get("options") or ()]


def put_condition(item: Table, source: Mapping[str, Any], said: str, value: Any) -> None:
    """Add a condition to a question."""
    conditions = item.get("when") or []
    key = source["key"]
    if said in {ANSWERED, NOT_ANSWERED}:
        new = [_condition(key, Operator.EXISTS, value=said == ANSWERED)]
    elif said == OTHER:
        new = [_condition(key, Operator.EXISTS, value=True), _condition(key, Operator.DIFFERS, value=value)]
    else:
        new = [_condition(key, Operator(said), value=value)]
    item["when"] = [*conditions, *(each for each in new if each not in conditions)]
    if len(item["when"]) > 1:
        item["when_match"] = Match.ALL.value if said == OTHER else item.get("when_match") or Match.ALL.value


def drop_condition(item: Table, number: int) -> None:
    """Take a condition away."""
    conditions = item.get("when") or []
    if 0 <= number < len(conditions):
        item["when"] = [each for place, each in enumerate(conditions) if place != number]


def in_words(draft: Table, item: Mapping[str, Any]) -> list[str]:
    """Return a question's conditions in words, in their order."""
    questions = {str(each.get("key")): each for each in _questions_in(draft)}
    conditions = item.get("when") or []
    surely = {
        each.get("item")
        for each in conditions
        if each.get("op") == Operator.EXISTS.value and each.get("value")
    }
    paired = surely if item.get("when_match") == Match.ALL.value else set()
    return [
        _in_words(one, questions.get(str(one.get("item"))), is_answered=one.get("item") in paired)
        for one in conditions
    ]


def how_they_add_up(item: Mapping[str, Any]) -> str:
    """Return the words before a question's conditions."""
    if len(item.get("when") or ()) < 2:
        return _("Only asked when")
    if item.get("when_match") == Match.ALL.value:
        return _("Only asked when all of this holds")
    return _("Only asked when one of these holds")


def _in_words(condition: Mapping[str, Any], source: Mapping[str, Any] | None, *, is_answered: bool) -> str:
    if source is None:
        return _("a question that isn’t there any more was answered in a certain way")
    title = str(source.get("text", ""))
    op, value = condition.get("op"), condition.get("value")
    if op == Operator.EXISTS.value:
        if value:
            return _("“%(question)s” was answered", question=title)
        return _("“%(question)s” was not answered", question=title)
    answer = dict(values(source)).get(str(value), str(value))
    if op == Operator.DIFFERS.value and is_answered:
        return _("“%(question)s” is not “%(answer)s”", question=title, answer=answer)
    if op == Operator.DIFFERS.value:
        return _("“%(question)s” is not “%(answer)s”, or was not answered", question=title, answer=answer)
    words = str(_READ.get(str(op), op))
    return _("“%(question)s” %(said)s “%(answer)s”", question=title, said=words, answer=answer)


def _questions_in(value: Any) -> list[Table]:
    if isinstance(value, list):
        return [each for one in value for each in _questions_in(one)]
    if not isinstance(value, dict):
        return []
    own = [value] if "kind" in value and "key" in value else []
    return own + [
        each for key, one in value.items() if not key.startswith("_") for each in _questions_in(one)
    ]


def _condition(item: str, op: Operator, *, value: Any) -> Table:
    return {"item": item, "op": op.value, "value": value}
