"""What every mechanic keeps to, whatever it is: each one that stands in the registry is tried here by that alone.

A new mechanic that is walked page by page needs nothing but an exercise in the library. One with pages of its own
says in `playing.py` how two people use it, and in `conforming.py` who reads what is typed there; a sentence asks for
whatever is missing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from portal.access.privacy import Audience
from portal.access.viewer import Seat, Viewer
from portal.exercises import queries
from portal.exercises.domain import Exercise, parse_exercise
from portal.exercises.mechanics import MECHANICS
from portal.exercises.mechanics.base import PLACED, MechanicName, Sent, State
from portal.exercises.parts import PARTS
from portal.exercises.words import FORM_ICONS, FORMS
from portal.questionnaires.conditions import refuse_cycles
from portal.questionnaires.model import ANSWER_AUDIENCES, RESERVED_ITEM_KEYS, TEXT_KINDS, repeated
from portal.questionnaires.validation import check_sending
from portal.reports.base import Copy, printable
from portal.reports.printing import progress_page
from portal.reports.worksheet import Wanted, gather
from portal.web.render import render
from tests.databases import Databases
from tests.exercises import conforming
from tests.exercises.conforming import Marking, Played, exercise_for, play_through
from tests.exercises.doing import fill
from tests.exercises.playing import Hand
from tests.factories import MORNING
from tests.house.baits import words_in
from tests.pages import Form, read
from tests.portal_app import Site, opening

ALL = list(MECHANICS)


@pytest.fixture(scope="module")
def portal(
    pytestconfig: pytest.Config, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One portal for all tests of this file. Each time an exercise is done in it, by a couple of its own practice."""
    with opening(pytestconfig, databases, tmp_path_factory.mktemp("portals")) as sites:
        yield sites.empty()


@pytest.fixture(scope="module", params=ALL)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    """The exercise on which a mechanic is tried."""
    name: MechanicName = request.param
    return exercise_for(name)


@pytest.fixture(scope="module")
def played(portal: Site, exercise: Exercise) -> Played:
    """The exercise done by two people, a marked word in every field of each."""
    return play_through(portal, exercise, Marking)


# What it is


def test_it_is_known_wherever_mechanics_are_named(exercise: Exercise) -> None:
    name = exercise.lead
    assert MECHANICS[name].NAME is name
    assert name in FORMS, f"{name}: say in portal/exercises/words.py what it is called (FORMS)"
    assert name in FORM_ICONS, f"{name}: choose its icon in portal/exercises/words.py (FORM_ICONS)"
    if name in PLACED:
        assert name in PARTS, f"{name}: has a page of its own, and no line in PARTS of portal/exercises/parts"


def test_what_it_asks_is_well_formed(exercise: Exercise) -> None:
    mechanic, spec = MECHANICS[exercise.lead], exercise.specs[exercise.lead]
    form = mechanic.form(spec)
    keys = [item.key for item in form.walk()]
    assert exercise.audience in mechanic.AUDIENCES
    assert repeated(keys) == ()
    assert not RESERVED_ITEM_KEYS & set(keys)
    refuse_cycles(form)
    for item in form.questions:
        assert item.text.strip()
        assert item.audience in ANSWER_AUDIENCES | {Audience.DAYS}
        assert mechanic.label(spec, item.audience)
    contents = mechanic.contents(spec)
    assert json.loads(json.dumps(contents)) == contents
    assert parse_exercise(exercise.source, name="as kept") == exercise


def test_answers_are_taken_as_declared_and_put_into_words(exercise: Exercise) -> None:
    mechanic, spec = MECHANICS[exercise.lead], exercise.specs[exercise.lead]
    form = mechanic.form(spec)
    required = {item.key for item in form.questions if item.required and not item.when}
    assert set(check_sending(form, {}).errors) == required, "nothing but what is required is asked for"
    given = {key: value for key, value in fill(exercise, "Words").items() if form.item(key)}
    checked = check_sending(form, given)
    assert checked.errors == {}
    blank, told = mechanic.summary(spec, {}), mechanic.summary(spec, checked.values)
    assert not any(line.texts or line.state is State.ANSWERED for line in blank.lines)
    assert not any(str(value) in repr(blank) for value in given.values() if str(value).startswith("Words"))
    for key, value in checked.values.items():
        if isinstance(value, str) and value.startswith("Words"):
            assert value in repr(told), f"{key} isn't told"


def test_only_what_is_for_the_couple_opens_by_itself(exercise: Exercise) -> None:
    for item in exercise.form.questions:
        opened = exercise.open_at(item, own=Sent(MORNING), other=Sent(MORNING))
        assert (opened is not None) is (item.audience is Audience.COUPLE), item.key


# Done by two people


def test_two_people_do_it_without_a_script_and_nothing_breaks(played: Played) -> None:
    assert played.site.faults == []
    typed_by = {seat for _at, seat, _name, _form in played.story.typed.values()}
    sent_by = {seat for _at, seat, _form in played.story.sent}
    assert sent_by == set(Seat)
    if any(item.kind in TEXT_KINDS for item in played.exercise.form.questions):
        assert typed_by == set(Seat)
    for seat, hand in played.hands.items():
        for page in hand.seen:
            assert not re.search(r"<\w[^>]*\son\w+\s*=", page), f"{seat}: a page needs a script"
            for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL):
                known_as = re.search(r'<form[^>]*\bid="([^"]+)"', form)
                outside = known_as is not None and f'form="{known_as[1]}"' in page
                assert "<button" in form or outside, "a form that only a script can send"


def test_what_was_written_comes_back_to_its_writer(played: Played) -> None:
    kept = words_of_answers(played)
    for word, (_at, seat, _name, _form) in played.story.typed.items():
        if played.item_of(word) is not None:
            shown = word in words_in(played.own[seat])
            assert shown or word in kept[seat], f"lost: {played.place_of(word)}"


def words_of_answers(played: Played) -> dict[Seat, set[str]]:
    """Return the marked words that each finds among their own answers."""
    found = {}
    for seat, viewer in ((Seat.A, played.pair.a), (Seat.B, played.pair.b)):
        with played.site.records.within(viewer, read_only=True) as scope:
            written = queries.written(scope, [played.given])
            found[seat] = words_in(repr([each.values for each in written]).encode())
    return found


READ_BY_THERAPIST = frozenset({Audience.THERAPIST, Audience.HELD, Audience.COUPLE, Audience.DAYS})


def test_the_review_shows_what_is_for_the_therapist_and_nothing_private(played: Played) -> None:
    shown = words_in(played.review)
    for word in played.story.typed:
        audience = played.audience_of(word)
        if audience is Audience.PRIVATE:
            assert word not in shown, f"private: {played.place_of(word)}"
        elif audience in READ_BY_THERAPIST and played.item_of(word) is not None:
            assert word in shown, f"not in the review: {played.place_of(word)}"
    readable = [word for word in played.story.typed if played.audience_of(word) in READ_BY_THERAPIST]
    assert not readable or shown, "the review shows nothing of what was written"


def test_neither_is_shown_a_word_that_is_not_for_them_or_not_yet(played: Played) -> None:
    story = played.story
    for word, (typed_at, seat, _name, _form) in story.typed.items():
        seen_at = story.first_shown(word, seat.other)
        if seen_at is None:
            continue
        place = played.place_of(word)
        assert played.audience_of(word) is Audience.COUPLE, f"the other was shown {place}"
        sent_at = story.sent_after(typed_at, seat)
        assert sent_at is not None, f"the other was shown {place}, which was never sent"
        assert sent_at < seen_at, f"the other was shown {place} before it was sent"
        if played.waits_for_both(word):
            theirs = [at for at, who, _form in story.sent if who is seat.other and at < seen_at]
            assert theirs, f"the other was shown {place} before sending their own"


def test_what_is_for_both_is_shown_to_the_other_in_the_end(played: Played) -> None:
    for seat in Seat:
        meant = [word for word, typed in played.story.typed.items() if typed[1] is seat]
        meant = [word for word in meant if played.audience_of(word) is Audience.COUPLE]
        shown = [word for word in meant if played.story.first_shown(word, seat.other) is not None]
        assert not meant or shown, "nothing was looked at, so nothing could have leaked"


def test_reports_hold_it_as_far_as_their_readers_may_read(played: Played) -> None:
    readable = {Copy.JOINT: {Audience.COUPLE}, Copy.CLINICIAN: READ_BY_THERAPIST}
    with played.site.app.test_request_context():
        for copy, audiences in readable.items():
            with played.site.records.within(played.pair.therapist, read_only=True) as scope:
                page = progress_page(scope, played.pair.couple_id, copy)
            assert played.exercise.title in [each.title for each in page.exercises]
            for word in words_in(repr(page).encode()):
                assert played.audience_of(word) in audiences, f"{copy}: {played.place_of(word)}"


def test_its_worksheet_is_blank_whoever_prints_it(played: Played) -> None:
    readers: list[tuple[Viewer, Copy]] = [
        (played.pair.a, Copy.PARTNER_A),
        (played.pair.b, Copy.PARTNER_B),
        (played.pair.therapist, Copy.JOINT),
    ]
    with played.site.app.test_request_context():
        for viewer, copy in readers:
            wanted = Wanted(couple_id=played.pair.couple_id, copy=copy)
            with played.site.records.within(viewer, read_only=True) as scope:
                page = gather(scope, wanted)
            html = render("reports/worksheet.html", page=printable(page))
            assert words_in(html.encode()) == set()
            [sheet] = page.sheets
            assert any(each.blocks for each in sheet.sections), "nothing to write on"


# Done with words that nobody means well


MARKUP = "<i id=hx>{{7*7}}\"'</i>"
"""As long as the shortest field takes; stored as it is, and a text on every page."""
FORMULA = "=1+1|'@x"
"""What a spreadsheet would take for a formula."""
KEPT = "keepsake"
UNFIT = {
    "a NUL": f"{KEPT}\x00",
    "a word of ten thousand letters": KEPT + "x" * 10_000,
    # It may be put right on the way in, so it comes last: then what follows is the next thing to do.
    "half a character": f"{KEPT}\ud800",
}
SHAPE = re.compile(r"\d+|[a-z2-7]{26}")


@dataclass
class Hostile(Hand):
    """Somebody who sends what can't be kept first, and then what looks like markup."""

    seat: Seat = Seat.A
    tried: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    def send(self, form: Form, **chosen: str) -> str:
        """Send a form with hostile words: unfit ones once for each kind of form, then some that can be kept."""
        texts = [name for name in form.texts if form.filled(self.words).get(name) == [self.words]]
        texts = [name for name in texts if self._takes_text(name)]
        shape = SHAPE.sub("*", form.action)
        if texts and shape not in self.tried and self.seat is Seat.A:
            self.tried.add(shape)
            for about, words in UNFIT.items():
                again = self._try(form, texts, about, words, chosen)
                if again is None:
                    return form.action
                form = again
        return super().send(form, **({name: self._hostile(name) for name in texts} | chosen))

    def _takes_text(self, name: str) -> bool:
        item = self.exercise.form.item(name)
        return item is None or item.kind in TEXT_KINDS

    def _hostile(self, name: str) -> str:
        item = self.exercise.form.item(name)
        return MARKUP.ljust(0 if item is None else item.min_length, ".")

    def _try(
        self, form: Form, texts: list[str], about: str, words: str, chosen: dict[str, str]
    ) -> Form | None:
        """Send unfit words, and return the form as it stands then; None if they were taken, and it is gone."""
        typed = {name: [words] for name in texts} | {name: [value] for name, value in chosen.items()}
        body = urlencode(form.filled(self.words) | typed, doseq=True, errors="surrogatepass").encode()
        answer = self.visitor.post(form.action, body, Content_Type="application/x-www-form-urlencoded")
        assert answer.status_code in {303, 422}, f"{about} in {form.action}: {answer.status_code}"
        page = answer.get_data(as_text=True)
        if answer.status_code == 303:
            page = self.visitor.get(form.action).get_data(as_text=True)
        elif KEPT not in page:
            self.lost.append(f"{about} in {form.action}: what was typed is gone")
        return next((each for each in read(form.action, page).forms if is_same(each, form)), None)


def is_same(one: Form, other: Form) -> bool:
    """Say whether a form of one page is that of another: where it goes, and what can be typed and pressed in it."""
    return (one.action.partition("?")[0], one.texts, one.buttons) == (
        other.action.partition("?")[0],
        other.texts,
        other.buttons,
    )


def test_hostile_words_are_refused_with_the_text_kept_or_shown_as_words(
    portal: Site, exercise: Exercise
) -> None:
    played = play_through(portal, exercise, Hostile)
    assert played.site.faults == []
    assert [each for hand in played.hands.values() for each in hand.lost] == []  # type: ignore[attr-defined]
    shown = [*(page for hand in played.hands.values() for page in hand.seen)]
    shown += [each.decode() for each in (*played.own.values(), played.review)]
    assert not any("<i id=hx" in page for page in shown)
    assert not any("49&#34;" in page or ">49<" in page for page in shown)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("library", dict, "no exercise of the library is led by it"),
        ("PLAYS", {}, "doesn't say in PLAYS how two people use it"),
    ],
)
def test_a_mechanic_that_cannot_be_tried_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, sentence: str
) -> None:
    monkeypatch.setattr(conforming, name, value)
    with pytest.raises(pytest.fail.Exception, match=sentence):
        exercise_for(MechanicName.LADDER)
