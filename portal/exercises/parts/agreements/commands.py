"""What partners do with a shared text: word it, agree, talk first, sign, note how it went; and keep words not sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.commands import Asked, Conflict, begin, note_turns, open_together
from portal.exercises.matching import lock
from portal.exercises.mechanics.negotiation import record as negotiate
from portal.exercises.mechanics.negotiation_model import Agreement, Event, EventKind, Status, Version
from portal.exercises.mechanics.negotiation_view import View, asks, visible_to
from portal.exercises.models import Assignment, Draft, Response, ResponseState, Turn
from portal.exercises.part_models import AgreementEvent
from portal.exercises.parts.agreements.queries import LANGUAGE, Place, Shared, own_round, shared
from portal.exercises.queries import Task, my_draft
from portal.kit.clock import day_begins, day_in
from portal.people.post import Message, call_off, in_the_morning, post
from portal.people.practice_queries import practice_of

QUIET: Final = timedelta(hours=1)
"""How long after a change the other is told by mail that there is something new to answer."""

KEPT_LENGTH: Final = 20_000
"""Longest words that are kept for later; what may be sent is much shorter."""

ONCE_LENGTH: Final = 40

_WRITTEN_AT: Final = {
    EventKind.REWORD: Place.WORDING,
    EventKind.COMMENT: Place.REMARK,
    EventKind.PROPOSE: Place.OWN_CLAUSE,
    EventKind.KEPT: Place.NOTE,
    EventKind.SLIPPED: Place.NOTE,
}


class TooMuch(Exception):
    """Words are too long to be kept; they stay where they were typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that a partner does with the text; ``seen``, ``day`` and ``period`` as in `negotiation_model.Event`."""

    kind: EventKind
    clause: str = ""
    text: str = ""
    seen: int = 0
    day: date | None = None
    period: str = ""
    revision: int | None = None
    """That of the kept words which the page was made from; None where it holds none."""

    @property
    def place(self) -> str | None:
        """The name under which its words were kept while they were typed."""
        place = _WRITTEN_AT.get(self.kind)
        if place is None:
            return None
        return place.key(self.clause) if place in {Place.WORDING, Place.REMARK} else place.key()


def act(scope: Scope, task: Task, deed: Deed, *, once_key: str) -> None:
    """Do one thing with the text. The same page sent again, and what is so already, changes nothing.

    Raises TooLate when the assignment has ended, and what `negotiation.record` raises when it doesn't fit; keep its
    words then.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    own = own_round(scope, task)
    begin(scope, own)
    before = shared(scope, task.assignment)
    if any(row.once_key == once_key[:ONCE_LENGTH] for row in before.rows):
        return
    seat = before.people.person(scope.account_id).seat
    events = negotiate(before.spec, before.events, _event(scope, seat, deed))
    if len(events) > len(before.events):
        if not before.is_begun:
            _begin_in(scope, task.assignment, before)
        _append(scope, task.assignment, events[-1], number=len(events), once_key=once_key)
    if deed.place is not None:
        _forget(scope, task, deed, deed.place)
    after = shared(scope, task.assignment)
    _note_turns(scope, own, before, after, seat=seat)
    _follow(scope, task.assignment, before, after, seat=seat)


def _event(scope: Scope, seat: Seat, deed: Deed) -> Event:
    zone = practice_of(scope).time_zone
    return Event(
        seat=seat,
        kind=deed.kind,
        clause=deed.clause,
        text=deed.text,
        at=scope.now.astimezone(ZoneInfo(zone)),
        seen=deed.seen,
        day=day_in(zone, scope.now) if deed.kind is EventKind.SIGN else deed.day,
        period=deed.period,
    )


def _begin_in(scope: Scope, assignment: Assignment, before: Shared) -> None:
    """Keep the language in which the text begins, so that it begins with the same words whoever looks at it.

    So is after how many days it is looked at again, where their own answers say so.
    """
    days = before.spec.review_after.days if before.spec.weeks_from else 0
    row = AgreementEvent(number=0, kind=LANGUAGE, clause="", seen=days, period="", at=scope.now)
    row.couple_id, row.assignment_id, row.author_id = assignment.couple_id, assignment.id, scope.account_id
    row.text = before.exercise.language
    scope.add(row)


def _append(scope: Scope, assignment: Assignment, event: Event, *, number: int, once_key: str) -> None:
    row = AgreementEvent(
        couple_id=assignment.couple_id,
        assignment_id=assignment.id,
        author_id=scope.account_id,
        number=number,
        kind=event.kind.value,
        clause=event.clause,
        seen=event.seen,
        day=event.day,
        period=event.period,
        at=scope.now,
        once_key=once_key[:ONCE_LENGTH] or None,
    )
    row.text = event.text
    scope.add(row)
    record(scope, Action.SENT, subject_id=row.id, couple_id=row.couple_id, kind=event.kind.value)


def _note_turns(scope: Scope, own: Task, before: Shared, after: Shared, *, seat: Seat) -> None:
    """Keep what each has to do now. It follows from their own view, so that it tells nothing more.

    For the other nothing is written, not even that the text was begun, unless something has changed in their view.
    """
    views = {each: (before.view(each), after.view(each)) for each in Seat}
    changed = [each for each, (was, now) in views.items() if each is seat or was != now]
    alone, again = after.endings[-1] if after.endings else None, _again_at(scope, after)
    note_turns(scope, own, {each: Asked(turn_of(views[each][1]), alone, again) for each in changed})
    if after.agreement.status is before.agreement.status:
        return
    # With each ending there is something new for their therapist; a text that is taken up again is in hand again.
    is_open = after.agreement.status is Status.OPEN
    house = scope.as_house(own.assignment.couple_id)
    query = house.select(Response).where(
        Response.assignment_id == own.assignment.id,
        Response.part == own.part,
        Response.period == own.period,
        Response.state.in_([ResponseState.DRAFT, ResponseState.SENT]),
    )
    for response in house.all(query):
        response.state = ResponseState.DRAFT if is_open else ResponseState.SENT
        if not is_open:
            response.sent_at, response.reviewed_at, response.reviewed_by = scope.now, None, None
    house.flush()


def _again_at(scope: Scope, found: Shared) -> datetime | None:
    """Return when the day begins on which the two wanted to look at their text again."""
    in_force = found.agreement.in_force
    return None if in_force is None else day_begins(practice_of(scope).time_zone, in_force.review_on)


def turn_of(view: View) -> Turn:
    """Return what a partner has to do with the text as they see it; once it is signed, questions on their own."""
    if view.status is not Status.OPEN:
        return Turn.OVER
    return Turn.YOURS if asks(view) else Turn.THEIRS


def _follow(scope: Scope, assignment: Assignment, before: Shared, after: Shared, *, seat: Seat) -> None:
    """Do what follows for both: remind them on the day of review, and tell the other of something to answer."""
    was, now = before.agreement, after.agreement
    other = after.people.at(seat.other).account_id
    if was.in_force is not None and was.in_force != now.in_force:
        for person in (after.people.a, after.people.b):
            call_off(scope, person.account_id, due_at=_review_moment(scope, assignment, was.in_force))
    if now.in_force is not None and now.in_force != was.in_force:
        open_together(scope, assignment)
        for person in (after.people.a, after.people.b):
            post(
                scope,
                person.account_id,
                Message.NEWS,
                due_at=_review_moment(scope, assignment, now.in_force),
            )
        post(scope, other, Message.NEWS)
    elif _has_become_theirs(was, now, seat.other) and not _has_left_out(scope, assignment, other):
        post(scope, other, Message.NEWS, due_at=scope.now + QUIET)


def _has_become_theirs(was: Agreement, now: Agreement, seat: Seat) -> bool:
    return asks(visible_to(now, seat)) and not asks(visible_to(was, seat))


def _has_left_out(scope: Scope, assignment: Assignment, account_id: str) -> bool:
    """Say whether somebody has left the exercise out: then nothing calls them back but themselves."""
    house = scope.as_house(assignment.couple_id)
    query = house.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.author_id == account_id,
        Response.state == ResponseState.DECLINED,
    )
    return house.first(query) is not None


def _review_moment(scope: Scope, assignment: Assignment, version: Version) -> datetime:
    """Return when both are reminded, on the day of review."""
    return in_the_morning(version.review_on, zone=practice_of(scope).time_zone, of=assignment.id)


def keep_words(
    scope: Scope, task: Task, place: str, text: str, *, revision: int | None, replace: bool = False
) -> int:
    """Keep what a partner is typing at one place, for them alone; return its revision. An empty text is forgotten.

    ``revision`` is the one that the page was made from; where another tab was quicker, Conflict is raised and
    nothing changes, unless ``replace``. Raises TooLate when the assignment has ended, and TooMuch.
    """
    scope.require(Permission.DO_HOMEWORK, couple_id=task.assignment.couple_id)
    lock(scope, task.assignment)
    response = begin(scope, own_round(scope, task))
    draft = my_draft(scope, response)
    values: dict[str, Any] = {} if draft is None else dict(draft.values)
    kept, known = values.get(place, ("", 0))
    if text == kept:
        return int(known)
    if len(text) > KEPT_LENGTH:
        raise TooMuch(place)
    if kept and not replace and revision is not None and revision != known:
        raise Conflict(mine={place: text}, theirs={place: kept}, revision=known)
    values[place] = (text, known + 1)
    if draft is None:
        draft = Draft(
            couple_id=response.couple_id, author_id=scope.account_id, response_id=response.id, revision=0
        )
        draft.values, draft.saved_at = values, scope.now
        scope.add(draft)
    draft.values, draft.saved_at, draft.revision = values, scope.now, draft.revision + 1
    scope.flush()
    return known + 1


def _forget(scope: Scope, task: Task, deed: Deed, place: str) -> None:
    """Forget kept words that were sent; other ones, from another window, stay."""
    response = own_round(scope, task).response
    draft = None if response is None else my_draft(scope, response)
    if draft is None or place not in draft.values:
        return
    text, revision = draft.values[place]
    if revision != deed.revision and text.strip() != deed.text.strip():
        return
    draft.values = {key: kept for key, kept in draft.values.items() if key != place}
    draft.revision += 1
    scope.flush()
