"""Gathers worksheets: what a couple or one partner has before them, or one exercise of the library, on blank paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac

from portal.access.policy import Permission, Refused
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise, Who
from portal.exercises.models import Assignment, AssignmentState, Whom
from portal.exercises.needs import check_needs
from portal.exercises.queries import asks
from portal.exercises.shelf import exercise_at_hand, exercises_by_copy, exercises_for, in_language
from portal.kit.text import direction_of
from portal.people.couple_queries import circle, languages_of
from portal.people.practice_queries import practice_of
from portal.reports.base import Colophon, Copy, Paper
from portal.reports.worksheets.mechanics import sections_of
from portal.reports.worksheets.page import Sheet, WorksheetPage
from portal.web.translate import _, _n

COPIES = frozenset({Copy.CLINICIAN, Copy.JOINT, Copy.PARTNER_A, Copy.PARTNER_B})
"""They differ in which exercises are printed and in whose language, never in what stands on them."""

SEATS = {Copy.PARTNER_A: Seat.A, Copy.PARTNER_B: Seat.B}
KIND = "worksheet"


class NothingToPrint(Exception):
    """Nothing is before the couple or partner at the moment."""


class NoSuchExercise(Exception):
    """There is no exercise of that name to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which worksheets are wanted: of one assignment, of some exercises by name, or of all that is open now."""

    couple_id: str
    copy: Copy
    assignment_id: str | None = None
    slugs: tuple[str, ...] = ()


def gather(scope: Scope, wanted: Wanted) -> WorksheetPage:
    """Return blank worksheets for a couple or one partner, in the language of whoever writes on them.

    For a partner of the couple, who gets only what asks them and is open, and for its therapist. An exercise that the
    couple hasn't got is printed only if it could be given now. Raises Refused for anybody else, NothingToPrint,
    NoSuchExercise, and OnHold or Unmet as assigning does.
    """
    may = Permission.DO_HOMEWORK if scope.viewer.is_partner else Permission.REPORT
    scope.require(may, couple_id=wanted.couple_id)
    own = SEATS.get(wanted.copy)
    if wanted.copy not in COPIES or (scope.viewer.is_partner and own is not scope.viewer.seat):
        raise Refused("no such copy")
    found = _named(scope, wanted) if wanted.slugs else _given(scope, wanted)
    if not found:
        raise NothingToPrint(wanted.couple_id)
    if not scope.viewer.is_partner:
        language = _language(scope, wanted)
        found = [in_language(each, language) for each in found]
    return worksheets(scope, found, copy=wanted.copy)


def of_library(scope: Scope, slug: str, *, language: str | None = None) -> WorksheetPage:
    """Return the worksheet of an exercise that the asking therapist can assign, for nobody in particular."""
    scope.require(Permission.BROWSE_LIBRARY)
    exercise = exercise_at_hand(scope, slug)
    if exercise is None:
        raise Refused("no such exercise")
    return worksheets(scope, [in_language(exercise, language)], copy=Copy.CLINICIAN)


def worksheets(scope: Scope, exercises: Sequence[Exercise], *, copy: Copy) -> WorksheetPage:
    """Return exercises as they stand on paper."""
    sheets = tuple(map(sheet, exercises))
    languages = {each.language for each in exercises}
    lines = [
        # The same for everybody: what isn't asked on paper can't be found on it, nor be missed there.
        _(
            "This paper supports your therapy. It is not an emergency service. "
            "Questions about safety are never on paper, for anybody."
        ),
        *(
            " ".join(filter(None, (each.get("name", ""), each.get("contact", ""))))
            for each in practice_of(scope).crisis_resources
        ),
    ]
    paper = Paper(
        number=_number(scope, exercises, copy),
        kind=_("Worksheet"),
        copy=copy,
        label=sheets[0].label,
        label_words=sheets[0].label_words,
        lang=languages.pop() if len(languages) == 1 else SOURCE_LANGUAGE,
        direction=direction_of(_("Worksheet")),
    )
    return WorksheetPage(paper=paper, sheets=sheets, colophon=Colophon(tuple(lines)))


def sheet(exercise: Exercise) -> Sheet:
    """Return one exercise as it stands on paper, with nobody's answers."""
    sections = sections_of(exercise)
    return Sheet(
        title=exercise.title,
        purpose=exercise.purpose,
        facts=_facts(exercise),
        language=exercise.language,
        direction=direction_of(exercise.purpose),
        label=sections[0].label,
        label_words=sections[0].label_words,
        steps=exercise.steps,
        materials=exercise.materials,
        cautions=exercise.cautions,
        stop_rule=exercise.stop_rule,
        why=exercise.why,
        sections=sections,
    )


def _facts(exercise: Exercise) -> str:
    who = {
        Who.EACH: _("Each of you alone, with a sheet of your own."),
        Who.BOTH: _("The two of you together."),
        Who.ONE: _("For one of you."),
    }[exercise.who]
    minutes = _n("About %(num)s minute.", "About %(num)s minutes.", exercise.minutes)
    return f"{who} {minutes}"


def _given(scope: Scope, wanted: Wanted) -> list[Exercise]:
    """Return what was given to whoever the copy is for: what is open now, or the one assignment that is named."""
    assignments = [each for each in _assignments(scope, wanted) if _is_for(each, wanted.copy)]
    if wanted.assignment_id is not None and not assignments:
        raise Refused("not for this copy")
    found = exercises_for(scope, {each.copy_id for each in assignments})
    return list({each.copy_id: found[each.copy_id] for each in assignments}.values())


def _assignments(scope: Scope, wanted: Wanted) -> list[Assignment]:
    query = scope.select(Assignment).where(Assignment.couple_id == wanted.couple_id)
    if wanted.assignment_id is not None:
        query = query.where(Assignment.id == wanted.assignment_id)
    if wanted.assignment_id is None or scope.viewer.is_partner:
        query = query.where(
            Assignment.state == AssignmentState.OPEN,
            Assignment.released_at <= scope.now,
            Assignment.opens_at <= scope.now,
        )
    return scope.all(query.order_by(Assignment.opens_at, Assignment.id))


def _is_for(assignment: Assignment, copy: Copy) -> bool:
    """Say whether an assignment stands on a copy. What asks one partner alone is not on a sheet for both."""
    if copy in SEATS:
        return asks(assignment, SEATS[copy])
    return copy is Copy.CLINICIAN or assignment.whom == Whom.BOTH


def _named(scope: Scope, wanted: Wanted) -> list[Exercise]:
    open_now = [each for each in _assignments(scope, wanted) if _is_for(each, wanted.copy)]
    given = exercises_by_copy(scope, {each.copy_id for each in open_now})
    by_slug = {each.slug: given[each.copy_id] for each in open_now}
    return [by_slug.get(slug) or _to_give(scope, slug, wanted) for slug in dict.fromkeys(wanted.slugs)]


def _to_give(scope: Scope, slug: str, wanted: Wanted) -> Exercise:
    exercise = None if scope.viewer.is_partner else exercise_at_hand(scope, slug)
    if exercise is None:
        raise NoSuchExercise(slug)
    if wanted.copy is not Copy.CLINICIAN:
        # Paper for the couple is given to the couple: what can't be assigned now can't be handed out either.
        check_needs(scope, exercise, wanted.couple_id, opens=True)
    return exercise


def _language(scope: Scope, wanted: Wanted) -> str | None:
    """Return the language that is read by whoever the copy is for; None for English, and where two differ."""
    if wanted.copy is Copy.CLINICIAN:
        return None
    languages = languages_of(scope, circle(scope, wanted.couple_id))
    if wanted.copy in SEATS:
        return languages[SEATS[wanted.copy]]
    return languages[Seat.A] if languages[Seat.A] == languages[Seat.B] else None


def _number(scope: Scope, exercises: Iterable[Exercise], copy: Copy) -> str:
    """Return a neutral number: the year, and five characters that tell nothing and are the same for the same sheets."""
    told = "/".join(("worksheet", copy, *(f"{each.digest}.{each.language}" for each in exercises)))
    mark = int(hmac(scope.practice_id.encode(), told.encode(), sha256).hexdigest()[:8], 16)
    letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    code = "".join(letters[(mark >> shift) % 32] for shift in (0, 5, 10, 15, 20))
    return f"{scope.now:%y}-{code}"
