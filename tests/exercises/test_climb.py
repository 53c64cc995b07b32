"""Steps open only when both are ready, close at once, and never say why."""

from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.access.privacy import Audience
from portal.exercises.mechanics import ladder
from portal.exercises.mechanics.base import Sent
from portal.exercises.mechanics.climb import (
    Common,
    Event,
    EventKind,
    NotOpen,
    Opening,
    Rating,
    alone,
    common,
    open_step,
    openings,
    ratings_from,
    record,
    step_back,
    stop,
    to_begin_with,
    view,
    within_reach,
)
from tests.exercises.test_mechanics_ladder import OPENED, SOLO, TOGETHER
from tests.exercises.turns import NOW, A, B, spec_of

SPEC = spec_of(ladder, TOGETHER)
GUIDED = spec_of(ladder, OPENED)
ALONE = spec_of(ladder, SOLO, Audience.PRIVATE)
DAY = timedelta(days=1)
DONE_LOOK = (Event(EventKind.DONE, "look", NOW),)


def rated(day=0, **levels):
    return {step: Rating(level, NOW + day * DAY) for step, level in levels.items()}


def opened(ours, theirs, history=(), day=0, spec=SPEC):
    return open_step(spec, ours, theirs, history, now=NOW + day * DAY)


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("ready", "ready", "ready"),
        ("ready", "maybe", "maybe"),
        ("maybe", "ready", "maybe"),
        ("maybe", "maybe", "maybe"),
    ],
)
def test_a_step_opens_at_the_level_of_the_more_careful_one(ours, theirs, level):
    assert opened(rated(look=ours), rated(look=theirs)) == Opening("look", level)


CLOSED = {
    "unanswered": {},
    "refused": rated(look="not_now"),
    "run out": rated(-14, look="ready"),
    "withdrawn": step_back(SPEC, rated(look="ready"), "look"),
    "stopped": stop(rated(look="ready")),
    "not yet": rated(1, look="ready"),
    "unknown": rated(look="gone"),
}


@pytest.mark.parametrize("why", CLOSED)
@pytest.mark.parametrize("ours", ["ready", "maybe"])
def test_why_a_step_is_not_scheduled_can_not_be_told(why, ours):
    own = rated(look=ours)
    seen = view(SPEC, common(SPEC, own, CLOSED[why], now=NOW), (), now=NOW)

    assert seen == view(SPEC, (), (), now=NOW)
    assert seen == view(SPEC, common(SPEC, CLOSED[why], own, now=NOW), (), now=NOW)


def test_nobody_climbs_over_a_step():
    both = rated(look="ready", hands="ready", back="ready")

    assert opened(both, both) == Opening("look", "ready")
    assert opened(both, both, DONE_LOOK) == Opening("hands", "ready")
    assert within_reach(SPEC, DONE_LOOK) == ("look", "hands")


def test_stepping_back_leaves_the_easier_steps_and_stopping_leaves_none():
    both = rated(look="ready", hands="maybe")
    back = step_back(SPEC, both, "hands")

    assert opened(both, both, DONE_LOOK) == Opening("hands", "maybe")
    assert opened(back, both, DONE_LOOK) == Opening("look", "ready")
    assert opened(both, stop(both), DONE_LOOK) is None
    with pytest.raises(KeyError):
        step_back(SPEC, both, "gone")


def test_consent_runs_out_with_the_earlier_of_the_two():
    early, late = rated(0, look="ready"), rated(5, look="ready")

    assert opened(early, late, day=13) == Opening("look", "ready")
    assert opened(early, late, day=14) is None
    assert common(SPEC, early, late, now=NOW + 6 * DAY) == (Common("look", "ready", NOW + 14 * DAY),)


def test_what_was_kept_as_common_closes_by_itself_when_it_runs_out():
    kept = common(SPEC, rated(look="ready"), rated(look="ready"), now=NOW)

    assert openings(SPEC, kept, (), now=NOW + 13 * DAY)
    assert not openings(SPEC, kept, (), now=NOW + 14 * DAY)


def test_a_rating_that_has_run_out_is_not_given_again_by_sending_the_page():
    own = rated(-14, look="ready") | rated(hands="not_now")

    assert to_begin_with(SPEC, own, now=NOW) == {"ready_hands": "not_now"}


def test_ratings_are_read_from_the_answers_that_were_sent():
    answers = {"ready_look": "maybe", "ready_hands": {"declined": True}, "worry": "no"}

    assert ratings_from(SPEC, answers, sent=Sent(NOW)) == rated(look="maybe")
    assert ratings_from(SPEC, answers, sent=None) == {}


def test_where_the_therapist_opens_steps_consent_alone_opens_none_and_looks_no_different():
    both = rated(look="ready")
    opening = record(GUIDED, (), (), Event(EventKind.OPENED, "look", NOW))
    closing = record(GUIDED, (), opening, Event(EventKind.CLOSED, "look", NOW))

    assert opened(both, both, spec=GUIDED) is None
    assert opened(both, both, opening, spec=GUIDED) == Opening("look", "ready")
    assert opened(both, both, closing, spec=GUIDED) is None
    assert view(GUIDED, common(GUIDED, both, {}, now=NOW), opening, now=NOW) == view(
        GUIDED, common(GUIDED, both, both, now=NOW), closing, now=NOW
    )


def test_a_step_is_repeated_as_often_as_the_exercise_says():
    assert within_reach(GUIDED, DONE_LOOK) == ("look",)
    assert within_reach(GUIDED, DONE_LOOK * 2) == ("look", "hands")


def test_at_the_top_every_step_stays_within_reach():
    history = tuple(Event(EventKind.DONE, step.key, NOW) for step in SPEC.steps)

    assert within_reach(SPEC, history) == ("look", "hands", "back")


def test_only_an_open_step_can_be_taken():
    shared = common(SPEC, rated(look="ready"), rated(look="ready"), now=NOW)

    assert record(SPEC, shared, (), Event(EventKind.DONE, "look", NOW)) == DONE_LOOK
    for event in (
        Event(EventKind.DONE, "hands", NOW),
        Event(EventKind.DONE, "look", NOW + 14 * DAY),
        Event(EventKind.OPENED, "look", NOW),
    ):
        with pytest.raises(NotOpen) as caught:
            record(SPEC, shared, (), event)
        assert caught.value.event is event
    with pytest.raises(NotOpen):
        record(GUIDED, (), (), Event(EventKind.OPENED, "gone", NOW))


def test_the_time_of_an_event_is_aware():
    with pytest.raises(ValueError, match="aware"):
        Event(EventKind.DONE, "look", datetime(2026, 11, 1))  # noqa: DTZ001 - that is the mistake.


def test_on_a_ladder_of_ones_own_ones_own_readiness_opens_steps_without_an_end():
    own = alone(ALONE, rated(look="maybe"), now=NOW + 900 * DAY)

    assert own == (Common("look", "maybe", None),)
    assert view(ALONE, own, (), now=NOW + 900 * DAY).current == Opening("look", "maybe")


STEPS = st.sampled_from([step.key for step in SPEC.steps])
SEATS = st.sampled_from([A, B])


class TwoPartnersClimb(RuleBasedStateMachine):
    """Two partners who rate, refuse, take back and stop, beside a second world in which each does so differently.

    In the second world a partner who isn't open to a step got there in another way: by refusing where they took
    back in the first, by silence where it ran out. What either sees has to be the same in both worlds.
    """

    def __init__(self):
        super().__init__()
        self.spec = SPEC
        self.now = NOW
        self.ratings = {A: {}, B: {}}
        self.twin = {A: {}, B: {}}
        self.history = ()

    @initialize(guided=st.booleans())
    def choose_ladder(self, guided):
        self.spec = GUIDED if guided else SPEC

    @rule(seat=SEATS, step=STEPS, level=st.sampled_from(["ready", "maybe"]))
    def be_open_to(self, seat, step, level):
        rating = Rating(level, self.now)
        self.ratings[seat] = self.ratings[seat] | {step: rating}
        self.twin[seat] = self.twin[seat] | {step: rating}

    @rule(seat=SEATS, step=STEPS, ways=st.tuples(*[st.sampled_from(["refuse", "silence", "long ago"])] * 2))
    def close(self, seat, step, ways):
        self.ratings[seat] = self.closed(self.ratings[seat], step, ways[0])
        self.twin[seat] = self.closed(self.twin[seat], step, ways[1])

    def closed(self, ratings, step, way):
        others = {key: one for key, one in ratings.items() if key != step}
        match way:
            case "refuse":
                return others | {step: Rating("not_now", self.now)}
            case "long ago":
                return others | {step: Rating("ready", self.now - timedelta(days=400))}
            case _:
                return others

    @rule(seat=SEATS, step=STEPS)
    def step_back(self, seat, step):
        """Step back in one world; in the other refuse every step from there on."""
        self.ratings[seat] = step_back(self.spec, self.ratings[seat], step)
        for harder in self.spec.steps[self.spec.index(step) :]:
            self.twin[seat] = self.closed(self.twin[seat], harder.key, "refuse")

    @rule(seat=SEATS)
    def stop(self, seat):
        self.ratings[seat] = stop(self.ratings[seat])
        for step in self.spec.steps:
            self.twin[seat] = self.closed(self.twin[seat], step.key, "long ago")
        assert self.seen(self.ratings).current is None

    @rule(step=STEPS)
    def say_it_was_done(self, step):
        levels = {rung.step: rung.level for rung in self.seen(self.ratings).rungs}
        self.add(EventKind.DONE, step, is_possible=levels[step] is not None)

    @precondition(lambda self: self.history or self.ratings[A])
    @rule(step=STEPS, kind=st.sampled_from([EventKind.OPENED, EventKind.CLOSED]))
    def therapist_decides(self, step, kind):
        self.add(kind, step, is_possible=self.spec is GUIDED)

    def add(self, kind, step, *, is_possible):
        event = Event(kind, step, self.now)
        shared = self.shared(self.ratings)
        if is_possible:
            self.history = record(self.spec, shared, self.history, event)
            return
        with pytest.raises(NotOpen):
            record(self.spec, shared, self.history, event)

    @rule(days=st.sampled_from([1, 13, 14]))
    def let_time_pass(self, days):
        kept = self.shared(self.ratings)
        self.now += days * DAY
        again = view(self.spec, kept, self.history, now=self.now)
        assert again == self.seen(self.ratings)

    def shared(self, ratings):
        return common(self.spec, ratings[A], ratings[B], now=self.now)

    def seen(self, ratings):
        return view(self.spec, self.shared(ratings), self.history, now=self.now)

    @invariant()
    def both_worlds_look_the_same(self):
        assert self.shared(self.ratings) == self.shared(self.twin)
        mixed = {A: self.ratings[A], B: self.twin[B]}
        assert self.seen(self.ratings) == self.seen(self.twin) == self.seen(mixed)

    @invariant()
    def only_what_both_want_now_is_open(self):
        for rung in self.seen(self.ratings).rungs:
            if rung.level is None:
                continue
            assert rung.is_within_reach
            for seat in (A, B):
                own = self.ratings[seat][rung.step]
                assert own.level in {"ready", rung.level}
                assert own.at <= self.now < own.at + self.spec.expires


TwoPartnersClimb.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
test_two_partners_on_a_ladder = TwoPartnersClimb.TestCase
