"""The whole twelve-week pathway: two partners, their therapist, and a clock that is moved on day by day."""

from collections import Counter
from datetime import date, timedelta

import pytest

from portal.access.scope import Scope
from portal.exercises import journey_commands, queries
from portal.exercises.journey import Wait
from portal.exercises.journey_commands import Arming
from portal.exercises.journey_jobs import advance_all
from portal.exercises.journey_queries import facts_of, journeys_of, outlooks, sessions_of, way_of
from portal.exercises.models import Whom
from portal.exercises.pathway import pathways
from portal.exercises.pathway_models import JourneyState, SessionState, StepState, TherapySession
from portal.exercises.shelf import library
from portal.kit.clock import day_in
from portal.reports.base import Copy
from portal.reports.progress import Wanted, gather
from tests.exercises.doing import ZONE
from tests.exercises.playing import Hand, play
from tests.factories import Pair
from tests.portal_app import Site, Sites, furnish

TWELVE = "twelve-weeks"
APOLOGY = "repair-script"
MOST_DAYS = 150
DAY = timedelta(days=1)


def open_gates(scope: Scope, pair: Pair) -> None:
    """Open, as the therapist, every gate that waits for the therapist and for nothing before it."""
    row = journeys_of(scope, pair.couple_id)[0]
    way = way_of(scope, row)
    for position, found in outlooks(way, facts_of(scope, way)).items():
        if Wait.THERAPIST in found.waits and Wait.EARLIER_STEP not in found.waits:
            journey_commands.open_gate(scope, row.id, position, seen=row.revision)


def meet(scope: Scope, pair: Pair, *, day: int) -> None:
    """Hold a session each week, and write the next one down."""
    if day % 7 != 0:
        return
    for session in [each for each in planned(scope, pair) if each.starts_at <= scope.now]:
        journey_commands.mark_session(scope, session.id, state=SessionState.HELD)
    journey_commands.plan_session(
        scope, pair.couple_id, starts_at=scope.now + 6 * DAY, minutes=50, once_key=f"session-{day}"
    )
    journey_commands.advance_all(scope, pair.couple_id)


def planned(scope: Scope, pair: Pair) -> list[TherapySession]:
    """Return the sessions that were written down and of which nothing has become yet."""
    return [each for each in sessions_of(scope, pair.couple_id) if each.state == SessionState.PLANNED]


def hands(site: Site, pair: Pair, given: str, slug: str) -> tuple[Hand, ...]:
    """Return the browsers of those whom an exercise asks: both of them, apart from who apologizes."""
    exercise = library()[slug]
    first = Hand(site.sign_in_as(pair.a), given, "Quince and lantern light", exercise)
    if slug == APOLOGY:
        return (first,)
    return (first, Hand(site.sign_in_as(pair.b), given, "Marram grass by the jetty", exercise))


@pytest.mark.slow
def test_both_partners_go_all_the_way_and_the_report_lists_it(sites: Sites) -> None:
    site = sites.empty()
    pair = furnish(site.records)[0]
    begun = day_in(ZONE, site.clock.now())
    with site.records.within(pair.therapist) as scope:
        arming = Arming(couple_id=pair.couple_id, whom={"sorry": Whom.A})
        journey_commands.arm(scope, pathways()[TWELVE], arming, once_key="way")
    done: Counter[str] = Counter()
    rounds = {step.exercise: step.times for step in pathways()[TWELVE].steps}
    for day in range(1, MOST_DAYS):
        with site.records.within(pair.therapist) as scope:
            meet(scope, pair, day=day)
            open_gates(scope, pair)
        for given, slug in to_do(site, pair):
            # Small habits go on for as long as they like; they are kept here as often as the pathway asks for.
            if done[given] < rounds[slug]:
                play(site, library()[slug], hands(site, pair, given, slug), site.sign_in_as(pair.therapist))
                done[given] += 1
        site.clock.move_to(site.clock.now() + DAY)
        advance_all(site.records)
        if state(site, pair) == JourneyState.FINISHED:
            break
    with site.app.test_request_context(), site.records.within(pair.therapist, read_only=True) as scope:
        way = way_of(scope, journeys_of(scope, pair.couple_id)[0])
        assert [step.state for step in way.steps] == [StepState.DONE] * len(way.steps)
        report = gather(scope, wanted(pair, Copy.CLINICIAN, begun, day_in(ZONE, scope.now)))
        joint = gather(scope, wanted(pair, Copy.JOINT, begun, day_in(ZONE, scope.now)))
    assert report.pathways[0].startswith("Twelve weeks, begun 19 November: 26 of 26 steps")
    titles = {library()[step.exercise].title for step in pathways()[TWELVE].steps}
    assert titles <= {one.title for one in report.exercises}
    assert joint.pathways == ()


def to_do(site: Site, pair: Pair) -> list[tuple[str, str]]:
    """Return what partner a has open today and hasn't begun: assignment and exercise."""
    with site.records.within(pair.a, read_only=True) as scope:
        tasks = queries.my_tasks(scope, seat=pair.a.seat, today=day_in(ZONE, scope.now))  # type: ignore[arg-type]
        return [(task.assignment.id, task.assignment.slug) for task in tasks if task.state is None]


def state(site: Site, pair: Pair) -> str:
    with site.records.within(pair.therapist, read_only=True) as scope:
        return journeys_of(scope, pair.couple_id)[0].state


def wanted(pair: Pair, copy: Copy, first: date, last: date) -> Wanted:
    return Wanted(couple_id=pair.couple_id, copy=copy, first=first, last=last)
