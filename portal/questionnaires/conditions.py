"""Decides which items of a form are asked, given the answers so far.

The rules follow the text of HL7's code system questionnaire-enable-operator (R4) where engines differ:
with several answers ``=`` holds if any of them equals and ``!=`` if none does, so ``!=`` also holds for an
unanswered item; and the answer of an item that isn't asked counts as no answer.
"""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from portal.questionnaires.model import (
    Answers,
    Condition,
    Form,
    Item,
    Match,
    Operator,
    Page,
    Value,
    as_date,
    is_answered,
)


class CyclicConditions(ValueError):
    """Items of a form wait for each other; ``keys`` are theirs, in the order of the circle."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        super().__init__("these items wait for each other: " + " → ".join(keys))


def enabled_keys(form: Form, answers: Answers) -> frozenset[str]:
    """Return the keys of the items that are asked; "prefer not to answer" counts as no answer.

    An item in a group is asked only if the group is. A condition on an item that the form doesn't have sees no
    answer. Raises ``CyclicConditions`` if items wait for each other.
    """
    parents = _parents(form)
    enabled: set[str] = set()
    for key in _sources_first(form, parents):
        item = form.item(key)
        parent = parents.get(key)
        if item is None or (parent is not None and parent not in enabled):
            continue
        if _is_asked(item, answers, enabled):
            enabled.add(key)
    return frozenset(enabled)


def pages_to_walk(form: Form, answers: Answers) -> tuple[Page, ...]:
    """Return the pages on which something is asked or shown, given the answers so far."""
    enabled = enabled_keys(form, answers)
    return tuple(page for page in form.pages if any(item.key in enabled for item in page.items))


def enabled_answers(form: Form, answers: Answers) -> dict[str, Value]:
    """Return the answers that count, in the order of the form: those of items that are asked."""
    enabled = enabled_keys(form, answers)
    return {item.key: answers[item.key] for item in form.questions if item.key in enabled & answers.keys()}


def refuse_cycles(form: Form) -> None:
    """Raise ``CyclicConditions`` if items of the form wait for each other."""
    _sources_first(form, _parents(form))


def unpaired_differences(form: Form) -> tuple[str, ...]:
    """Return the keys of items with a ``!=`` that isn't paired with ``exists`` on the same item.

    Such an item is asked before its source is answered, which authors rarely mean and engines disagree about.
    """
    return tuple(item.key for item in form.walk() if any(_is_unpaired(one, item) for one in item.when))


def holds(condition: Condition, value: Value | None) -> bool:
    """Say whether a condition holds for an answer; ``None`` or a declined one is no answer."""
    given = _values(value)
    match condition.op:
        case Operator.EXISTS:
            return bool(given) is bool(condition.value)
        case Operator.EQUALS:
            return condition.value in given
        case Operator.DIFFERS:
            return condition.value not in given
        case _:
            return any(_compares(one, condition) for one in given)


def _is_asked(item: Item, answers: Answers, enabled: set[str]) -> bool:
    if not item.when:
        return True
    held = [holds(one, answers.get(one.item) if one.item in enabled else None) for one in item.when]
    return all(held) if item.when_match is Match.ALL else any(held)


def _is_unpaired(condition: Condition, item: Item) -> bool:
    if condition.op is not Operator.DIFFERS:
        return False
    asks_existence = any(one.item == condition.item and one.op is Operator.EXISTS for one in item.when)
    return not (asks_existence and item.when_match is Match.ALL)


def _values(value: Value | None) -> list[str | int | float]:
    if value is None or not is_answered(value) or isinstance(value, dict):
        return []
    return list(value) if isinstance(value, list) else [value]


def _compares(given: str | float, condition: Condition) -> bool:
    """Compare numbers with numbers and days with days; anything else has no order, so nothing holds."""
    wanted = condition.value
    if isinstance(given, str):
        given_day, wanted_day = as_date(given), as_date(wanted)
        if given_day is None or wanted_day is None:
            return False
        return _ordered(given_day.toordinal(), wanted_day.toordinal(), condition.op)
    if isinstance(wanted, str | bool):
        return False
    return _ordered(given, wanted, condition.op)


def _ordered(given: float, wanted: float, op: Operator) -> bool:
    match op:
        case Operator.ABOVE:
            return given > wanted
        case Operator.BELOW:
            return given < wanted
        case Operator.AT_LEAST:
            return given >= wanted
        case _:
            return given <= wanted


def _parents(form: Form) -> Mapping[str, str]:
    return {child.key: item.key for item in form.walk() for child in item.items}


def _sources_first(form: Form, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return all item keys so that whatever an item waits for comes before it."""
    waits = {item.key: [one.item for one in item.when] for item in form.walk()}
    for child, parent in parents.items():
        waits[child].append(parent)
    try:
        return tuple(TopologicalSorter(waits).static_order())
    except CycleError as error:
        raise CyclicConditions(tuple(reversed(error.args[1]))) from error
