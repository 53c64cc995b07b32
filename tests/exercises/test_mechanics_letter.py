"""The letter: written in parts, opened when its writer says, answered from a short list or not at all."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics import letter
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind, Frame, Sent
from portal.kit.library import DefinitionError, read_definition
from portal.questionnaires.validation import Problem

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SENT = Sent(NOW)
HELD = Delivery(DeliveryKind.HELD)

LETTER = """
kind = "appreciation"
deliveries = {deliveries}
responses = [{{ key = "thank_you", text = "Thank you" }}]
[[parts]]
key = "moment"
title = "The moment"
prompt = "What happened?"
starter = "I noticed…"
min = 1
max_length = 600
[[parts]]
key = "effect"
title = "What it did"
prompt = "What did it do for you?"
max_length = 600
"""


def spec(audience=Audience.COUPLE, deliveries='["now", "later", "held"]', text=LETTER):
    frame = Frame(title="A letter", audience=audience)
    filled = text.format(deliveries=deliveries)
    return read_definition(filled, lambda table: letter.read(table, frame), name="letter.toml")


def opens(delivery, audience=Audience.COUPLE, other=None):
    return letter.open_at(spec(), audience, own=SENT, other=other, delivery=delivery)


def later(at):
    return Delivery(DeliveryKind.LATER, at)


def test_a_letter_opens_when_it_is_sent_or_at_the_chosen_time():
    assert opens(AT_ONCE) == NOW
    assert opens(later(NOW + timedelta(days=3))) == NOW + timedelta(days=3)
    assert opens(AT_ONCE, other=Sent(NOW + timedelta(days=9))) == NOW


def test_a_chosen_time_that_has_passed_means_now():
    assert opens(later(NOW - timedelta(days=3))) == NOW


def test_a_held_letter_waits_for_the_therapist():
    assert opens(HELD) is None
    assert opens(AT_ONCE, audience=Audience.HELD) is None
    assert letter.audience_of(spec(), HELD) is Audience.HELD
    assert letter.audience_of(spec(), AT_ONCE) is Audience.COUPLE
    assert letter.audience_of(spec(Audience.HELD, '["held"]'), AT_ONCE) is Audience.HELD


def test_labels_follow_the_audience():
    assert letter.label(spec(), Audience.COUPLE) is Label.COUPLE
    assert letter.label(spec(), Audience.HELD) is Label.HELD


@pytest.mark.parametrize(
    ("kind", "at"), [(DeliveryKind.LATER, None), (DeliveryKind.NOW, NOW), (DeliveryKind.HELD, NOW)]
)
def test_exactly_later_deliveries_have_a_time(kind, at):
    with pytest.raises(ValueError, match="exactly if it is for later"):
        Delivery(kind, at)


def test_the_time_of_a_delivery_is_aware():
    with pytest.raises(ValueError, match="aware"):
        later(datetime(2026, 11, 1))  # noqa: DTZ001 - that is the mistake.


def test_a_letter_is_read_as_paragraphs_begun_by_their_starters():
    answers = {"moment": " how you waited for me ", "effect": "I felt seen."}

    assert letter.whole_text(spec(), answers) == "I noticed how you waited for me\n\nI felt seen."


@pytest.mark.parametrize("written", ["I noticed that you waited", "i NOTICED it"])
def test_a_starter_that_was_written_out_is_not_repeated(written):
    assert letter.whole_text(spec(), {"moment": written}) == written


@pytest.mark.parametrize("blank", [{}, {"moment": "  "}, {"moment": {"declined": True}}])
def test_parts_without_words_leave_no_trace(blank):
    assert letter.whole_text(spec(), blank | {"effect": "Thank you."}) == "Thank you."


def test_parts_with_a_least_length_are_required():
    moment, effect = letter.form(spec()).questions

    assert moment.required
    assert not effect.required
    assert not moment.may_decline
    assert (moment.text, moment.starter, moment.max_length) == ("What happened?", "I noticed…", 600)


def test_responses_are_those_of_the_definition():
    assert letter.response_text(spec(), "thank_you") == "Thank you"
    assert letter.response_text(spec(), "gone") is None


def test_a_summary_shows_the_parts_as_written():
    lines = letter.summary(spec(), {"moment": "yesterday"}).lines

    assert [line.texts for line in lines] == [("yesterday",), ()]


def test_contents_hold_all_texts():
    contents = letter.contents(spec())

    assert contents["letter_kind"] == "appreciation"
    assert contents["deliveries"] == ["now", "later", "held"]
    assert contents["responses"] == [{"key": "thank_you", "text": "Thank you"}]
    assert [(one["key"], one["title"]) for one in contents["items"]] == [
        ("moment", "The moment"),
        ("effect", "What it did"),
    ]


def test_a_held_exercise_can_only_hold_its_letters():
    with pytest.raises(DefinitionError, match='must be \\["held"\\]'):
        spec(Audience.HELD)


def test_a_letter_needs_a_required_part():
    with pytest.raises(DefinitionError, match="or an empty letter could be sent"):
        spec(text=LETTER.replace("min = 1\n", ""))


def test_response_keys_come_once():
    twice = LETTER.replace(
        '{{ key = "thank_you", text = "Thank you" }}',
        '{{ key = "thank_you", text = "A" }}, {{ key = "thank_you", text = "B" }}',
    )
    with pytest.raises(DefinitionError, match="the response key thank_you comes twice"):
        spec(text=twice)


def test_beside_a_mechanic_with_another_audience_a_letter_is_for_the_couple():
    assert spec(Audience.OVERLAP).audience is Audience.COUPLE


def test_a_letter_is_sent_in_the_words_that_its_writer_read():
    typed = {"moment": "you waited for me", "effect": "I felt seen."}

    sent = letter.written_out(spec(), typed)

    assert letter.sent_text(spec(), sent) == letter.whole_text(spec(), typed)
    assert letter.written_out(spec(), sent) == sent


def test_what_was_sent_stands_in_its_fields_as_it_was_typed():
    typed = {"moment": "you waited for me", "effect": "  "}

    assert letter.as_typed(spec(), letter.written_out(spec(), typed)) == typed
    assert letter.as_typed(spec(), {"moment": "I noticed, late"}) == {"moment": "I noticed, late"}


PROMISING = LETTER.replace(
    'kind = "appreciation"',
    """kind = "apology"
follow_up = {{ title = "When I will ask", prompt = "On which day will you ask?", hint = "Both read it." }}""",
)
TODAY = date(2026, 11, 1)


def promise(day, **more):
    return letter.follow_up_error(spec(text=PROMISING), {"follow_up": day}, today=TODAY, **more)


def test_a_day_to_come_back_on_is_asked_last_and_is_no_part_of_the_words():
    read = spec(text=PROMISING)
    day = letter.form(read).questions[-1]

    assert (day.key, day.kind, day.audience, day.required) == ("follow_up", "date", Audience.COUPLE, False)
    assert [part.key for part in read.parts] == ["moment", "effect"]
    typed = {"moment": "you waited", "follow_up": "2026-12-04"}
    assert letter.whole_text(read, typed) == "I noticed you waited"
    sent = letter.written_out(read, typed)
    assert sent["follow_up"] == "2026-12-04"
    assert letter.sent_text(read, sent) == "I noticed you waited"
    assert letter.as_typed(read, sent) == typed
    assert letter.follow_up_day(read, sent) == date(2026, 12, 4)
    assert [one["key"] for one in letter.contents(read)["items"]] == ["moment", "effect", "follow_up"]


def test_a_letter_asks_for_no_day_unless_its_file_says_so():
    assert not spec().has_follow_up
    assert letter.follow_up_day(spec(), {"follow_up": "2026-12-04"}) is None


@pytest.mark.parametrize("day", [None, "", "2026-11-02", "2027-11-02"])
def test_a_day_ahead_within_a_year_fits_and_so_does_none(day):
    assert promise(day) is None


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2026-10-31", Problem.DAY_NOT_AHEAD),
        ("2026-11-01", Problem.DAY_NOT_AHEAD),
        ("2027-11-03", Problem.DAY_TOO_FAR),
        ("2199-12-31", Problem.DAY_TOO_FAR),
    ],
)
def test_a_day_that_has_come_or_is_far_off_does_not_fit(day, problem):
    assert promise(day).problem is problem


def test_a_day_follows_the_one_on_which_the_letter_arrives():
    arrives = date(2026, 11, 20)

    assert promise("2026-11-20", arrives=arrives).problem is Problem.DAY_BEFORE_ARRIVAL
    assert promise("2026-11-21", arrives=arrives) is None
