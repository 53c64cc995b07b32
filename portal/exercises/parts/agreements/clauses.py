"""A shared text clause by clause as one partner's page shows it: what stands there, and what there is to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.access.viewer import Seat
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.negotiation_model import Status
from portal.exercises.mechanics.negotiation_view import ClauseView, Stance, View
from portal.kit.word_diff import Change, Span, word_diff
from portal.web.translate import _
from portal.web.visibility import Names


class State(StrEnum):
    """How a clause stands for one partner."""

    SETTLED = "settled"
    LEFT_OUT = "left-out"
    """Both agree that it isn't part of the text."""
    IDEA = "idea"
    """Nobody has taken it up, and nobody has to."""
    TO_ANSWER = "to-answer"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Said:
    """A remark beside a clause."""

    name: str
    seat: Seat
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """One clause on one partner's page. ``place`` is its position among all, from 1, and stands in addresses."""

    place: int
    number: int | None
    """Its number in the text; none where it isn't part of it."""
    key: str
    title: str
    prompt: str
    text: str
    spans: tuple[Span, ...]
    """The words with what changed about them, where the other has changed them; else empty."""
    before: str
    """The words before, where the other has put quite different ones in their place; else empty."""
    state: State
    says: str
    """How it stands, in a sentence."""
    talk: str
    """Who would rather talk about it first, in a sentence; empty where nobody would."""
    suggested_by: Seat | None
    """Who suggests what is to be answered, where it is the other."""
    said: tuple[Said, ...]
    idea: str
    """A first wording for a clause that nobody has taken up."""
    since: int

    @property
    def heading(self) -> str:
        """The title, or what stands for one where the two added the clause themselves."""
        return self.title or _("A clause of your own")


def shown(view: View, spec: AgreementSpec, names: Names, *, seat: Seat) -> tuple[Shown, ...]:
    """Return all clauses for one partner's page, in their order. ``spec`` has prompts and ideas in their language."""
    help_for = {each.key: (each.prompt, each.suggestion) for each in spec.clauses}
    found = []
    number = 0
    for place, clause in enumerate(view.clauses, start=1):
        state = _state(clause)
        is_in_text = state not in {State.LEFT_OUT, State.IDEA}
        number += is_in_text
        found.append(
            _shown(
                clause, state, names, help_for, seat=seat, place=place, number=number if is_in_text else None
            )
        )
    return tuple(found)


def _shown(
    clause: ClauseView,
    state: State,
    names: Names,
    help_for: Mapping[str, tuple[str, str]],
    *,
    seat: Seat,
    place: int,
    number: int | None,
) -> Shown:
    prompt, idea = help_for.get(clause.key, ("", ""))
    other = names.partner or _("Your partner")
    is_theirs = state is State.TO_ANSWER and clause.by is seat.other
    spans = _spans(clause) if is_theirs else ()
    return Shown(
        place=place,
        number=number,
        key=clause.key,
        title=clause.title,
        prompt=prompt,
        text=clause.text,
        spans=spans,
        before=clause.before if is_theirs and not spans else "",
        state=state,
        says=_says(clause, state, other, seat),
        talk=_talk(clause, other),
        suggested_by=seat.other if is_theirs else None,
        said=said(clause, names, seat=seat),
        idea=idea if state is State.IDEA else "",
        since=clause.since,
    )


def _state(clause: ClauseView) -> State:
    if clause.is_settled:
        if clause.text:
            return State.SETTLED
        return State.LEFT_OUT if clause.is_needed else State.IDEA
    return State.TO_ANSWER if clause.is_open_to_answer else State.ANSWERED


def _spans(clause: ClauseView) -> tuple[Span, ...]:
    """Return the words with what changed; nothing where hardly a word was kept, which would be hard to read."""
    if not clause.before or clause.before == clause.text:
        return ()
    spans = word_diff(clause.before, clause.text)
    kept = sum(len(span.text.strip()) for span in spans if span.change is Change.KEPT)
    return spans if not clause.text or kept * 4 >= len(clause.before) else ()


def _says(clause: ClauseView, state: State, other: str, seat: Seat) -> str:
    match state:
        case State.SETTLED:
            return _("Settled")
        case State.LEFT_OUT:
            return _("You have both left this out")
        case State.IDEA:
            return ""
        case State.TO_ANSWER:
            return _asks(clause, other, seat)
        case State.ANSWERED:
            return _waits(clause, seat)


def _asks(clause: ClauseView, other: str, seat: Seat) -> str:
    if clause.by is None:
        return _("A suggestion to begin with.") if clause.text else _("No words stand here yet.")
    if clause.by is seat:
        return _("These are your words. Do they still fit?") if clause.text else _("Is it to be left out?")
    if not clause.text:
        return _("%(name)s suggests leaving this out.", name=other)
    if clause.before:
        return _("%(name)s suggests this change.", name=other)
    return _("%(name)s suggests these words.", name=other)


def _waits(clause: ClauseView, seat: Seat) -> str:
    if clause.own is Stance.TALK:
        return ""
    if clause.by is not seat:
        return _("You agree. It is settled once you both do.")
    if not clause.text:
        return _("You suggest leaving this out. It is settled once you both agree.")
    return _("Your words. They are settled once you both agree.")


def _talk(clause: ClauseView, other: str) -> str:
    if clause.own is Stance.TALK:
        return _("You would like to talk about this first.")
    return _("%(name)s would like to talk about this first.", name=other) if clause.to_talk else ""


def said(clause: ClauseView, names: Names, *, seat: Seat) -> tuple[Said, ...]:
    """Return the remarks beside a clause, oldest first, each with who made it."""
    other = names.partner or _("Your partner")
    return tuple(
        Said(_("You") if each.by is seat else other, each.by, each.text, each.at) for each in clause.comments
    )


def in_text(clauses: Sequence[Shown]) -> tuple[Shown, ...]:
    """Return the clauses that are part of the text, or are about to be."""
    return tuple(each for each in clauses if each.number is not None)


def next_to_answer(clauses: Sequence[Shown], view: View, *, at: int | None = None) -> Shown | None:
    """Return the clause that is open in front of a partner: the one asked for, or the first to be answered."""
    if view.status is not Status.OPEN:
        return None
    open_ones = [each for each in clauses if each.state is State.TO_ANSWER]
    return next((each for each in open_ones if each.place == at), open_ones[0] if open_ones else None)
