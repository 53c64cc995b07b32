"""What the pages of the pathway editor show, as plain values for their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for

from portal.access.scope import Scope
from portal.exercises.domain import Exercise, needs_both
from portal.exercises.finding import find, wanted
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.own.models import OwnWork
from portal.exercises.own.state import standing
from portal.exercises.own_pathways.drafts import Draft, StepDraft, draft_of, number_in, release_of
from portal.exercises.own_pathways.forms import (
    ABOUT,
    EditorForm,
    NewForm,
    StepForm,
    form_for,
    offer_step,
    with_chosen,
)
from portal.exercises.own_pathways.preview import Look, calendar, offer_calendar
from portal.exercises.own_pathways.shelf import draft_in, going, pathways_at_hand
from portal.exercises.own_pathways.source import Trouble, sketch, troubles
from portal.exercises.own_pathways.words import doing, fault_words, reading
from portal.exercises.pathway import NEEDS_DAYS, Pathway
from portal.exercises.shelf import at_hand
from portal.exercises.words import PHASES, form_words, icon_of, labels_for_staff
from portal.web.translate import _, _n
from portal.web.visibility import SeenBy

Known = Mapping[str, Exercise]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One step of the editor: what it is, when it opens in a sentence, and what stands in its way."""

    key: str
    number: int
    title: str
    icon: str
    form: str
    seen_by: tuple[SeenBy, ...]
    reading: str
    doing: str
    word: str
    opens: date | None
    is_open: bool
    has_gap: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Basis:
    """What cards are made from."""

    draft: Draft
    way: Pathway
    known: Known
    troubles: Sequence[Trouble]


def part_of(draft: Draft, named: str) -> str:
    """Return what is open: the step that is named, the head, or nothing. A draft that says nothing yet opens its head."""
    if draft.step(named) is not None or named == ABOUT:
        return named
    return "" if draft.purpose or draft.steps else ABOUT


def editor(scope: Scope, work: OwnWork, look: Look, *, form: EditorForm | None = None) -> dict[str, Any]:
    """Return the editor of a pathway. ``form`` is what was typed, where it has to be looked at again."""
    draft, known = draft_in(work), at_hand(scope)
    part, basis = part_of(draft, look.open), _basis(draft, known)
    shown = form or _filled(draft, part, basis.troubles, with_gaps=look.check)
    shown.revision.data, shown.open.data = str(work.revision), part
    _offer(shown, draft, known, look)
    weeks, placed = calendar(basis.way, known, look)
    step = draft.step(part)
    return {
        "work": work,
        "state_words": state_words(scope, work),
        "list_url": url_for(".library_pathways"),
        "draft": draft,
        "way": basis.way,
        "form": shown,
        "part": part,
        "cards": [
            _card(basis, place, opens=placed[place].opens, part=part) for place in range(len(draft.steps))
        ],
        "chosen": known.get(step.exercise) if step is not None else None,
        "asks_both": step is not None and step.exercise in known and needs_both(known[step.exercise]),
        "gaps": gaps(draft, basis.troubles, work),
        "about_wrong": [fault_words(each) for each in basis.troubles if not each.step and not each.is_gap],
        "weeks": weeks,
        "removed": known_title(draft.removed.step, known) if draft.removed else "",
        "nothing_found": [each for each in (look.find, look.seek) if each and not groups(known, each)],
        "stands": [],
        "typed": [],
    }


def _offer(form: EditorForm, draft: Draft, known: Known, look: Look) -> None:
    """Put the choices into the fields, and the words that are searched for."""
    if isinstance(form, StepForm):
        titles = step_titles(draft, known) | {slug: each.title for slug, each in known.items()}
        offer_step(
            form,
            draft,
            titles,
            groups(known, look.seek),
            overlaps=_overlaps(draft, known),
            exercise=known.get(form.exercise.data or ""),
        )
        form.seek.data = look.seek
    form.after.choices = [("", _("At the end"))]
    form.after.choices += [
        (key, _("After step %(number)s", number=number))
        for number, key in enumerate((step.key for step in draft.steps[:-1]), start=1)
    ]
    form.add.choices = with_chosen(groups(known, look.find), "", {})
    form.find.data = look.find
    offer_calendar(form, look)


def _overlaps(draft: Draft, known: Known) -> set[str]:
    """Return the keys of the steps from which matches can come."""
    found = {step.key: known.get(step.exercise) for step in draft.steps}
    return {key for key, each in found.items() if each is not None and each.spec(OverlapSpec) is not None}


def _filled(draft: Draft, part: str, found: Sequence[Trouble], *, with_gaps: bool) -> EditorForm:
    """Return the form of the open part with what its draft holds, and with what is wrong there at its fields.

    What is only missing is said there once somebody asked for it.
    """
    form = form_for(part, formdata=None)
    form.show(draft.step(part) or draft)
    if isinstance(form, StepForm) and draft.position(part) == 0:
        form.release.data = release_of(draft.steps[0], 0).value
    for trouble in found:
        if (trouble.step or ABOUT) == part and trouble.field in form and (with_gaps or not trouble.is_gap):
            form[trouble.field].errors = [fault_words(trouble)]
    return form


def state_words(scope: Scope, work: OwnWork) -> str:
    """Return where a pathway stands: which version is being written, and who stays on an earlier one."""
    if not work.version:
        return standing(work).words
    words = _("Draft of version %(number)s.", number=work.version + 1)
    number = going(scope, work)
    return f"{words} {going_words(number)}" if number else words


def going_words(number: int) -> str:
    """Return what publishing means for so many couples that are on a pathway."""
    return _n(
        "%(num)s of your couples is on its way and stays with the version it began with.",
        "%(num)s of your couples are on their way and stay with the version they began with.",
        number,
    )


def all_steps(scope: Scope, draft: Draft) -> list[Card]:
    """Return every step of a draft in words, none of them open."""
    basis = _basis(draft, at_hand(scope))
    return [_card(basis, place) for place in range(len(draft.steps))]


def step_words(scope: Scope, work: OwnWork, key: str) -> Card | None:
    """Return one step of a draft in words, or nothing where there is no such step."""
    draft = draft_in(work)
    place = draft.position(key)
    return _card(_basis(draft, at_hand(scope)), place) if place is not None else None


def found_exercises(scope: Scope, words: str, *, field: str, chosen: str) -> dict[str, Any]:
    """Return the exercises that some words find, as the choices of the field that they are for.

    ``chosen`` is the one that the field holds: searching doesn't change it.
    """
    form = StepForm(formdata=None) if field == "exercise" else EditorForm(formdata=None)
    known = at_hand(scope)
    shown, found = form["exercise" if field == "exercise" else "add"], groups(known, words)
    shown.data = chosen if field == "exercise" and chosen in known else ""
    shown.choices = with_chosen(found, shown.data, {slug: each.title for slug, each in known.items()})
    return {"f": shown, "count": sum(len(each) for each in found.values())}


def _basis(draft: Draft, known: Known) -> _Basis:
    return _Basis(draft, sketch(draft, known), known, troubles(draft, known))


def _card(basis: _Basis, place: int, *, opens: date | None = None, part: str = "") -> Card:
    step, known = basis.draft.steps[place], basis.known
    exercise = known.get(step.exercise)
    own = [each for each in basis.troubles if each.step == step.key]
    return Card(
        key=step.key,
        number=place + 1,
        title=known_title(step, known),
        icon=icon_of(exercise) if exercise else "circle",
        form=form_words(exercise) if exercise else "",
        seen_by=tuple(labels_for_staff(exercise)[:1]) if exercise else (),
        reading=reading(basis.way, place, known, vague=_vague(step, place)),
        doing=doing(basis.way.steps[place], exercise),
        word=step.word,
        opens=opens,
        is_open=part == step.key,
        has_gap=any(each.is_gap for each in own),
        wrong=tuple(fault_words(each) for each in own if not each.is_gap),
    )


def _vague(step: StepDraft, place: int) -> set[str]:
    """Return the fields of a step whose number of days is needed and not there."""
    needed = {"session_days"} | ({"days"} if release_of(step, place) in NEEDS_DAYS else set())
    return {name for name in needed if number_in(getattr(step, name)) is None}


def known_title(step: StepDraft, known: Known) -> str:
    """Return the title of a step's exercise, or words for a step that has none at hand."""
    exercise = known.get(step.exercise)
    if exercise is not None:
        return exercise.title
    return _("An exercise that isn’t at hand any more") if step.exercise else _("No exercise chosen yet")


def step_titles(draft: Draft, known: Known) -> dict[str, str]:
    """Return what names each step in a list of choices: "Step 2: Kinds of touch"."""
    return {
        step.key: _("Step %(number)s: %(title)s", number=number, title=known_title(step, known))
        for number, step in enumerate(draft.steps, start=1)
    }


def gaps(draft: Draft, found: Sequence[Trouble], work: OwnWork) -> list[tuple[str, str]]:
    """Return what is left to do before publishing: words, and where it is done."""
    titles = {step.key: number for number, step in enumerate(draft.steps, start=1)}
    lines = []
    for trouble in found:
        words = fault_words(trouble)
        if trouble.step:
            words = _("Step %(number)s: %(words)s", number=titles[trouble.step], words=words)
        opened = trouble.step or ABOUT
        lines.append(
            (
                words,
                url_for(".own_pathway", work_id=work.id, open=opened, check=1, _anchor=f"part-{opened}")
                if trouble.field != "steps"
                else url_for(".own_pathway", work_id=work.id, _anchor="add-step"),
            )
        )
    return lines


def groups(known: Known, words: str) -> dict[str, list[tuple[str, str]]]:
    """Return the exercises to choose from by phase, all of them or those that some words find."""
    found = find(known.values(), wanted({"q": words}))
    by_phase: dict[str, list[tuple[str, str]]] = {}
    for each in found:
        line = _("%(title)s (%(form)s)", title=each.title, form=form_words(each))
        by_phase.setdefault(str(PHASES[each.phase]), []).append((each.slug, line))
    return by_phase


def beginning(scope: Scope, form: NewForm, *, of: str) -> dict[str, Any]:
    """Return the page on which a pathway is begun; ``of`` is the one to copy, where that is known already."""
    found = pathways_at_hand(scope)
    form.origin.choices = [("", _("Nothing: step by step"))]
    form.origin.choices += sorted(
        ((slug, _("A copy of “%(title)s”", title=each.title)) for slug, each in found.items()),
        key=lambda choice: choice[1].casefold(),
    )
    if not form.is_submitted() and of in found:
        form.origin.data = of
        form.title.data = _("%(title)s, my own way", title=found[of].title)[:80]
    return {"form": form, "original": found.get(of)}


def first_draft(scope: Scope, form: NewForm) -> tuple[Draft, str | None]:
    """Return the draft that a new pathway begins with, and the slug of what it is a copy of."""
    original = pathways_at_hand(scope).get(form.origin.data or "")
    draft = draft_of(original) if original is not None else Draft()
    title = " ".join(str(form.title.data).split())
    return _titled(draft, title), original.slug if original is not None else None


def _titled(draft: Draft, title: str) -> Draft:
    return replace(draft, title=title)
