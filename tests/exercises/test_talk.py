"""Taking turns: whose turn it is, what was said, and rests and ends that ask nobody for a reason."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.exercises.mechanics import dialogue
from portal.exercises.mechanics.talk import allowed, play, state_of
from portal.exercises.mechanics.talk_model import (
    CARE,
    WRITTEN,
    Ending,
    Move,
    MovedOn,
    MoveKind,
    NotYourTurn,
    OutOfOrder,
    Phase,
    Refused,
    UnfitText,
)
from portal.exercises.mechanics.talk_view import (
    Expectation,
    is_asked,
    is_quiet,
    time_left,
    turns_of,
    visible_to,
)
from tests.exercises.test_mechanics_dialogue import ASK, BACK, CONFIRM, HEAD, SAY, TALK, TOGETHER
from tests.exercises.turns import AFTERWARDS, NOW, A, B, at, spec_of

K = MoveKind
VALIDATE = ASK.replace("ask", "validate").replace("Ask", "Validate")
SPEC = spec_of(dialogue, TALK)
SHARED = spec_of(
    dialogue,
    TALK.replace('topic = "own"', 'topic = "shared"')
    .replace('first_speaker = "choice"', 'first_speaker = "a"')
    .replace(TOGETHER, VALIDATE + ASK),
)
PIECES = spec_of(
    dialogue,
    HEAD.replace("rounds = 1", "rounds = 1\npieces = 2\nswap = false") + SAY + BACK + CONFIRM + AFTERWARDS,
)


def told(spec, *steps):
    """Play steps such as ``(A, K.SAY)`` a minute apart, with a text where one is needed."""
    moves = ()
    for minute, (seat, kind, *rest) in enumerate(steps):
        text = rest[0] if rest else f"words {minute}" if kind in WRITTEN else ""
        moves = play(spec, moves, Move(seat, kind, text, at(minute)))
    return moves


def then(spec, moves, seat, kind, text="", minutes=500, **more):
    seen = more.pop("seen", None)
    return play(spec, moves, Move(seat, kind, text, at(minutes), **more), seen=seen)


HALF = [(A, K.SAY), (B, K.SAY_BACK), (A, K.YES)]
OTHER_HALF = [(B, K.SAY), (A, K.SAY_BACK), (B, K.YES)]
WHOLE = [(A, K.SPEAK_FIRST), *HALF, *OTHER_HALF, (B, K.SAY), (A, K.SAY)]


def test_a_whole_talk_goes_through_both_halves_and_ends_with_both():
    moves = told(SPEC, *WHOLE)
    talk = state_of(SPEC, moves)

    assert talk.ending is Ending.COMPLETE
    assert talk.phase is Phase.OVER
    assert [(turn.by, turn.half) for turn in turns_of(SPEC, moves)] == [
        *[(A, 1), (B, 1), (A, 1)],
        *[(B, 2), (A, 2), (B, 2)],
        *[(B, 2), (A, 2)],
    ]
    assert all(visible_to(SPEC, moves, seat).expected is Expectation.AFTERWARDS for seat in (A, B))
    assert allowed(SPEC, moves, A) == frozenset()


def test_whoever_wants_to_speak_first_does_and_wanting_to_listen_leaves_it_to_the_other():
    moves = told(SPEC, (B, K.LISTEN_FIRST))

    assert visible_to(SPEC, moves, A).other_would_listen
    assert K.LISTEN_FIRST not in allowed(SPEC, moves, B)
    assert visible_to(SPEC, moves, A).expected is Expectation.FIRST
    both = told(SPEC, (B, K.LISTEN_FIRST), (A, K.LISTEN_FIRST), (B, K.SPEAK_FIRST))
    assert state_of(SPEC, both).speaker is B
    assert visible_to(SPEC, both, B).is_speaker
    with pytest.raises(OutOfOrder):
        then(SPEC, both, A, K.SPEAK_FIRST)


def test_the_listener_waits_and_the_speaker_writes_then_they_change():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    expected = [visible_to(SPEC, moves, seat).expected for seat in (A, B)]
    assert expected == [Expectation.WRITE, Expectation.LISTEN]

    moves = then(SPEC, moves, A, K.SAY, "I was tired.")
    expected = [visible_to(SPEC, moves, seat).expected for seat in (A, B)]
    assert expected == [Expectation.LISTEN, Expectation.WRITE]

    moves = then(SPEC, moves, B, K.SAY_BACK, "You were tired.")
    assert visible_to(SPEC, moves, A).expected is Expectation.CONFIRM


def test_putting_it_right_goes_back_to_saying_back_and_is_counted():
    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY), (B, K.SAY_BACK), (A, K.CLARIFY))
    assert visible_to(SPEC, moves, B).round == 2
    assert visible_to(SPEC, moves, B).stage.key == "back"

    moves = then(SPEC, moves, B, K.SAY_BACK, "So you were sad.")
    view = visible_to(SPEC, moves, A)
    assert view.may_leave_it
    assert {K.YES, K.CLARIFY, K.LET_BE} <= view.choices
    assert [turn.round for turn in view.turns] == [1, 1, 1, 2]

    left = then(SPEC, moves, A, K.LET_BE)
    assert state_of(SPEC, left).speaker is B
    assert state_of(SPEC, left).round == 1


def test_it_is_not_suggested_to_leave_it_before_it_was_put_right_often_enough():
    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY), (B, K.SAY_BACK))

    assert not visible_to(SPEC, moves, A).may_leave_it
    with pytest.raises(OutOfOrder):
        then(SPEC, moves, A, K.LET_BE)


def test_a_shared_topic_is_settled_by_both_before_anybody_speaks():
    moves = told(SHARED, (A, K.TOPIC, "Sundays"))
    assert visible_to(SHARED, moves, B).expected is Expectation.TOPIC
    assert K.AGREE_TOPIC not in allowed(SHARED, moves, A)

    moves = then(SHARED, moves, B, K.TOPIC, " Our Sundays ")
    moves = then(SHARED, moves, A, K.AGREE_TOPIC)
    talk = state_of(SHARED, moves)
    assert (talk.topic, talk.speaker, talk.phase) == ("Our Sundays", A, Phase.TURNS)
    assert turns_of(SHARED, moves) == ()
    with pytest.raises(UnfitText):
        then(SHARED, (), A, K.TOPIC, "x" * 121)


def test_validating_and_asking_follow_where_the_exercise_has_them():
    half = [(A, K.SAY), (B, K.SAY_BACK), (A, K.YES), (B, K.VALIDATE), (B, K.ASK)]
    other = [(seat.other, kind) for seat, kind in half]
    moves = told(SHARED, (B, K.TOPIC), (A, K.AGREE_TOPIC), *half, *other)

    assert state_of(SHARED, moves).ending is Ending.COMPLETE


def test_a_speaker_may_say_another_piece_or_hand_over():
    moves = told(PIECES, (B, K.SPEAK_FIRST), (B, K.SAY), (A, K.SAY_BACK), (B, K.YES))

    assert {K.SAY, K.HAND_OVER} <= allowed(PIECES, moves, B)
    assert state_of(PIECES, then(PIECES, moves, B, K.HAND_OVER)).ending is Ending.COMPLETE
    more = then(PIECES, moves, B, K.SAY, "And then")
    assert turns_of(PIECES, more)[-1].piece == 2
    more = then(PIECES, more, A, K.SAY_BACK, "Then")
    assert state_of(PIECES, then(PIECES, more, B, K.YES)).ending is Ending.COMPLETE


def test_what_is_not_ones_turn_is_refused_kindly_with_its_text():
    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY))

    with pytest.raises(NotYourTurn) as caught:
        then(SPEC, moves, A, K.SAY_BACK, "a whole page")
    assert caught.value.move.text == "a whole page"
    with pytest.raises(OutOfOrder):
        then(SPEC, moves, A, K.SAY, "more")


def test_a_page_from_before_the_talk_went_on_is_told_so():
    """Two windows: a yes to a sentence that has been replaced must not count for the new one."""
    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY), (B, K.SAY_BACK))
    before = visible_to(SPEC, moves, A).place
    moves = then(SPEC, moves, A, K.CLARIFY, "no, rather sad")
    moves = then(SPEC, moves, B, K.SAY_BACK, "rather sad")

    with pytest.raises(MovedOn):
        then(SPEC, moves, A, K.YES, seen=before)
    assert then(SPEC, moves, A, K.YES, seen=visible_to(SPEC, moves, A).place)


def test_a_rest_in_between_does_not_make_a_page_old():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    place = visible_to(SPEC, moves, A).place
    moves = then(SPEC, then(SPEC, moves, B, K.PAUSE), B, K.RESUME)

    assert then(SPEC, moves, A, K.SAY, "kept", seen=place)[-1].text == "kept"


def test_who_would_rather_listen_does_not_make_the_others_page_old():
    """Both press something at the same moment, before anybody speaks."""
    moves = told(SPEC, (A, K.LISTEN_FIRST))

    assert state_of(SPEC, then(SPEC, moves, B, K.SPEAK_FIRST, seen=0)).speaker is B


def test_where_both_write_at_once_neither_is_too_late():
    moves = told(SPEC, *WHOLE[:-2])
    seen = visible_to(SPEC, moves, A).place
    moves = then(SPEC, moves, B, K.SAY, "thanks", seen=seen)

    with pytest.raises(NotYourTurn):
        then(SPEC, moves, B, K.SAY, "from another window", seen=seen)
    assert state_of(SPEC, then(SPEC, moves, A, K.SAY, "you too", seen=seen)).ending is Ending.COMPLETE


def test_what_is_written_has_one_name_until_it_is_done():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    name = visible_to(SPEC, moves, A).writing
    assert name
    assert visible_to(SPEC, moves, B).writing == ""
    paused = then(SPEC, moves, B, K.PAUSE)
    assert visible_to(SPEC, paused, A).writing == name

    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY), (B, K.SAY_BACK), (A, K.CLARIFY))
    assert visible_to(SPEC, moves, B).writing not in {name, visible_to(SPEC, moves[:2], B).writing}
    topic = visible_to(SHARED, (), A).writing
    assert visible_to(SHARED, told(SHARED, (B, K.TOPIC, "Sundays")), A).writing == topic != ""


def test_nobody_is_asked_twice_for_one_thing():
    def asked(spec, moves):
        return [is_asked(state_of(spec, moves), seat) for seat in (A, B)]

    assert asked(SPEC, ()) == [True, True]
    assert asked(SPEC, told(SPEC, (A, K.LISTEN_FIRST))) == [False, True]
    assert asked(SPEC, told(SPEC, (A, K.LISTEN_FIRST), (B, K.LISTEN_FIRST))) == [True, True]
    assert asked(SHARED, told(SHARED, (A, K.TOPIC, "Sundays"))) == [False, True]
    assert asked(SPEC, told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY))) == [False, True]
    assert asked(SPEC, told(SPEC, (A, K.SPEAK_FIRST), (B, K.PAUSE))) == [False, False]
    assert asked(SPEC, told(SPEC, (A, K.END))) == [True, True]


@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
def test_a_text_has_to_be_there_and_fit(text):
    with pytest.raises(UnfitText):
        then(SPEC, told(SPEC, (A, K.SPEAK_FIRST)), A, K.SAY, text)


def test_times_are_aware():
    with pytest.raises(ValueError, match="aware"):
        Move(A, K.PAUSE, "", datetime(2026, 11, 1))  # noqa: DTZ001 - that is the mistake.
    with pytest.raises(ValueError, match="aware"):
        Move(A, K.PAUSE, "", NOW, datetime(2026, 11, 1))  # noqa: DTZ001 - that is the mistake.


@pytest.mark.parametrize("who", [A, B])
def test_either_can_pause_in_anybodys_turn_and_either_can_go_on(who):
    moves = told(SPEC, (A, K.SPEAK_FIRST), (who, K.PAUSE))

    assert {visible_to(SPEC, moves, seat).expected for seat in (A, B)} == {Expectation.REST}
    assert K.SAY not in allowed(SPEC, moves, A)
    with pytest.raises(OutOfOrder):
        then(SPEC, moves, A, K.SAY, "not while we rest")
    resumed = then(SPEC, moves, who.other, K.RESUME)
    assert K.SAY in allowed(SPEC, resumed, A)


def test_who_paused_or_ended_a_talk_is_on_nobodys_page():
    begun = told(SPEC, (A, K.SPEAK_FIRST), (A, K.SAY))
    for kind in (K.PAUSE, K.RESUME, K.END):
        by_a, by_b = (then(SPEC, begun, seat, kind) for seat in (A, B))
        for seat in (A, B):
            assert visible_to(SPEC, by_a, seat) == visible_to(SPEC, by_b, seat)


def test_a_time_to_return_is_named_by_one_and_agreed_on_by_the_other():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    moves = then(SPEC, moves, A, K.PAUSE, minutes=10, back_at=at(60))
    assert visible_to(SPEC, moves, B).back_at == at(60)
    assert not visible_to(SPEC, moves, B).back_is_agreed
    assert K.AGREE_RETURN not in allowed(SPEC, moves, A)

    moves = then(SPEC, moves, B, K.RETURN, minutes=11, back_at=at(90))
    assert K.AGREE_RETURN not in allowed(SPEC, moves, B)
    moves = then(SPEC, moves, A, K.AGREE_RETURN, minutes=12, back_at=at(90))
    view = visible_to(SPEC, moves, B)
    assert (view.back_at, view.back_is_agreed) == (at(90), True)
    assert K.AGREE_RETURN not in allowed(SPEC, moves, A)
    assert K.RESUME in view.choices


def test_nobody_agrees_to_a_time_that_their_page_did_not_show():
    moves = then(SPEC, told(SPEC, (A, K.SPEAK_FIRST)), A, K.PAUSE, minutes=10, back_at=at(30))
    shown = visible_to(SPEC, moves, B)
    moves = then(SPEC, moves, A, K.RETURN, minutes=11, back_at=at(24 * 60))

    for named in (shown.back_at, None):
        with pytest.raises(MovedOn):
            then(SPEC, moves, B, K.AGREE_RETURN, minutes=12, back_at=named, seen=shown.place)
    assert not visible_to(SPEC, moves, B).back_is_agreed
    moves = then(SPEC, moves, B, K.AGREE_RETURN, minutes=13, back_at=at(24 * 60), seen=shown.place)
    assert visible_to(SPEC, moves, B).back_is_agreed


def test_a_time_that_was_agreed_on_before_moves_named_it_still_stands():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    moves = then(SPEC, moves, A, K.PAUSE, minutes=10, back_at=at(60))

    assert state_of(SPEC, (*moves, Move(B, K.AGREE_RETURN, "", at(11)))).pause.is_agreed


@pytest.mark.parametrize("back_at", [None, at(5), at(10)])
def test_a_time_to_return_lies_ahead(back_at):
    moves = then(SPEC, (), A, K.PAUSE, minutes=1)
    with pytest.raises(UnfitText):
        then(SPEC, moves, B, K.RETURN, minutes=10, back_at=back_at)


def test_pausing_resuming_and_ending_twice_is_the_same_as_once():
    paused = then(SPEC, (), A, K.PAUSE)
    ended = then(SPEC, paused, B, K.END)

    assert then(SPEC, paused, B, K.PAUSE) == paused
    assert then(SPEC, (), B, K.RESUME) == ()
    assert state_of(SPEC, ended).ending is Ending.STOPPED
    for kind in CARE:
        assert then(SPEC, ended, A, kind, seen=99) == ended


def test_leaving_at_the_kind_words_still_is_a_whole_talk():
    moves = told(SPEC, *WHOLE[:-1])

    assert visible_to(SPEC, moves, B).expected is Expectation.LISTEN
    assert state_of(SPEC, then(SPEC, moves, B, K.END)).ending is Ending.COMPLETE


def test_a_pause_with_a_time_that_has_passed_is_a_pause():
    moves = then(SPEC, (), A, K.PAUSE, minutes=10, back_at=at(5))

    assert visible_to(SPEC, moves, B).is_paused
    assert visible_to(SPEC, moves, B).back_at is None


def test_a_timer_runs_from_its_start_stands_in_a_rest_and_ends_at_nothing():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    assert time_left(state_of(SPEC, ()), NOW) is None
    assert not time_left(state_of(SPEC, moves), NOW).is_running

    moves = then(SPEC, moves, A, K.START, minutes=10)
    left = time_left(state_of(SPEC, moves), at(12))
    assert (left.total, left.left, left.is_running) == (timedelta(minutes=5), timedelta(minutes=3), True)
    assert K.START not in allowed(SPEC, moves, A)

    moves = then(SPEC, moves, B, K.PAUSE, minutes=13)
    left = time_left(state_of(SPEC, moves), at(100))
    assert (left.left, left.is_running) == (timedelta(minutes=2), False)

    moves = then(SPEC, moves, B, K.RESUME, minutes=100)
    assert time_left(state_of(SPEC, moves), at(101)).left == timedelta(minutes=1)
    over = time_left(state_of(SPEC, moves), at(500))
    assert (over.left, over.is_running) == (timedelta(), False)
    assert then(SPEC, moves, A, K.SAY, "a late word", minutes=600)


def test_a_clock_that_was_set_back_gives_the_whole_time_and_no_more():
    moves = then(SPEC, told(SPEC, (A, K.SPEAK_FIRST)), A, K.START, minutes=10)

    assert time_left(state_of(SPEC, moves), at(1)).left == timedelta(minutes=5)
    back = then(SPEC, then(SPEC, moves, A, K.PAUSE, minutes=12), A, K.RESUME, minutes=11)
    assert time_left(state_of(SPEC, back), at(12)).left == timedelta(minutes=3)


def test_a_new_stage_has_a_timer_of_its_own():
    moves = told(SPEC, (A, K.SPEAK_FIRST), (A, K.START), (A, K.SAY))

    assert state_of(SPEC, moves).timer is None
    assert time_left(state_of(SPEC, moves), NOW) is None


def test_a_talk_is_quiet_for_both_alike_after_a_while_and_never_before_it_began_or_after_it_ended():
    moves = told(SPEC, (A, K.SPEAK_FIRST))
    much_later = at(60 * 48)

    assert not is_quiet(SPEC, (), much_later)
    assert not is_quiet(SPEC, moves, at(60 * 48 - 1))
    assert is_quiet(SPEC, moves, much_later)
    assert not is_quiet(SPEC, then(SPEC, moves, A, K.END, minutes=1), much_later)
    resting = then(SPEC, moves, A, K.PAUSE, minutes=1, back_at=at(60 * 24))
    assert not is_quiet(SPEC, resting, at(60 * 70))
    assert is_quiet(SPEC, resting, at(60 * 72))


def test_moves_that_never_fitted_are_noticed_when_told_again():
    with pytest.raises(Refused):
        state_of(SPEC, [Move(A, K.SAY, "out of nowhere", NOW)])


class TwoPartnersTalk(RuleBasedStateMachine):
    """Two partners who press anything at any moment, in three exercises at once chance picks one of."""

    def __init__(self):
        super().__init__()
        self.spec = SPEC
        self.moves = ()
        self.minute = 0
        self.kept = []
        self.pages = {A: 0, B: 0}
        self.times = {A: None, B: None}
        """The time to go on that each partner's page shows, however old it is."""

    @precondition(lambda self: not self.moves)
    @rule(spec=st.sampled_from([SPEC, SHARED, PIECES]))
    def choose_exercise(self, spec):
        self.spec = spec
        self.pages = {A: 0, B: 0}

    @rule(seat=st.sampled_from([A, B]))
    def look(self, seat):
        view = visible_to(self.spec, self.moves, seat)
        self.pages[seat], self.times[seat] = view.place, view.back_at

    @rule(seat=st.sampled_from([A, B]), minutes=st.integers(1, 90))
    def name_a_time(self, seat, minutes):
        """Rest, and say until when; or say so anew."""
        is_paused = state_of(self.spec, self.moves).pause is not None
        kind = K.RETURN if is_paused else K.PAUSE
        self.attempt(Move(seat, kind, "", at(self.minute), at(self.minute + minutes)), None)

    @rule(seat=st.sampled_from([A, B]))
    def agree_from_a_page(self, seat):
        """Agree to the time that a page shows, which may have been named anew since."""
        self.attempt(
            Move(seat, K.AGREE_RETURN, "", at(self.minute), self.times[seat]),
            self.pages[seat],
        )

    @rule(
        seat=st.sampled_from([A, B]),
        kind=st.sampled_from(list(K)),
        text=st.sampled_from(["", " ", "some words", "x" * 5000]),
        back=st.sampled_from([None, -1, 30]),
        from_page=st.booleans(),
    )
    def press_anything(self, seat, kind, text, back, from_page):
        back_at = None if back is None else at(self.minute + back)
        self.attempt(
            Move(seat, kind, text, at(self.minute), back_at), self.pages[seat] if from_page else None
        )

    @precondition(lambda self: state_of(self.spec, self.moves).ending is None)
    @rule(choice=st.randoms(use_true_random=False), careful=st.booleans())
    def do_what_is_asked(self, choice, careful):
        """Let whoever can take the talk further do so; this always exists while it isn't over."""
        possible = sorted(
            (seat, kind)
            for seat in (A, B)
            for kind in allowed(self.spec, self.moves, seat) - {K.END, K.PAUSE}
            if not (careful and kind in {K.RETURN, K.CLARIFY})
        )
        assert possible
        seat, kind = choice.choice(possible)
        before = self.moves
        back_at = at(self.minute + 30) if kind is K.RETURN else None
        if kind is K.AGREE_RETURN:
            back_at = visible_to(self.spec, self.moves, seat).back_at
        self.attempt(Move(seat, kind, "some words", at(self.minute), back_at), None)
        assert len(self.moves) == len(before) + 1

    @rule(minutes=st.integers(1, 5000))
    def let_time_pass(self, minutes):
        before = [visible_to(self.spec, self.moves, seat) for seat in (A, B)]
        self.minute += minutes
        assert [visible_to(self.spec, self.moves, seat) for seat in (A, B)] == before

    def attempt(self, move, seen):
        choices = allowed(self.spec, self.moves, move.seat)
        ended = state_of(self.spec, self.moves).ending
        try:
            after = play(self.spec, self.moves, move, seen=seen)
        except Refused as refused:
            self.check_refusal(refused, move, seen)
        else:
            self.accept(move, after, choices, ended)
        assert not (move.kind is K.END and state_of(self.spec, self.moves).ending is None)

    def check_refusal(self, refused, move, seen):
        choices = allowed(self.spec, self.moves, move.seat)
        assert refused.move is move
        match refused:
            case NotYourTurn():
                assert move.kind in allowed(self.spec, self.moves, move.seat.other) - choices
            case MovedOn():
                talk = state_of(self.spec, self.moves)
                agreed_to = talk.pause is not None and move.kind is K.AGREE_RETURN
                assert seen != talk.place or (agreed_to and move.back_at != talk.pause.back_at)
            case OutOfOrder():
                assert move.kind not in choices
            case _:
                assert move.kind in choices

    def accept(self, move, after, choices, ended):
        if after == self.moves:
            assert move.kind in CARE
            assert ended or move.kind not in choices
            return
        assert move.kind in choices
        if move.kind is K.AGREE_RETURN:
            assert move.back_at == state_of(self.spec, self.moves).pause.back_at
        self.moves = after
        if move.kind in WRITTEN - {K.TOPIC}:
            self.kept.append((move.seat, move.text))

    @invariant()
    def nothing_is_lost_and_both_read_the_same(self):
        ours, theirs = (visible_to(self.spec, self.moves, seat) for seat in (A, B))
        assert ours.turns == theirs.turns
        assert [(turn.by, turn.text) for turn in ours.turns if turn.kind in WRITTEN] == self.kept
        assert ours.revision == theirs.revision == len(self.moves)

    @invariant()
    def either_can_leave_while_there_is_something_to_leave(self):
        talk = state_of(self.spec, self.moves)
        for seat in (A, B):
            assert (K.END in allowed(self.spec, self.moves, seat)) is (talk.ending is None)

    @invariant()
    def the_state_makes_sense(self):
        talk = state_of(self.spec, self.moves)
        assert (talk.phase is Phase.OVER) is (talk.ending is not None)
        assert (talk.phase is Phase.TURNS) is (talk.speaker is not None) or talk.ending is not None
        assert bool(talk.still) is (talk.phase in {Phase.TURNS, Phase.TOGETHER})
        left = time_left(talk, at(self.minute))
        assert left is None or timedelta() <= left.left <= left.total


TwoPartnersTalk.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_two_partners_who_press_anything = TwoPartnersTalk.TestCase


def test_a_view_holds_no_hint_who_named_a_time():
    paused = then(SPEC, (), A, K.PAUSE, minutes=1, back_at=at(60))
    by_other = then(SPEC, (), B, K.PAUSE, minutes=1, back_at=at(60))

    ours, theirs = visible_to(SPEC, paused, A), visible_to(SPEC, by_other, A)
    assert replace(ours, choices=theirs.choices) == theirs
