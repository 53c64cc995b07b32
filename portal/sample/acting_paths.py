"""Acts out what happens around exercises: pathways that are armed and go on, and the sessions of a couple."""

from datetime import timedelta

from portal.access.scope import Scope
from portal.exercises import journey_commands
from portal.exercises.journey_commands import Arming
from portal.exercises.journey_jobs import advance_couple
from portal.exercises.journey_queries import journeys_of, way_of
from portal.exercises.pathway import pathways
from portal.exercises.pathway_models import SessionState
from portal.kit.ids import new_id
from portal.sample.stage import Play
from portal.sample.story import Act

SESSION_MINUTES = 60


def arm(play: Play, scope: Scope, act: Act) -> None:
    """Put the couple on its way through a pathway."""
    arming = Arming(couple_id=play.couple_id, left_out=act.left_out)
    journey = journey_commands.arm(scope, pathways()[act.pathway], arming, once_key=new_id())
    play.journeys[act.work] = journey.id
    _remember(play, scope)


def morning(play: Play, scope: Scope, act: Act) -> None:
    """Let the couple's pathways go on, which nobody does: the portal's own job does it."""
    del act  # It happens to all of them.
    advance_couple(play.records, practice_id=scope.practice_id, couple_id=play.couple_id)
    _remember(play, scope)


def _remember(play: Play, scope: Scope) -> None:
    """Note under which names the story goes on with what has opened: those of the work that armed it and the step."""
    names = {journey_id: work for work, journey_id in play.journeys.items()}
    for row in journeys_of(scope, play.couple_id):
        way = way_of(scope, row)
        for position, assignment in way.assignments.items():
            play.assignments[f"{names[row.id]}/{way.pathway.steps[position].key}"] = assignment.id


def plan_session(play: Play, scope: Scope, act: Act) -> None:
    """Settle when the next session ends, some days ahead at the same hour."""
    ends = play.calendar.at(act.day + act.ahead, act.at.hour, act.at.minute)
    row = journey_commands.plan_session(
        scope,
        play.couple_id,
        starts_at=ends - timedelta(minutes=SESSION_MINUTES),
        minutes=SESSION_MINUTES,
        once_key=new_id(),
    )
    play.sessions[act.work] = row.id


def hold_session(play: Play, scope: Scope, act: Act) -> None:
    """Say that a session was held."""
    journey_commands.mark_session(scope, play.sessions[act.work], state=SessionState.HELD)
