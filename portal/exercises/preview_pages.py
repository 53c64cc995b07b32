"""Exercises as partners will see them, page by page, and what a therapist is told beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from babel import Locale
from flask import url_for
from flask_babel import get_locale
from wtforms import Form

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise, Walk
from portal.exercises.forms import words_for
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.deck import Card, DeckSpec, round_form
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.mechanics.timeline_model import TimelineSpec
from portal.exercises.partner_pages import who_sees_rows
from portal.exercises.parts.timelines.forms import sample_form
from portal.exercises.shelf import in_language
from portal.exercises.viewpoints import Viewpoint, speaking, spoken, viewpoints
from portal.exercises.words import PHASES, form_words, icon_of, labels_for_staff, theme_words
from portal.people.couple_queries import Circle, circle, own_couples
from portal.questionnaires.drawing import Row, draw_page
from portal.questionnaires.model import Page
from portal.web.translate import _
from portal.web.visibility import Moment, Names


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """One page as partners see it, with fields that take nothing."""

    number: int
    page: Page
    rows: tuple[Row, ...]
    may_vary: bool
    """Whether something on it is only asked after certain answers."""


def language_name(code: str) -> str:
    """Return the name of a language in that of the page, such as "Spanish" for ``es``."""
    return Locale.parse(code, sep="-").get_display_name(get_locale() or SOURCE_LANGUAGE) or code


def _languages(source: Exercise, shown: Exercise, address: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the tabs to look at an exercise in its languages, English first; none where there is only one."""
    codes = [SOURCE_LANGUAGE, *sorted(source.translations)] if source.translations else []
    return [
        {
            "label": language_name(code),
            "url": url_for(".library_item", **address, language=None if code == SOURCE_LANGUAGE else code),
            "current": code == shown.language,
        }
        for code in codes
    ]


def card(
    source: Exercise,
    *,
    couple_id: str | None = None,
    pages: int | None = None,
    language: str | None = None,
    viewpoint: Viewpoint | None = None,
    lists: bool = False,
) -> dict[str, Any]:
    """Return one exercise as partners see it (the first ``pages`` pages), and what is for the therapist.

    With a ``language`` it is shown as partners with that language read it, as far as there is a translation; with a
    ``viewpoint`` as one partner will read it, names and all. ``lists`` says that the therapist reads full lists.
    """
    exercise = in_language(source, viewpoint.language if viewpoint else language)
    translated = exercise.language if exercise.language != SOURCE_LANGUAGE else None
    address: dict[str, Any] = {"slug": exercise.slug, "couple": couple_id}
    shown = [(walk, page) for walk in map(as_walked, exercise.walks) for page in walk.form.pages]
    names, language = (viewpoint.names, viewpoint.language) if viewpoint else (Names(), None)
    mark = f"{viewpoint.seat}-{exercise.slug}" if viewpoint else exercise.slug
    with speaking(language):
        rows = who_sees_rows(exercise, names, lists=lists)
        previews = [
            _preview(walk, page, number, names=names, lists=lists, mark=mark)
            for number, (walk, page) in enumerate(shown[:pages], start=1)
        ]
    return {
        "exercise": exercise,
        "form_words": form_words(exercise),
        "phase": PHASES[exercise.phase],
        "icon": icon_of(exercise),
        "seen_by": labels_for_staff(exercise),
        "who_sees": rows,
        "pages": previews,
        "page_count": len(shown),
        "decks": [deck_by_layer(spec) for spec in exercise.specs.values() if isinstance(spec, DeckSpec)],
        "is_overlap": exercise.spec(OverlapSpec) is not None,
        "themes": [theme_words(each) for each in exercise.themes],
        "assign_url": url_for(".assign", slug=exercise.slug, couple=couple_id),
        "url": url_for(".library_item", **address, language=translated),
        "languages": _languages(source, exercise, address),
        "viewpoint": viewpoint,
        "spoken": spoken,
    }


def item(
    scope: Scope, exercise: Exercise, *, couple_id: str | None, seat: str, language: str | None
) -> dict[str, Any]:
    """Return what the page of one exercise shows; ``seat`` names one of the couple's two, where it is theirs to see."""
    people = None if couple_id is None else circle(scope, couple_id)
    chosen = viewpoints(scope, people)[Seat(seat)] if people is not None and seat in set(Seat) else None
    return {
        "card": card(exercise, couple_id=couple_id, language=language, viewpoint=chosen),
        "people": people,
        "chosen": chosen,
        "source": exercise,
        "places": [] if people is None else _places(exercise, people, chosen),
        "couples": own_couples(scope) if people is None else [],
        "language_name": language_name,
    }


def _places(exercise: Exercise, people: Circle, chosen: Viewpoint | None) -> list[dict[str, object]]:
    """Return the links to look at an exercise with roles in place of names, or as either of two partners."""
    links = [(_("Without names"), None), *((_("As %(name)s", name=people.at(s).first_name), s) for s in Seat)]
    return [
        {
            "label": words,
            "url": url_for(".library_item", slug=exercise.slug, couple=people.couple_id, seat=seat),
            "current": (chosen.seat if chosen else None) is seat,
        }
        for words, seat in links
    ]


def as_walked(walk: Walk) -> Walk:
    """Return the pages of one time: of a deck one round, of a timeline also what is asked on pages of its own."""
    deck, years = walk.exercise.spec(DeckSpec), walk.exercise.spec(TimelineSpec)
    if walk.part is MechanicName.DECK and deck is not None:
        return replace(walk, form=round_form(deck, deck.cards[: deck.per_round]))
    if walk.part is MechanicName.TIMELINE and years is not None:
        return replace(walk, form=sample_form(years))
    return walk


def deck_by_layer(spec: DeckSpec) -> list[tuple[str, list[Card]]]:
    """Return all cards of a deck by the title of their layer, which is empty where there are none."""
    titles = [layer.title for layer in spec.layers] or [""]
    return [
        (title, [card for card in spec.cards if card.layer == place]) for place, title in enumerate(titles)
    ]


def _preview(walk: Walk, page: Page, number: int, *, names: Names, lists: bool, mark: str) -> PreviewPage:
    drawn = draw_page(
        page,
        {item.key for item in page.walk()},
        visible_to=words_for(walk, names, lists=lists, moment=Moment.NOW),
        translate=_,
        base=Form,
        demand=False,
    )
    form = drawn.form({}, prefix=f"{mark}-{number}")
    return PreviewPage(number, page, drawn.rows(form), any(item.when for item in page.walk()))
