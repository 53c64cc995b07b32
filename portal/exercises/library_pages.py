"""What the pages of the library show, gathered into plain values for their templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from wtforms import Form

from portal.access.policy import Refused
from portal.access.scope import Scope
from portal.exercises import queries
from portal.exercises.domain import Exercise, Phase
from portal.exercises.finding import LENGTHS, Wanted, find, labels_of
from portal.exercises.forms import words_for
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.shelf import library
from portal.exercises.words import FORMS, PHASES, form_words, icon_of, labels_for_staff
from portal.questionnaires.drawing import Row, draw_page
from portal.questionnaires.model import Page
from portal.web.translate import _
from portal.web.visibility import Moment, Names, SeenBy, seen_by_staff, who_sees


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
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """One page as partners see it, with fields that take nothing."""

    number: int
    page: Page
    rows: tuple[Row, ...]
    may_vary: bool
    """Whether something on it is only asked after certain answers."""


def exercise_named(slug: str) -> Exercise:
    """Return an exercise of the library. Raises Refused for any other name."""
    found = library().get(slug)
    if found is None:
        raise Refused("no such exercise")
    return found


def shelf(scope: Scope, wish: Wanted, *, show: str | None, couple_id: str | None) -> dict[str, Any]:
    """Return what the library's list shows, with the exercise that is looked at."""
    found = find(library().values(), wish)
    looked_at = next((each for each in found if each.slug == show), found[0] if found else None)
    query = wish.as_query() | ({"couple": couple_id} if couple_id else {})
    used = queries.in_use(scope)
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
        "total": len(library()),
        "wish": wish,
        "selects": _selects(wish),
        "chips": _chips(wish, couple_id),
        "couple_id": couple_id,
        "clear_url": url_for(".library_page", couple=couple_id),
        "looked_at": None if looked_at is None else card(looked_at, couple_id=couple_id, pages=1),
        "was_chosen": show is not None and looked_at is not None and looked_at.slug == show,
    }


def _entry(exercise: Exercise, query: Mapping[str, str], used: Mapping[str, int], *, chosen: bool) -> Entry:
    address = url_for(".library_page", **query, show=exercise.slug, _anchor="preview")  # type: ignore[arg-type]
    return Entry(
        slug=exercise.slug,
        title=exercise.title,
        purpose=exercise.purpose,
        form=form_words(exercise),
        icon=icon_of(exercise),
        seen_by=tuple(labels_for_staff(exercise)),
        in_use=used.get(exercise.slug, 0),
        url=address,
        chosen=chosen,
    )


def _selects(wish: Wanted) -> list[tuple[str, str, str, list[tuple[str, object]]]]:
    """Return the filters: name, words for "any", the chosen value, and what can be chosen."""
    forms = dict.fromkeys(name for each in library().values() for name in each.mechanics)
    labels = dict.fromkeys(label for each in library().values() for label in labels_of(each))
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
    }
    return [
        {
            "label": words,
            "url": url_for(".library_page", **wish.without(name).as_query(), couple=couple_id),  # type: ignore[arg-type]
            "remove": True,
        }
        for name, words in chosen.items()
        if words is not None
    ]


def card(exercise: Exercise, *, couple_id: str | None = None, pages: int | None = None) -> dict[str, Any]:
    """Return one exercise as partners see it (the first ``pages`` pages), and what is for the therapist."""
    names = Names()
    shown = exercise.form.pages if pages is None else exercise.form.pages[:pages]
    rows = {row.seen_by.text: row for label in labels_of(exercise) for row in who_sees(label, names=names)}
    return {
        "exercise": exercise,
        "form_words": form_words(exercise),
        "phase": PHASES[exercise.phase],
        "icon": icon_of(exercise),
        "seen_by": labels_for_staff(exercise),
        "who_sees": list(rows.values()),
        "pages": [_preview(exercise, page, number) for number, page in enumerate(shown, start=1)],
        "page_count": len(exercise.form.pages),
        "is_overlap": exercise.spec(OverlapSpec) is not None,
        "assign_url": url_for(".assign", slug=exercise.slug, couple=couple_id),
        "url": url_for(".library_item", slug=exercise.slug, couple=couple_id),
    }


def _preview(exercise: Exercise, page: Page, number: int) -> PreviewPage:
    drawn = draw_page(
        page,
        {item.key for item in page.walk()},
        visible_to=words_for(exercise, Names(), lists=False, moment=Moment.NOW),
        translate=_,
        base=Form,
        demand=False,
    )
    form = drawn.form({}, prefix=f"{exercise.slug}-{number}")
    return PreviewPage(number, page, drawn.rows(form), any(item.when for item in page.walk()))
