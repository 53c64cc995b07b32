"""What two partners are both open to: worked out by the house, and kept where either of them may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from portal.access.scope import Scope
from portal.exercises.domain import Exercise
from portal.exercises.mechanics import overlap
from portal.exercises.mechanics.base import MechanicName, Sent
from portal.exercises.mechanics.overlap import OverlapSpec
from portal.exercises.models import Answer, Assignment, OverlapMatch, Response, ResponseState
from portal.questionnaires.model import Value


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that both are open to: an option or a step, at the lower of two levels, and until when."""

    option: str
    level: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Choices:
    """What one partner has sent and not taken back, as the house reads it."""

    sent: Sent
    values: dict[str, Value]


def lock(scope: Scope, assignment: Assignment) -> None:
    """Let nobody else compare lists or add events in an assignment until the commit, and see it as it is now.

    Call it before anything of the other partner is read: a yes that is being taken back at this moment must not be
    read from before. SQLite lets one transaction write at a time anyway; PostgreSQL locks the row.
    """
    query = scope.select(Assignment).where(Assignment.id == assignment.id)
    # Rows that point to the assignment hold a weaker lock on it: a full one would wait for them, and they for it.
    scope.one(query.with_for_update(key_share=True).execution_options(populate_existing=True))


def choices(
    house: Scope, assignment: Assignment, part: MechanicName, *, period: str | None = None
) -> list[Choices]:
    """Return what each of the two has sent in a round, or newest in all rounds; nothing for who has sent nothing.

    Their order is the same whoever asks. Reads as the house: what comes of it is kept with ``put``, and nothing else.
    """
    query = house.select(Response).where(
        Response.assignment_id == assignment.id,
        Response.part == part,
        Response.state == ResponseState.SENT,
    )
    if period is not None:
        query = query.where(Response.period == period)
    newest = {each.author_id: each for each in house.all(query.order_by(Response.sent_at, Response.id))}
    answers = house.select(Answer).where(Answer.response_id.in_(sorted(each.id for each in newest.values())))
    values: dict[str, dict[str, Value]] = {author_id: {} for author_id in newest}
    for each in house.all(answers):
        values[each.author_id][each.item] = each.value
    return [
        Choices(Sent(response.sent_at), values[author_id])
        for author_id, response in sorted(newest.items())
        if response.sent_at is not None
    ]


def put(house: Scope, assignment: Assignment, found: Sequence[Shared]) -> bool:
    """Write anew what both are open to, in this order; say whether it is anything. It is the same whoever acted."""
    house.session.execute(delete(OverlapMatch).where(OverlapMatch.assignment_id == assignment.id))
    house.add_all(
        [
            OverlapMatch(
                couple_id=assignment.couple_id,
                assignment_id=assignment.id,
                option=each.option,
                level=each.level,
                position=position,
                until=each.until,
            )
            for position, each in enumerate(found)
        ]
    )
    return bool(found)


def compare_lists(scope: Scope, assignment: Assignment, exercise: Exercise) -> bool:
    """Keep what the two lists of an overlap have in common now; say whether it is anything.

    Of somebody who answered in several rounds the newest list counts, and replaces the earlier ones whole.
    """
    spec = exercise.spec(OverlapSpec)
    if spec is None:
        return False
    lock(scope, assignment)
    house = scope.as_house(assignment.couple_id)
    both = choices(house, assignment, MechanicName.OVERLAP)
    if len(both) < 2:
        return put(house, assignment, ())
    until = min(each.sent.at for each in both) + spec.expires
    lists = [overlap.standing(spec, each.values, sent=each.sent, now=house.now) for each in both]
    found = overlap.matches(spec, *lists)
    return put(house, assignment, [Shared(each.option_key, each.level, until) for each in found])
