"""Acts out what two people do together on pages of its own: talks, shared texts, plans, ladders, years, journals, cards."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from portal.access.privacy import Audience
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import commands, queries
from portal.exercises.mechanics import journal, ladder, negotiation_model, plan, planning_model, talk_model
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.climb import NotOpen
from portal.exercises.mechanics.negotiation_model import EventKind as TextEvent
from portal.exercises.mechanics.planning_model import (
    Arranger,
    Picked,
    Settled,
    Weekly,
    When,
    Words,
)
from portal.exercises.mechanics.planning_model import EventKind as PlanEvent
from portal.exercises.mechanics.story import event_text, line_text
from portal.exercises.mechanics.talk_model import MoveKind
from portal.exercises.mechanics.timeline_model import EVENT, LINE, START, Event
from portal.exercises.parts import PARTS
from portal.exercises.parts.agreements import commands as texts
from portal.exercises.parts.agreements import queries as text_queries
from portal.exercises.parts.agreements.signed_pages import this_week
from portal.exercises.parts.decks import commands as decks
from portal.exercises.parts.decks import queries as deck_queries
from portal.exercises.parts.journals import commands as journals
from portal.exercises.parts.journals import queries as journal_queries
from portal.exercises.parts.ladders import commands as ladders
from portal.exercises.parts.ladders import queries as ladder_queries
from portal.exercises.parts.ladders.queries import Visit
from portal.exercises.parts.plans import commands as plans
from portal.exercises.parts.plans import queries as plan_queries
from portal.exercises.parts.talk import commands as talks
from portal.exercises.parts.talk import queries as talk_queries
from portal.exercises.parts.timelines import commands as timelines
from portal.exercises.queries import Task
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.people.couple_queries import circle
from portal.sample.stage import BadStory, Play
from portal.sample.story import Act

REFUSALS = (talk_model.Refused, negotiation_model.Refused, planning_model.Refused, NotOpen)
"""What the rules of these parts raise where a deed doesn't fit."""


def begun(play: Play, scope: Scope, act: Act) -> Task:
    """Return the acting partner's task, begun as from its introduction if it wasn't yet."""
    task = play.task(scope, act)
    if task.state is None and task.exercise.is_placed:
        return replace(task, response=commands.begin(scope, task))
    return task


def walk(play: Play, scope: Scope, act: Act) -> Task:
    """Return the walk of one part of an exercise: the round that the act names, or the newest."""
    part = MechanicName(act.part)
    # A week of cards can be answered after it, and then the next week's isn't begun by that.
    task = play.task(scope, act) if part is MechanicName.DECK else begun(play, scope, act)
    name = ROUNDS[part](scope, task, act)
    form = PARTS[part].walk(scope, task, name)
    if form is None:
        raise BadStory(f"day {act.day}, {act.work}: round {name} of {part} can't be walked")
    return queries.aside(scope, task, part, period=name, form=form)


def _talk_round(scope: Scope, task: Task, act: Act) -> str:
    del act  # The newest talk is always meant.
    return max(talk_queries.talks_of(scope, task.assignment.id, circle(scope)))


def _text_round(scope: Scope, task: Task, act: Act) -> str:
    del act  # So is the newest ending.
    return text_queries.shared(scope, task.assignment).endings[-1]


def _ladder_round(scope: Scope, task: Task, act: Act) -> str:
    if not act.about:
        return ladder.READINESS
    found = ladder_queries.ladder_of(scope, task)
    return ladder.period_of(found.spec, act.about, found.times(act.about))


def _plan_round(scope: Scope, task: Task, act: Act) -> str:
    if act.round:
        return act.round
    at = plan_queries.planned(scope, task.assignment, task.exercise, circle(scope))
    last, meeting = at.meetings[0]
    return plan.period_of(last.number, meeting.time)


def _card_round(scope: Scope, task: Task, act: Act) -> str:
    """Return the round in which the card was dealt that an act answers."""
    for dealt in deck_queries.rounds(scope, task.assignment, task.exercise):
        if act.about in {card.key for card in dealt.hand}:
            return dealt.name
    raise BadStory(f"day {act.day}, {act.work}: {act.about} hasn't been dealt")


ROUNDS: Mapping[MechanicName, Callable[[Scope, Task, Act], str]] = {
    MechanicName.DIALOGUE: _talk_round,
    MechanicName.AGREEMENT: _text_round,
    MechanicName.LADDER: _ladder_round,
    MechanicName.PLAN: _plan_round,
    MechanicName.DECK: _card_round,
}


def talk(play: Play, scope: Scope, act: Act) -> None:
    """Make one move in a talk."""
    typed = talks.Typed(writing="", words=act.text)
    done = talks.Act(kind=MoveKind(act.choice), typed=typed, once_key=new_id())
    talks.act(scope, begun(play, scope, act), done)


def agree(play: Play, scope: Scope, act: Act) -> None:
    """Do one thing with a shared text, having seen everything in it as it is."""
    task, kind = begun(play, scope, act), TextEvent(act.choice)
    view = text_queries.shared(scope, task.assignment).view(Seat(act.who))
    since = {clause.key: clause.since for clause in view.clauses}
    today = day_in(play.calendar.zone, scope.now)
    deed = texts.Deed(
        kind=kind,
        clause=act.about,
        text=act.text,
        seen=view.text.number if kind is TextEvent.SIGN else since.get(act.about, 0),
        day=today + timedelta(days=act.ahead) if kind is TextEvent.REVIEW else None,
        period=this_week(today) if kind in {TextEvent.KEPT, TextEvent.SLIPPED} else "",
    )
    texts.act(scope, task, deed, once_key=new_id())


def arrange(play: Play, scope: Scope, act: Act) -> None:
    """Do one thing about the newest plan."""
    task = begun(play, scope, act)
    at = plan_queries.planned(scope, task.assignment, task.exercise, circle(scope))
    last = at.plans[-1] if at.plans else None
    deed = plans.Deed(
        kind=PlanEvent(act.choice),
        plan=last.number if last else 0,
        values={key: _settled(play, act, told) for key, told in act.values.items()},
        seen=last.wording if last else 0,
    )
    plans.act(scope, task, deed, once_key=new_id())


def _settled(play: Play, act: Act, told: Any) -> Settled:
    """Return what a story settles in a plan: words as they are, all else as a small table."""
    match told:
        case str(words):
            return Words(words)
        case {"pick": option}:
            return Picked(option)
        case {"who": seats}:
            return Arranger(frozenset(Seat(seat) for seat in seats))
        case {"weekday": weekday, "at": clock}:
            return Weekly(weekday, time.fromisoformat(clock), play.calendar.zone)
        case {"in_days": days, "from": start, **rest}:
            return When(*(_moment(play, act.day + days, clock) for clock in (start, *rest.values())))
    raise BadStory(f"day {act.day}, {act.work}: nothing that a plan settles: {told!r}")


def _moment(play: Play, day: int, clock: str) -> datetime:
    found = time.fromisoformat(clock)
    return play.calendar.at(day, found.hour, found.minute)


def take(play: Play, scope: Scope, act: Act) -> None:
    """Say that a step of a ladder was taken, once more than before."""
    task = begun(play, scope, act)
    times = ladder_queries.ladder_of(scope, task).times(act.about)
    ladders.take(scope, task, Visit(act.about, times + 1), once_key=new_id())


def stop(play: Play, scope: Scope, act: Act) -> None:
    """Stop on a ladder, without a reason."""
    ladders.stop(scope, begun(play, scope, act))


def tell(play: Play, scope: Scope, act: Act) -> None:
    """Draw the years and send them. Years are told as so many before the story's end."""
    task, this_year = begun(play, scope, act), play.calendar.at(act.day, 12).year
    told = dict(act.values)
    line = {this_year - int(ago): near for ago, near in told.pop("line").items()}
    events = [
        Event(year=this_year - each.pop("ago"), **each) for each in (dict(one) for one in told.pop("events"))
    ]
    values = {
        START: this_year - told.pop("start"),
        LINE: line_text(line),
        **{f"{EVENT}{number}": event_text(event) for number, event in enumerate(events, start=1)},
        **told,
    }
    timelines.keep(scope, task, values, mark=None)
    timelines.send(scope, play.task(scope, act), once_key=new_id())


def write(play: Play, scope: Scope, act: Act) -> None:
    """Write a new entry of a journal, which follows the question that the act is about, or none."""
    task = begun(play, scope, act)
    spec = journal_queries.spec_of(task.exercise)
    place = [item.key for item in spec.prompts].index(act.about or journal.OPEN)
    taken = {entry.name for entry in journal_queries.my_entries(scope, task)}
    name = journal_queries.new_name(scope, task, place, taken)
    values = {act.about or journal.OPEN: act.text, **act.values}
    kept = commands.keep_draft(scope, journal_queries.entry_task(scope, task, name), values, revision=None)
    if kept.errors:
        raise BadStory(f"day {act.day}, {act.work}: {kept.errors}")


def show(play: Play, scope: Scope, act: Act) -> None:
    """Share the newest entry of a journal."""
    task = begun(play, scope, act)
    newest = journal_queries.my_entries(scope, task)[0]
    journals.share(scope, task, newest.name, audience=Audience(act.to), mark=newest.mark)


def card(play: Play, scope: Scope, act: Act) -> None:
    """Add a card to a couple's deck, as its therapist."""
    decks.add_card(scope, play.assignments[act.work], act.text)
