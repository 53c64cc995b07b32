"""Clauses are worded and agreed on, both sign the same text, and nobody's hesitation shows."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.exercises.mechanics import agreement
from portal.exercises.mechanics.negotiation import CLAUSES_AT_MOST, allowed, endings, record, state_of
from portal.exercises.mechanics.negotiation_model import (
    Event,
    EventKind,
    NotSettled,
    OutOfOrder,
    Refused,
    Stale,
    Status,
    Unfit,
)
from portal.exercises.mechanics.negotiation_view import Stance, asks, changes, revision, visible_to
from portal.kit.word_diff import Change
from tests.exercises.test_mechanics_agreement import TEXT
from tests.exercises.turns import NOW, A, B, at, spec_of

K = EventKind
SPEC = spec_of(agreement, TEXT)


def then(events, seat, kind, clause="", text="", minutes=None, **more):
    """Do one thing, having seen everything as it is."""
    state = state_of(SPEC, events)
    own = state.clause(clause)
    seen = more.pop("seen", own.since if own and kind is not K.SIGN else state.text.number)
    minutes = len(events) if minutes is None else minutes
    return record(SPEC, events, Event(seat, kind, clause, text, at(minutes), seen, **more))


def settled():
    events = then((), A, K.REWORD, "length", "Twenty minutes.")
    for seat, key in ((B, "length"), (A, "pause"), (B, "pause")):
        events = then(events, seat, K.AGREE, key)
    return events


def signed():
    return then(then(settled(), A, K.SIGN), B, K.SIGN)


def seen(events, seat):
    return visible_to(state_of(SPEC, events), seat)


def clause(events, seat, key):
    return next(one for one in seen(events, seat).clauses if one.key == key)


def test_a_text_begins_with_the_clauses_of_the_exercise():
    view = seen((), A)

    assert [(one.key, one.text, one.is_needed, one.is_settled) for one in view.clauses] == [
        ("pause", "We say pause.", True, False),
        ("length", "", True, False),
        ("phones", "", False, True),
    ]
    assert not view.can_be_signed
    assert view.status is Status.OPEN


def test_whoever_words_a_clause_agrees_to_it_and_the_other_has_to():
    events = then((), A, K.REWORD, "length", " Twenty minutes. ")

    assert clause(events, A, "length").own is Stance.AGREED
    assert clause(events, B, "length").own is Stance.NONE
    assert clause(events, B, "length").by is A
    events = then(events, B, K.AGREE, "length")
    assert clause(events, A, "length").is_settled
    assert clause(events, A, "length").text == "Twenty minutes."


def test_a_new_wording_undoes_the_others_agreement():
    events = then(settled(), A, K.REWORD, "pause", "We make a sign.")

    assert clause(events, B, "pause").own is Stance.NONE
    assert not seen(events, B).can_be_signed


def test_wording_a_clause_as_it_is_means_agreeing():
    events = then((), A, K.REWORD, "pause", "We say pause.")

    assert clause(events, A, "pause").own is Stance.AGREED
    assert state_of(SPEC, events).text.number == 1


def test_talking_about_it_first_is_a_third_answer_that_both_see():
    events = then(then((), A, K.AGREE, "pause"), B, K.TALK, "pause")
    assert clause(events, A, "pause").to_talk
    assert clause(events, B, "pause").own is Stance.TALK

    reworded = then(events, A, K.REWORD, "pause", "We both say pause.")
    assert clause(reworded, A, "pause").to_talk
    agreed = then(reworded, B, K.AGREE, "pause")
    assert not clause(agreed, A, "pause").to_talk
    assert clause(agreed, A, "pause").is_settled


def test_new_words_ask_whoever_wanted_to_talk_for_an_answer_again():
    events = then((), B, K.TALK, "pause")
    assert clause(events, B, "pause").is_answered
    assert then(events, B, K.TALK, "pause") == events

    events = then(events, A, K.REWORD, "pause", "We both say pause.")
    assert clause(events, B, "pause").own is Stance.TALK
    assert clause(events, B, "pause").is_open_to_answer
    again = then(events, B, K.TALK, "pause")
    assert not clause(again, B, "pause").is_open_to_answer
    assert clause(again, A, "pause").to_talk


def test_what_stood_before_is_what_the_other_had_left_there():
    events = then(then((), A, K.REWORD, "pause", "We make a T."), A, K.REWORD, "pause", "We make a big T.")
    assert clause(events, B, "pause").before == "We say pause."

    events = then(events, B, K.REWORD, "pause", "We wave.")
    assert clause(events, A, "pause").before == "We make a big T."


def test_a_text_asks_to_be_begun_answered_and_signed_and_then_rests():
    assert asks(seen((), A))
    answered = then(then((), A, K.REWORD, "length", "An hour."), A, K.AGREE, "pause")
    assert not asks(seen(answered, A))
    assert asks(seen(answered, B))
    assert asks(seen(settled(), A))
    assert not asks(seen(then(settled(), A, K.SIGN), A))
    assert not asks(seen(signed(), B))


def test_a_text_of_which_nothing_is_needed_asks_to_be_begun():
    ideas = spec_of(agreement, TEXT.replace(
        'prompt = "How do you call it?"', 'prompt = "How do you call it?"\noptional = true'
    ).replace('prompt = "How long is it?"', 'prompt = "How long is it?"\noptional = true'))  # fmt: skip

    assert asks(visible_to(state_of(ideas, ()), A))


def test_each_ending_has_a_name_of_its_own():
    events = then(then(signed(), A, K.WITHDRAW), B, K.REOPEN)
    for key in ("pause", "length"):
        for seat in (A, B):
            events = then(events, seat, K.AGREE, key)
    events = then(then(events, A, K.SIGN), B, K.SIGN)

    assert endings(SPEC, events) == ("v1", "w1", "v2")
    assert endings(SPEC, then(events, B, K.WITHDRAW))[-1] == "w2"


def test_a_signature_counts_from_the_day_on_which_it_was_given_where_the_two_live():
    day = at(0).date() - timedelta(days=1)
    events = then(then(settled(), A, K.SIGN, day=day), B, K.SIGN, day=day)

    assert seen(events, A).in_force.review_on == day + timedelta(days=30)


def test_a_day_of_review_fits_for_good_once_it_was_chosen():
    day = at(0).date() + timedelta(days=1)
    events = then((), A, K.REVIEW, day=day)

    moved = replace(events[0], at=events[0].at + timedelta(days=2))
    assert state_of(SPEC, [moved]).text.review_on == day


def test_wanting_to_talk_takes_ones_signature_back():
    events = then(then(settled(), A, K.SIGN), A, K.TALK, "pause")

    assert seen(events, A).own_signature is None


def test_a_clause_that_is_wanted_by_nobody_can_be_left_out_by_both():
    events = then(then((), A, K.REWORD, "pause", ""), B, K.AGREE, "pause")

    assert clause(events, A, "pause").is_settled
    assert clause(events, A, "pause").text == ""


def test_clauses_of_ones_own_get_a_key_and_need_both():
    events = then(then(settled(), A, K.PROPOSE, text="No shouting."), B, K.PROPOSE, text="A hug.")

    assert [one.key for one in seen(events, A).clauses][-2:] == ["added_1", "added_2"]
    assert clause(events, B, "added_1").is_needed
    assert not seen(events, A).can_be_signed


def test_an_idea_that_was_taken_up_needs_both_and_one_that_was_not_needs_nobody():
    events = then(settled(), B, K.REWORD, "phones", "None at meals.")

    assert not seen(events, A).can_be_signed
    assert seen(then(events, A, K.AGREE, "phones"), A).can_be_signed
    assert not seen(then(settled(), A, K.TALK, "phones"), B).can_be_signed


def test_comments_are_read_by_both():
    events = then((), A, K.COMMENT, "pause", "I like this one.")

    assert [one.text for one in clause(events, B, "pause").comments] == ["I like this one."]


def test_a_text_holds_once_both_have_signed_the_same_one():
    events = signed()
    version = seen(events, A).in_force

    assert version.number == 1
    assert [seat for seat, _ in version.signed] == [A, B]
    assert version.review_on == at(0).date() + timedelta(days=30)
    assert [one.text for one in version.text.clauses] == ["We say pause.", "Twenty minutes.", ""]
    assert seen(events, B).status is Status.SIGNED


def test_nothing_shows_of_a_signature_an_agreement_or_a_note_that_stands_alone():
    before = settled()
    alone = then(before, A, K.SIGN)
    assert seen(alone, B) == seen(before, B)
    assert revision(SPEC, alone, B) == revision(SPEC, before, B)
    assert revision(SPEC, alone, A) == revision(SPEC, before, A) + 1
    assert seen(alone, A).own_signature is not None

    assert seen(then((), A, K.AGREE, "pause"), B) == seen((), B)
    logged = then(signed(), A, K.SLIPPED, "pause", "on Monday", period="2026-W45")
    assert seen(logged, B) == seen(signed(), B)


def test_a_signature_can_be_taken_back_as_long_as_it_stands_alone():
    events = then(then(settled(), A, K.SIGN), A, K.TAKE_BACK)

    assert seen(then(events, B, K.SIGN), A).in_force is None
    assert then(events, A, K.TAKE_BACK) == events
    with pytest.raises(OutOfOrder):
        then(signed(), A, K.TAKE_BACK)


def test_signing_a_text_that_has_changed_meanwhile_shows_both_texts():
    before = settled()
    number = state_of(SPEC, before).text.number
    events = then(then(before, B, K.REWORD, "pause", "We say stop."), A, K.AGREE, "pause")

    with pytest.raises(Stale) as caught:
        then(events, A, K.SIGN, seen=number)
    assert caught.value.seen[0].text == "We say pause."
    assert caught.value.now[0].text == "We say stop."


def test_a_signature_under_an_older_text_does_not_count():
    events = then(settled(), A, K.SIGN)
    events = then(then(events, B, K.REWORD, "pause", "We say stop."), A, K.AGREE, "pause")
    events = then(events, B, K.SIGN)

    assert seen(events, B).in_force is None
    assert seen(events, A).own_signature.number < seen(events, A).text.number
    assert seen(then(events, A, K.SIGN), B).in_force is not None


@pytest.mark.parametrize("kind", [K.AGREE, K.REWORD])
def test_answering_a_clause_that_has_changed_meanwhile_shows_both_wordings(kind):
    events = then((), B, K.REWORD, "pause", "We say stop.")

    with pytest.raises(Stale) as caught:
        then(events, A, kind, "pause", "my wording", seen=1)
    assert caught.value.event.text == "my wording"
    assert [one.text for one in caught.value.seen] == ["We say pause."]
    assert [one.text for one in caught.value.now] == ["We say stop."]


def test_a_form_that_saw_nothing_we_know_is_told_so():
    with pytest.raises(Stale) as caught:
        then((), A, K.AGREE, "pause", seen=99)
    assert caught.value.seen == ()


def test_a_change_elsewhere_does_not_make_a_clause_old():
    events = then((), B, K.REWORD, "length", "An hour.")

    assert then(events, A, K.AGREE, "pause", seen=1)


def test_a_text_is_not_signed_before_all_of_it_is_settled_or_when_it_is_empty():
    with pytest.raises(NotSettled):
        then((), A, K.SIGN)
    empty = ()
    for key in ("pause", "length"):
        empty = then(then(empty, A, K.REWORD, key, ""), B, K.REWORD, key, "")
    with pytest.raises(NotSettled):
        then(empty, A, K.SIGN)


def test_the_day_of_review_is_part_of_what_is_signed():
    day = at(0).date() + timedelta(days=10)
    events = then(then(settled(), A, K.SIGN), B, K.REVIEW, day=day)

    assert seen(events, A).text.review_on == day
    events = then(then(events, A, K.SIGN), B, K.SIGN)
    assert seen(events, A).in_force.review_on == day


def test_a_day_of_review_that_has_passed_by_the_signing_is_replaced():
    events = then(settled(), B, K.REVIEW, day=at(0).date() + timedelta(days=1))
    later = 60 * 24 * 3
    events = then(then(events, A, K.SIGN, minutes=later), B, K.SIGN, minutes=later)

    assert seen(events, A).in_force.review_on == at(later).date() + timedelta(days=30)


@pytest.mark.parametrize("who", [A, B])
def test_either_can_reopen_and_what_was_signed_holds_until_the_next_is(who):
    events = then(signed(), who, K.REOPEN)
    assert seen(events, A).status is Status.OPEN
    assert seen(events, A).in_force.number == 1

    events = then(then(events, who, K.REWORD, "pause", "We make a T."), who.other, K.AGREE, "pause")
    events = then(then(events, A, K.SIGN), B, K.SIGN)
    first, second = seen(events, A).versions
    assert (seen(events, A).in_force, second.number) == (second, 2)
    changed = [one for one in changes(first.text, second.text) if one.is_changed]
    assert [one.key for one in changed] == ["pause"]
    assert [(span.change, span.text) for span in changed[0].spans] == [
        (Change.KEPT, "We "),
        (Change.REMOVED, "say pause"),
        (Change.ADDED, "make a T"),
        (Change.KEPT, "."),
    ]


def test_a_new_clause_is_all_new_among_the_changes():
    before = state_of(SPEC, ()).text
    after = state_of(SPEC, then((), A, K.PROPOSE, text="A hug.")).text

    assert changes(before, after)[-1].spans[0].change is Change.ADDED


@pytest.mark.parametrize("events", [(), settled(), signed()])
def test_either_can_withdraw_at_any_time_and_nothing_says_who(events):
    by_a, by_b = then(events, A, K.WITHDRAW), then(events, B, K.WITHDRAW)

    assert seen(by_a, A) == seen(by_b, A)
    assert seen(by_a, A).in_force is None
    assert seen(by_a, A).choices == {K.REOPEN}
    assert then(by_a, B, K.WITHDRAW) == by_a


def test_what_was_withdrawn_is_agreed_on_anew():
    events = then(then(signed(), A, K.WITHDRAW), B, K.REOPEN)

    assert {one.own for one in seen(events, A).clauses} == {Stance.NONE}
    assert not seen(events, A).can_be_signed
    assert len(seen(events, A).versions) == 1


def test_buttons_pressed_twice_do_nothing_twice():
    events = then(settled(), A, K.SIGN)

    assert then(events, A, K.SIGN) == events
    assert then(signed(), B, K.SIGN) == signed()
    reopened = then(signed(), B, K.REOPEN)
    assert then(reopened, A, K.REOPEN) == reopened


def test_how_it_went_is_noted_by_period_and_the_later_note_counts():
    events = then(signed(), A, K.KEPT, "pause", period="2026-W45")
    events = then(events, A, K.SLIPPED, "pause", "once", period="2026-W45")
    events = then(events, A, K.KEPT, "", period="2026-W46")
    events = then(events, B, K.KEPT, "pause", period="2026-W45")

    assert [(log.period, log.clause, log.kept) for log in seen(events, A).own_logs] == [
        ("2026-W45", "pause", False),
        ("2026-W46", "", True),
    ]
    assert len(state_of(SPEC, events).logs) == 3


@pytest.mark.parametrize(
    ("kind", "key", "text", "more"),
    [
        (K.PROPOSE, "", "", {}),
        (K.PROPOSE, "", "x" * 201, {}),
        (K.REWORD, "pause", "x" * 201, {}),
        (K.REWORD, "gone", "words", {}),
        (K.COMMENT, "pause", " ", {}),
        (K.COMMENT, "pause", "x" * 1001, {}),
        (K.TALK, "", "", {}),
        (K.REVIEW, "", "", {}),
        (K.REVIEW, "", "", {"day": date(2026, 11, 1)}),
    ],
)
def test_what_an_event_needs_has_to_be_there(kind, key, text, more):
    with pytest.raises(Unfit) as caught:
        then((), A, kind, key, text, **more)
    assert caught.value.event.text == text


@pytest.mark.parametrize(("key", "period"), [("pause", ""), ("phones", "2026-W45"), ("gone", "2026-W45")])
def test_only_what_holds_can_be_kept(key, period):
    with pytest.raises(Unfit):
        then(signed(), A, K.KEPT, key, period=period)
    with pytest.raises(OutOfOrder):
        then((), A, K.KEPT, key, period=period)


def test_a_text_does_not_grow_without_end():
    events = ()
    for _ in range(CLAUSES_AT_MOST - len(SPEC.clauses)):
        events = then(events, A, K.PROPOSE, text="One more.")
    with pytest.raises(Unfit):
        then(events, A, K.PROPOSE, text="One too many.")


def test_a_signed_text_is_changed_only_after_it_was_reopened():
    with pytest.raises(OutOfOrder):
        then(signed(), A, K.REWORD, "pause", "Quietly something else.")


def test_times_are_aware_and_events_that_never_fitted_are_noticed():
    with pytest.raises(ValueError, match="aware"):
        Event(A, K.SIGN, "", "", datetime(2026, 11, 1))  # noqa: DTZ001 - that is the mistake.
    with pytest.raises(Refused):
        state_of(SPEC, [Event(A, K.KEPT, "", "", NOW)])


WORDS = st.sampled_from(["", "Yes.", "We say pause.", "x" * 300])
KEYS = st.sampled_from(["pause", "length", "phones", "added_1", "gone", ""])


class TwoPartnersAgree(RuleBasedStateMachine):
    """Two partners who do anything from pages of any age."""

    def __init__(self):
        super().__init__()
        self.events = ()
        self.state = state_of(SPEC, ())
        self.views = {A: seen((), A), B: seen((), B)}
        self.pages = dict(self.views)
        self.versions = ()

    @rule(seat=st.sampled_from([A, B]))
    def look(self, seat):
        self.pages[seat] = self.views[seat]

    @rule(
        seat=st.sampled_from([A, B]),
        kind=st.sampled_from(list(K)),
        key=KEYS,
        text=WORDS,
        days=st.integers(-1, 40),
    )
    def press_anything(self, seat, kind, key, text, days):
        page = self.pages[seat]
        own = {one.key: one.since for one in page.clauses}
        number = page.text.number if kind is K.SIGN else own.get(key, 0)
        day = NOW.date() + timedelta(days=days)
        self.attempt(Event(seat, kind, key, text, at(len(self.events)), number, day, "2026-W45"))

    @precondition(lambda self: len(self.events) < 40)
    @rule(first=st.sampled_from([A, B]))
    def agree_on_everything_and_sign(self, first):
        for kind in (K.WITHDRAW, K.REOPEN):
            self.attempt(Event(first, kind, "", "", at(len(self.events))))
        for seat in (first, first.other):
            for one in self.state.clauses:
                words = one.text or "Something."
                now = self.state.clause(one.key)
                self.attempt(Event(seat, K.REWORD, one.key, words, at(len(self.events)), now.since))
        for seat in (first, first.other):
            number = self.state.text.number
            self.attempt(Event(seat, K.SIGN, "", "", at(len(self.events)), number))
        assert self.state.status is Status.SIGNED

    def attempt(self, event):
        before = self.state
        try:
            self.events = record(SPEC, self.events, event)
            self.state = state_of(SPEC, self.events)
        except Refused as refused:
            self.check_refusal(refused, before, event)
        self.check_what_the_other_sees(event, before)
        self.views = {seat: visible_to(self.state, seat) for seat in (A, B)}

    def check_refusal(self, refused, before, event):
        assert refused.event.text == event.text
        if isinstance(refused, OutOfOrder):
            assert event.kind not in allowed(before)
        if isinstance(refused, Stale):
            assert refused.now

    def check_what_the_other_sees(self, event, before):
        """Whatever stays one-sided changes nothing for the other."""
        after = self.state
        is_one_sided = event.kind in {K.SIGN, K.TAKE_BACK, K.KEPT, K.SLIPPED} and len(after.versions) == len(
            before.versions
        )
        settled_before, settled_after = (
            [one.is_settled for one in state.clauses] for state in (before, after)
        )
        if is_one_sided or (event.kind is K.AGREE and settled_before == settled_after):
            talk = [bool(one.to_talk) for one in before.clauses] == [
                bool(one.to_talk) for one in after.clauses
            ]
            assert not talk or visible_to(after, event.seat.other) == self.views[event.seat.other]

    @invariant()
    def versions_are_signed_by_both_and_never_change(self):
        found = self.state.versions
        assert found[: len(self.versions)] == self.versions
        for version in found:
            assert [seat for seat, _ in version.signed] == [A, B]
            assert any(one.text for one in version.text.clauses)
        self.versions = found

    @invariant()
    def a_lone_signature_is_on_nobody_elses_page(self):
        state = self.state
        for seat in (A, B):
            others = {key: one for key, one in state.signatures.items() if key is seat}
            assert visible_to(state, seat) == visible_to(replace(state, signatures=others), seat)

    @invariant()
    def either_can_step_out_or_come_back(self):
        state = self.state
        assert allowed(state) & {K.WITHDRAW, K.REOPEN}
        assert (state.in_force is None) or state.status is not Status.WITHDRAWN

    @invariant()
    def what_holds_is_what_was_signed_last(self):
        state = self.state
        assert state.in_force in {None, *state.versions[-1:]}
        if state.status is Status.SIGNED:
            assert state.in_force.text == state.text


TwoPartnersAgree.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
test_two_partners_with_pages_of_any_age = TwoPartnersAgree.TestCase
