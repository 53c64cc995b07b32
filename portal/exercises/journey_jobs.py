"""Lets journeys go on by themselves: when something was sent, and each minute for what opens with time."""

from sqlalchemy import select

from portal.access.scope import Records
from portal.access.viewer import House
from portal.exercises import journey_commands
from portal.exercises.pathway_models import ADVANCE, Journey, JourneyState
from portal.kit.jobs import Jobs
from portal.people.practice_queries import practice_ids


def register(jobs: Jobs, records: Records) -> None:
    """Let a queue look after journeys."""
    jobs.register(
        ADVANCE,
        lambda practice_id, couple_id: advance_couple(records, practice_id=practice_id, couple_id=couple_id),
    )
    jobs.each_minute("journeys", lambda: advance_all(records))


def advance_all(records: Records) -> None:
    """Let every journey of every practice go on that can."""
    for practice_id in practice_ids(records):
        for couple_id in _couples_on_their_way(records, practice_id):
            advance_couple(records, practice_id=practice_id, couple_id=couple_id)


def _couples_on_their_way(records: Records, practice_id: str) -> list[str]:
    with records.within(House(practice_id), read_only=True) as scope:
        query = select(Journey.couple_id).where(Journey.state == JourneyState.RUNNING).distinct()
        return sorted(scope.session.scalars(query))


def advance_couple(records: Records, *, practice_id: str, couple_id: str) -> None:
    """Let the journeys of one couple go on."""
    house = House(practice_id, couples=frozenset({couple_id}))
    with records.within(house) as scope:
        journey_commands.advance_all(scope, couple_id)
