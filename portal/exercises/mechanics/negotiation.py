"""How a shared text comes about: clauses are worded and agreed on one by one, and both sign the same version of it.

What the pages have to do: keep events in order (couple, assignment, number from 1 on, unique); for each request
``record`` the event on what is kept, and append the last of the result if there is one more. Forms carry what their
writer saw and hand it back as ``seen``: a clause its ``since``, a signature the ``number`` of the text. Catch
``Stale`` and show both wordings (`word_diff`), with what was typed still in its field; catch the other ``Refused``,
keep the text of their ``event`` and show the page as it is now.

To each clause there are three answers: agree, reword, or talk about it first. Whoever words a clause agrees to it; a
new wording undoes the other's agreement. A signature counts for the text that was signed and no other. Either may
withdraw or reopen at any time, without a reason, and nothing that is shown says who did.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, pairwise
from typing import Final

from portal.access.viewer import Seat
from portal.exercises.mechanics.agreement import ADDED, AgreementSpec
from portal.exercises.mechanics.negotiation_model import (
    NOBODY,
    Agreement,
    Clause,
    Comment,
    Event,
    EventKind,
    Log,
    NotSettled,
    OutOfOrder,
    Signature,
    Stale,
    Status,
    Text,
    Unfit,
    Version,
    Worded,
)

CLAUSES_AT_MOST: Final = 40
NOTE_LENGTH: Final = 1000


def state_of(spec: AgreementSpec, events: Sequence[Event]) -> Agreement:
    """Return what follows from events in their order; raises ``Refused`` if one of them doesn't fit."""
    return list(retold(spec, events))[-1]


def retold(spec: AgreementSpec, events: Sequence[Event]) -> Iterator[Agreement]:
    """Yield how things stood at first and after each event; raises ``Refused`` at one that doesn't fit."""
    agreement = _beginning(spec)
    yield agreement
    for event in events:
        _check(spec, agreement, event)
        agreement = _EFFECTS[event.kind](spec, agreement, event)
        yield agreement


def record(spec: AgreementSpec, events: Sequence[Event], event: Event) -> tuple[Event, ...]:
    """Return the events with one more, or as they were where it asks for what already is.

    A proposed clause without a key gets one. Raises ``OutOfOrder``, ``Unfit``, ``NotSettled`` or ``Stale``.
    """
    agreement = state_of(spec, events)
    if _has_happened(agreement, event):
        return tuple(events)
    if event.kind is EventKind.REVIEW and event.day is not None and event.day <= event.at.date():
        # Asked once only: what was kept on one day must not stop fitting because a clock is set to another zone.
        raise Unfit(event)
    if event.kind is EventKind.PROPOSE:
        keys = (f"{ADDED}{number}" for number in count(1))
        event = replace(event, clause=next(key for key in keys if agreement.clause(key) is None))
    _check(spec, agreement, event)
    return (*events, event)


def endings(spec: AgreementSpec, events: Sequence[Event]) -> tuple[str, ...]:
    """Return a name for each ending so far, oldest first: ``v1``, ``v2`` for versions, ``w1``, … for put away."""
    found: list[str] = []
    away = 0
    for before, after in pairwise(retold(spec, events)):
        if len(after.versions) > len(before.versions):
            found.append(f"v{len(after.versions)}")
        elif after.status is Status.WITHDRAWN is not before.status:
            away += 1
            found.append(f"w{away}")
    return tuple(found)


def allowed(agreement: Agreement) -> frozenset[EventKind]:
    """Return what either partner can do as the text stands; the same for both."""
    logging = {EventKind.KEPT, EventKind.SLIPPED} if agreement.in_force else set()
    return frozenset(_POSSIBLE[agreement.status] | logging)


_POSSIBLE: Final[Mapping[Status, frozenset[EventKind]]] = {
    Status.OPEN: frozenset(EventKind) - {EventKind.REOPEN, EventKind.KEPT, EventKind.SLIPPED},
    Status.SIGNED: frozenset({EventKind.COMMENT, EventKind.REOPEN, EventKind.WITHDRAW}),
    Status.WITHDRAWN: frozenset({EventKind.REOPEN}),
}


def _has_happened(agreement: Agreement, event: Event) -> bool:
    """Say whether an event asks for what already is, as a button pressed twice does."""
    clause = agreement.clause(event.clause)
    match event.kind:
        case EventKind.AGREE | EventKind.REWORD if clause is not None:
            as_it_is = event.kind is EventKind.AGREE or event.text.strip() == clause.text
            return as_it_is and event.seat in clause.agreed and event.seen == clause.since
        case EventKind.TALK if clause is not None:
            return agreement.status is Status.OPEN and event.seat in clause.talk_now
        case EventKind.REVIEW:
            return agreement.status is Status.OPEN and event.day == agreement.text.review_on is not None
        case EventKind.SIGN:
            is_there = agreement.has_signed(event.seat) or agreement.status is Status.SIGNED
            return is_there and event.seen == agreement.text.number
        case EventKind.TAKE_BACK:
            return agreement.status is Status.OPEN and not agreement.has_signed(event.seat)
        case EventKind.REOPEN:
            return agreement.status is Status.OPEN
        case EventKind.WITHDRAW:
            return agreement.status is Status.WITHDRAWN
        case _:
            return False


_ABOUT_CLAUSE: Final = frozenset({EventKind.REWORD, EventKind.AGREE, EventKind.TALK, EventKind.COMMENT})
_SEEN_CLAUSE: Final = frozenset({EventKind.REWORD, EventKind.AGREE})


def _check(spec: AgreementSpec, agreement: Agreement, event: Event) -> None:
    if event.kind not in allowed(agreement):
        raise OutOfOrder(event)
    if not _fits(spec, agreement, event):
        raise Unfit(event)
    clause = agreement.clause(event.clause)
    if event.kind in _SEEN_CLAUSE and clause is not None and clause.since != event.seen:
        seen = tuple(one for one in _text_seen(agreement, event) if one.key == clause.key)
        raise Stale(event, seen=seen, now=(Worded(clause.key, clause.title, clause.text),))
    if event.kind is EventKind.SIGN:
        if event.seen != agreement.text.number:
            raise Stale(event, seen=_text_seen(agreement, event), now=agreement.text.clauses)
        if not agreement.can_be_signed:
            raise NotSettled(event)


def _text_seen(agreement: Agreement, event: Event) -> tuple[Worded, ...]:
    return next((text.clauses for text in agreement.texts if text.number == event.seen), ())


def _fits(spec: AgreementSpec, agreement: Agreement, event: Event) -> bool:
    """Say whether an event has what its kind needs."""
    size = len(event.text.strip())
    if event.kind in _ABOUT_CLAUSE and agreement.clause(event.clause) is None:
        return False
    match event.kind:
        case EventKind.PROPOSE:
            return 0 < size <= spec.clause_max and len(agreement.clauses) < CLAUSES_AT_MOST
        case EventKind.REWORD:
            return size <= spec.clause_max
        case EventKind.COMMENT:
            return 0 < size <= NOTE_LENGTH
        case EventKind.REVIEW:
            return event.day is not None
        case EventKind.KEPT | EventKind.SLIPPED:
            return bool(event.period) and size <= NOTE_LENGTH and _is_in_force(agreement, event.clause)
        case _:
            return True


def _is_in_force(agreement: Agreement, key: str) -> bool:
    clauses = agreement.in_force.text.clauses if agreement.in_force else ()
    return not key or any(clause.key == key and clause.text for clause in clauses)


def _beginning(spec: AgreementSpec) -> Agreement:
    clauses = tuple(
        Clause(key=one.key, title=one.title, prompt=one.prompt, optional=one.optional, text=one.wording)
        for one in spec.clauses
    )
    return Agreement(status=Status.OPEN, clauses=clauses, texts=(_text(1, clauses, None),))


def _text(number: int, clauses: tuple[Clause, ...], review_on: date | None) -> Text:
    worded = tuple(Worded(clause.key, clause.title, clause.text) for clause in clauses)
    return Text(number=number, clauses=worded, review_on=review_on)


def _with(agreement: Agreement, changed: Clause) -> tuple[Clause, ...]:
    return tuple(changed if clause.key == changed.key else clause for clause in agreement.clauses)


def _rewritten(agreement: Agreement, clauses: tuple[Clause, ...], review_on: date | None) -> Agreement:
    text = _text(agreement.text.number + 1, clauses, review_on)
    return replace(agreement, clauses=clauses, texts=(*agreement.texts, text))


def _clause_of(agreement: Agreement, event: Event) -> Clause:
    return {clause.key: clause for clause in agreement.clauses}[event.clause]


def _propose(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec
    clause = Clause(
        key=event.clause,
        title="",
        prompt="",
        optional=True,
        text=event.text.strip(),
        since=agreement.text.number + 1,
        by=event.seat,
        agreed=frozenset({event.seat}),
    )
    return _rewritten(agreement, (*agreement.clauses, clause), agreement.text.review_on)


def _reword(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    clause, words = _clause_of(agreement, event), event.text.strip()
    if words == clause.text:
        return _agree(spec, agreement, event)
    changed = replace(
        clause,
        text=words,
        since=agreement.text.number + 1,
        by=event.seat,
        before=clause.before if clause.by is event.seat else clause.text,
        agreed=frozenset({event.seat}),
        to_talk=clause.to_talk - {event.seat},
        talk_now=NOBODY,
    )
    return _rewritten(agreement, _with(agreement, changed), agreement.text.review_on)


def _agree(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec
    clause = _clause_of(agreement, event)
    changed = replace(
        clause,
        agreed=clause.agreed | {event.seat},
        to_talk=clause.to_talk - {event.seat},
        talk_now=clause.talk_now - {event.seat},
    )
    return replace(agreement, clauses=_with(agreement, changed))


def _talk(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    clause = _clause_of(agreement, event)
    changed = replace(
        clause,
        agreed=clause.agreed - {event.seat},
        to_talk=clause.to_talk | {event.seat},
        talk_now=clause.talk_now | {event.seat},
    )
    return _take_back(spec, replace(agreement, clauses=_with(agreement, changed)), event)


def _comment(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec
    clause = _clause_of(agreement, event)
    comment = Comment(event.seat, event.text.strip(), event.at)
    return replace(agreement, clauses=_with(agreement, replace(clause, comments=(*clause.comments, comment))))


def _review(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec
    return _rewritten(agreement, agreement.clauses, event.day)


def _sign(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    signature = Signature(agreement.text.number, event.at)
    signed = replace(agreement, signatures={**agreement.signatures, event.seat: signature})
    return _signed_by_both(spec, signed, event) if signed.has_signed(event.seat.other) else signed


def _signed_by_both(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    today = event.day or event.at.date()
    named = agreement.text.review_on
    version = Version(
        number=len(agreement.versions) + 1,
        text=agreement.text,
        signed=tuple((seat, agreement.signatures[seat].at) for seat in Seat),
        review_on=named if named is not None and named > today else today + spec.review_after,
    )
    return replace(
        agreement,
        status=Status.SIGNED,
        signatures={},
        versions=(*agreement.versions, version),
        in_force=version,
    )


def _take_back(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec
    others = {seat: one for seat, one in agreement.signatures.items() if seat is not event.seat}
    return replace(agreement, signatures=others)


def _reopen(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    """Open the text again. What was signed stays in force; what was withdrawn has to be agreed on anew."""
    del spec, event
    reopened = replace(agreement, status=Status.OPEN)
    if agreement.status is Status.SIGNED:
        return reopened
    return replace(reopened, clauses=tuple(replace(clause, agreed=NOBODY) for clause in reopened.clauses))


def _withdraw(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    del spec, event
    return replace(agreement, status=Status.WITHDRAWN, signatures={}, in_force=None)


def _log(spec: AgreementSpec, agreement: Agreement, event: Event) -> Agreement:
    """Note how it went; a later note on the same clause and period takes the place of the earlier one."""
    del spec
    log = Log(
        by=event.seat,
        period=event.period,
        clause=event.clause,
        kept=event.kind is EventKind.KEPT,
        note=event.text.strip(),
    )
    place = (log.by, log.period, log.clause)
    others = tuple(one for one in agreement.logs if (one.by, one.period, one.clause) != place)
    return replace(agreement, logs=(*others, log))


_EFFECTS: Final[Mapping[EventKind, Callable[[AgreementSpec, Agreement, Event], Agreement]]] = {
    EventKind.PROPOSE: _propose,
    EventKind.REWORD: _reword,
    EventKind.AGREE: _agree,
    EventKind.TALK: _talk,
    EventKind.COMMENT: _comment,
    EventKind.REVIEW: _review,
    EventKind.SIGN: _sign,
    EventKind.TAKE_BACK: _take_back,
    EventKind.REOPEN: _reopen,
    EventKind.WITHDRAW: _withdraw,
    EventKind.KEPT: _log,
    EventKind.SLIPPED: _log,
}
