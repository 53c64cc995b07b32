"""What the pages of the library show, gathered into plain values for their templates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from flask import url_for
from flask_babel import get_locale

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises import review_queries
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise, Phase
from portal.exercises.finding import LENGTHS, TOUCH_LEVELS, Wanted, find, labels_of, themes_of
from portal.exercises.own.drafts import SLUG_PREFIX
from portal.exercises.own.queries import is_mine
from portal.exercises.preview_pages import card, language_name
from portal.exercises.shelf import at_hand, exercise_at_hand
from portal.exercises.words import (
    FORMS,
    PHASES,
    form_words,
    icon_of,
    labels_for_staff,
    theme_words,
    touch_words,
)
from portal.web.translate import _
from portal.web.visibility import SeenBy, seen_by_staff


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the library."""

    slug: str
    title: str
    purpose: str
    form: str
    icon: str
    seen_by: tuple[SeenBy, ...]
    in_use: int
    is_own: bool
    """Whether somebody of the practice wrote it."""
    also_in: str
    """The names of its other languages; empty if there are none."""
    url: str
    chosen: bool


def exercise_named(scope: Scope, slug: str) -> Exercise:
    """Return an exercise that the asking therapist can assign. Raises Refused for any other name."""
    found = exercise_at_hand(scope, slug)
    if found is None:
        raise Refused("no such exercise")
    return found


def editor_url(scope: Scope, exercise: Exercise) -> str:
    """Return where the asking therapist can go on writing an exercise; nothing for what is not their own."""
    work_id = exercise.slug.removeprefix(SLUG_PREFIX)
    is_own = exercise.slug.startswith(SLUG_PREFIX) and is_mine(scope, work_id)
    return url_for(".own_exercise", work_id=work_id) if is_own else ""


def shelf(scope: Scope, wish: Wanted, *, show: str | None, couple_id: str | None) -> dict[str, Any]:
    """Return what the library's list shows, with the exercise that is looked at."""
    at_all = at_hand(scope)
    found = find(at_all.values(), wish)
    looked_at = next((each for each in found if each.slug == show), found[0] if found else None)
    query = wish.as_query() | ({"couple": couple_id} if couple_id else {})
    used = review_queries.in_use(scope)
    entries = [_entry(each, query, used, chosen=each is looked_at) for each in found]
    by_phase = [
        (PHASES[phase], [e for e, x in zip(entries, found, strict=True) if x.phase is phase])
        for phase in Phase
    ]
    return {
        "groups": [each for each in by_phase if each[1]]
        if wish.is_plain
        else [(None, entries)]
        if entries
        else [],
        "count": len(found),
        "total": len(at_all),
        "wish": wish,
        "selects": _selects(wish, at_all.values()),
        "chips": _chips(wish, couple_id),
        "couple_id": couple_id,
        "clear_url": url_for(".library_page", couple=couple_id),
        "looked_at": None if looked_at is None else card(looked_at, couple_id=couple_id, pages=1),
        "was_chosen": show is not None and looked_at is not None and looked_at.slug == show,
    }


def _entry(exercise: Exercise, query: Mapping[str, Any], used: Mapping[str, int], *, chosen: bool) -> Entry:
    address = url_for(".library_page", **query, show=exercise.slug, _anchor="preview")
    return Entry(
        slug=exercise.slug,
        title=exercise.title,
        purpose=exercise.purpose,
        form=form_words(exercise),
        icon=icon_of(exercise),
        seen_by=tuple(labels_for_staff(exercise)),
        in_use=used.get(exercise.slug, 0),
        is_own=exercise.slug.startswith(SLUG_PREFIX),
        also_in=_also_in(exercise),
        url=address,
        chosen=chosen,
    )


def _selects(
    wish: Wanted, at_all: Collection[Exercise]
) -> list[tuple[str, str, str, list[tuple[str, object]]]]:
    """Return the filters: name, words for "any", the chosen value, and what can be chosen."""
    forms = dict.fromkeys(name for each in at_all for name in each.mechanics)
    labels = dict.fromkeys(label for each in at_all for label in labels_of(each))
    touches = {each.touch_level for each in at_all}
    return [
        ("phase", _("Any phase"), wish.phase or "", [(each.value, PHASES[each]) for each in Phase]),
        ("form", _("Any form"), wish.form or "", [(each.value, FORMS[each]) for each in forms]),
        (
            "minutes",
            _("Any length"),
            str(wish.minutes or ""),
            [(str(each), _length(each)) for each in LENGTHS],
        ),
        (
            "audience",
            _("Any audience"),
            wish.label or "",
            [(each.value, seen_by_staff(each).text) for each in labels],
        ),
        (
            "theme",
            _("Any theme"),
            wish.theme,
            [(each, theme_words(each)) for each in themes_of(at_all)],
        ),
        (
            "touch",
            _("With or without touch"),
            "" if wish.touch is None else str(wish.touch),
            [(str(each), touch_words(each)) for each in TOUCH_LEVELS if each in touches],
        ),
    ]


def _length(minutes: int) -> str:
    return _("%(minutes)s minutes or less", minutes=minutes)


def _chips(wish: Wanted, couple_id: str | None) -> list[dict[str, object]]:
    chosen = {
        "words": _("“%(words)s”", words=wish.words) if wish.words else None,
        "phase": PHASES[wish.phase] if wish.phase else None,
        "form": FORMS[wish.form] if wish.form else None,
        "minutes": _length(wish.minutes) if wish.minutes else None,
        "label": seen_by_staff(wish.label).text if wish.label else None,
        "theme": theme_words(wish.theme) if wish.theme else None,
        "touch": None if wish.touch is None else touch_words(wish.touch),
    }
    return [
        {
            "label": words,
            "url": url_for(".library_page", **wish.without(name).as_query(), couple=couple_id),
            "remove": True,
        }
        for name, words in chosen.items()
        if words is not None
    ]


def _also_in(exercise: Exercise) -> str:
    names = [language_name(each) for each in sorted(exercise.translations)]
    return format_list(names, locale=get_locale() or SOURCE_LANGUAGE)
