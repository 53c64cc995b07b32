"""What the review of a timeline shows a therapist: one partner's years as they come in, both in one drawing."""

from collections.abc import Mapping
from typing import Any

from portal.access.scope import Scope
from portal.exercises.parts.timelines import queries
from portal.exercises.parts.timelines.pages import together
from portal.exercises.parts.timelines.queries import spec_of
from portal.exercises.review_queries import Work
from portal.people.couple_queries import Circle


def review(scope: Scope, work: Work, people: Circle) -> Mapping[str, Any] | None:
    """Return what was sent, round by round, newest first; None while nothing was."""
    spec = spec_of(work.exercise)
    entries = queries.told(scope, work.assignment, spec)
    if not entries:
        return None
    rounds = []
    for period in dict.fromkeys(each.period for each in reversed(entries)):
        authors = {each.author_id for each in entries if each.period == period}
        shown = [person for person in (people.a, people.b) if person.account_id in authors]
        rounds.append(
            together(spec, entries, people, period=period, shown=shown)
            | {"is_open": queries.is_open(scope, entries, period)}
        )
    return {"rounds": rounds}
