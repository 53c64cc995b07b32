"""What the pages of a shared text show, gathered into plain values for their templates."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from portal.access.policy import Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import coach_pages, queries
from portal.exercises.coach import Kind
from portal.exercises.coach.beside import Slot
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.negotiation_model import Status, Text
from portal.exercises.mechanics.negotiation_view import ClauseChange, ClauseView, View, changes
from portal.exercises.models import AssignmentState, Feedback
from portal.exercises.parts.agreements.clauses import Shown, in_text, next_to_answer, said, shown
from portal.exercises.parts.agreements.forms import (
    AnswerForm,
    OwnClauseForm,
    RemarkForm,
    WordingForm,
)
from portal.exercises.parts.agreements.queries import Place, Words, closing_of, my_words, shared, spec_of
from portal.exercises.parts.base import walk_address
from portal.exercises.queries import MatchWords, Task, aside
from portal.kit.word_diff import Span, word_diff
from portal.people.couple_queries import Person
from portal.web.visibility import Moment, Names, SeenBy, seen_by

NOTES_SHOWN = 12


@dataclass(frozen=True)
class Table:
    """The table at which one partner sits: their view of the text, and what lies beside it."""

    task: Task
    seat: Seat
    names: Names
    view: View
    revision: int
    clauses: tuple[Shown, ...]
    words: dict[str, Words]
    closing: str | None
    """The round of closing questions that this partner hasn't answered yet."""
    people: tuple[Person, Person]
    clause_max: int
    signature_text: str
    review_days: int
    is_printable: bool

    @property
    def is_running(self) -> bool:
        """Say whether the assignment is open."""
        return self.task.assignment.state == AssignmentState.OPEN

    @property
    def is_open(self) -> bool:
        """Say whether the text can be changed now."""
        return self.is_running and self.view.status is Status.OPEN

    @property
    def has_signed(self) -> bool:
        """Say whether this partner's signature stands under the text as it is now."""
        own = self.view.own_signature
        return own is not None and own.number == self.view.text.number

    def clause(self, place: int) -> tuple[Shown, ClauseView]:
        """Return the clause at a place. Raises Refused where there is none."""
        if not 1 <= place <= len(self.clauses):
            raise Refused("no such clause")
        return self.clauses[place - 1], self.view.clauses[place - 1]

    def place_of(self, key: str) -> int:
        """Return the place of a clause."""
        return next(each.place for each in self.clauses if each.key == key)

    def kept(self, place: Place, key: str = "") -> Words:
        """Return words that were typed and not sent; none where they stand in the text or beside it by now."""
        found = self.words.get(place.key(key), Words("", 0))
        return Words("", found.revision) if found.text.strip() in self._sent(place, key) else found

    def _sent(self, place: Place, key: str) -> set[str]:
        clause = next((each for each in self.view.clauses if each.key == key), None)
        if place is Place.WORDING and clause is not None:
            return {clause.text}
        if place is Place.REMARK and clause is not None:
            return {each.text for each in clause.comments if each.by is self.seat}
        if place is Place.OWN_CLAUSE:
            return {each.text for each in self.view.clauses if each.by is self.seat}
        return {log.note for log in self.view.own_logs} if place is Place.NOTE else set()


def table(scope: Scope, task: Task, names: Names, *, seat: Seat) -> Table:
    """Return what one partner has before them of a shared text."""
    found, spec = shared(scope, task.assignment), spec_of(task.exercise)
    view = found.view(seat)
    return Table(
        task=task,
        seat=seat,
        names=names,
        view=view,
        revision=found.revision(seat),
        clauses=shown(view, spec, names, seat=seat),
        words=dict(my_words(scope, task)),
        closing=closing_of(scope, task, found),
        people=(found.people.a, found.people.b),
        clause_max=found.spec.clause_max,
        signature_text=found.spec.signature_text,
        review_days=found.spec.review_after.days,
        is_printable=found.spec.printable,
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the text: the therapist's words, and what both are open to where an overlap came before."""

    feedback: tuple[Feedback, ...]
    common: tuple[MatchWords, ...]


def beside(scope: Scope, task: Task) -> Beside:
    """Return what lies beside the text."""
    return Beside(
        feedback=tuple(queries.feedback(scope, [task.assignment.id])),
        common=queries.matches(scope, task.assignment, task.exercise) or (),
    )


def text(scope: Scope, at_table: Table, *, today: date, at: int | None = None) -> dict[str, Any]:
    """Return what the page of the whole text shows; ``at`` is the place of the clause that was asked for."""
    view, task = at_table.view, at_table.task
    current = next_to_answer(at_table.clauses, view, at=at) if at_table.is_running else None
    return {
        "table": at_table,
        "task": task,
        "view": view,
        "clauses": in_text(at_table.clauses),
        "others": [each for each in at_table.clauses if each.number is None],
        "current": current,
        "answer": answer_form(current) if current is not None else None,
        "form": ConfirmForm(formdata=None),
        "beside": beside(scope, task),
        "seen_by": seen_by(Label.COUPLE, names=at_table.names),
        "names": at_table.names,
        "review_on": review_day(view),
        "is_review": view.in_force is not None and view.in_force.review_on <= today,
        "closing_url": closing_url(scope, at_table),
        "since_signed": _since_signed(view),
    }


def review_day(view: View) -> date | None:
    """Return the day on which the text that counts, or else the one in the making, is looked at again."""
    if view.status is Status.OPEN:
        return view.text.review_on
    return None if view.in_force is None else view.in_force.review_on


def closing_url(scope: Scope, at_table: Table) -> str | None:
    """Return where the closing questions are that this partner hasn't answered; None where there are none."""
    if at_table.closing is None or not at_table.is_running:
        return None
    return walk_address(aside(scope, at_table.task, MechanicName.AGREEMENT, period=at_table.closing))


def _since_signed(view: View) -> tuple[ClauseChange, ...]:
    """Return what has changed since this partner signed a text that isn't the present one any more."""
    own = view.own_signature
    if own is None or own.number == view.text.number or view.status is not Status.OPEN:
        return ()
    return changed(view.signed_text, view.text) if view.signed_text is not None else ()


def changed(earlier: Text, later: Text) -> tuple[ClauseChange, ...]:
    """Return the clauses that read differently in two texts, those that are gone included."""
    return tuple(each for each in changes(earlier, later) if each.is_changed)


def answer_form(clause: Shown) -> AnswerForm:
    """Return the form with which a clause is answered as it is shown."""
    form = AnswerForm(formdata=None)
    form.seen.data = str(clause.since)
    return form


def clause(
    at_table: Table, place: int, *, wording: WordingForm | None = None, remark: RemarkForm | None = None
) -> dict[str, Any]:
    """Return what the page of one clause shows. Forms that were sent and could not be taken are shown again."""
    one, view = at_table.clause(place)
    kept = at_table.kept(Place.WORDING, view.key)
    if wording is None:
        wording = WordingForm(formdata=None)
        wording.wording.data = kept.text or view.text or one.idea
    wording.seen.data = str(view.since)
    said_so_far = at_table.kept(Place.REMARK, view.key)
    if remark is None:
        remark = RemarkForm(formdata=None)
        remark.remark.data = said_so_far.text
    return {
        "table": at_table,
        "task": at_table.task,
        "clause": one,
        "wording": wording,
        "remark": remark,
        "answer": answer_form(one),
        "kept": kept,
        "kept_remark": said_so_far,
        "said": said(view, at_table.names, seat=at_table.seat),
        "writing": writing(at_table),
        "names": at_table.names,
        "coach": coach(at_table, wording.wording.data),
        "can_comment": at_table.is_running and "comment" in at_table.view.choices,
    }


def writing(at_table: Table) -> SeenBy:
    """Return who will see what is being written, while it is only its writer's."""
    return seen_by(Label.COUPLE, names=at_table.names, moment=Moment.WRITING)


def coach(at_table: Table, typed: str | None) -> coach_pages.Beside | None:
    """Return what the writing coach puts beside words for a clause, where it can read them."""
    slots = [Slot("wording")]
    return coach_pages.beside_words(at_table.task.exercise, Kind.TURN, slots, {"wording": typed})


def own_clause(at_table: Table, *, form: OwnClauseForm | None = None) -> dict[str, Any]:
    """Return what the page for a clause of one's own shows."""
    kept = at_table.kept(Place.OWN_CLAUSE)
    if form is None:
        form = OwnClauseForm(formdata=None)
        form.wording.data = kept.text
    return {
        "table": at_table,
        "task": at_table.task,
        "form": form,
        "kept": kept,
        "writing": writing(at_table),
        "coach": coach(at_table, form.wording.data),
    }


def back(at_table: Table, key: str = "") -> str:
    """Return the address of the whole text, at a clause where one is named."""
    anchor = f"clause-{at_table.place_of(key)}" if key else None
    return url_for("exercises.agreement", assignment_id=at_table.task.assignment.id, _anchor=anchor)


@dataclass(frozen=True, slots=True)
class Both:
    """The wording that was seen and the one that stands there now, and what is different between them."""

    seen: str
    now: str
    spans: tuple[Span, ...]


def both_wordings(seen: str, now: str) -> Both:
    """Return two wordings of a clause laid over each other."""
    return Both(seen, now, word_diff(seen, now))
