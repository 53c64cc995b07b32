"""Which questions of a form are about safety: never on paper, and never shown to their writer again once sent."""

from portal.exercises.mechanics.afterwards import UNTROUBLED
from portal.questionnaires.model import Form, Item


def is_about_safety(item: Item) -> bool:
    """Say whether an answer to an item can be a matter for the therapist at once."""
    return _asks_for_care(item) or item.key in UNTROUBLED


def asks_about_safety(form: Form) -> bool:
    """Say whether a form asks about safety by itself, beyond the two questions that follow whatever two do together."""
    return any(_asks_for_care(item) and item.key not in UNTROUBLED for item in form.walk())


def about_safety(form: Form) -> frozenset[str]:
    """Return the keys of all items about safety, with those that are only asked because of an answer to one."""
    found: set[str] = set()
    for item in _sources_first(form):
        if is_about_safety(item) or any(one.item in found for one in item.when):
            found.update(each.key for each in item.walk())
    return frozenset(found)


def _asks_for_care(item: Item) -> bool:
    return bool(item.care) or item.care_from is not None


def _sources_first(form: Form) -> tuple[Item, ...]:
    """Return all items often enough that whatever depends on one comes after it at least once."""
    items = tuple(form.walk())
    return items * (1 + sum(bool(item.when) for item in items))
