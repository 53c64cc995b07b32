"""Two people who do an exercise with a marked word in every field, and everything that anybody was shown meanwhile."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from portal.access.privacy import Audience
from portal.access.viewer import Seat
from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import PLACED, MechanicName, Sent
from portal.exercises.shelf import library
from portal.questionnaires.model import Item, ItemKind
from tests.exercises.doing import give
from tests.exercises.playing import PLAYS, Hand, play
from tests.factories import MORNING, Pair
from tests.house.baits import Baits, words_in
from tests.pages import Form, Page
from tests.portal_app import Site, Visitor, furnish, open_session

WRITTEN_TOGETHER = {
    MechanicName.DIALOGUE: Audience.COUPLE,
    MechanicName.AGREEMENT: Audience.COUPLE,
    MechanicName.PLAN: Audience.COUPLE,
    MechanicName.TIMELINE: Audience.COUPLE,
}
"""Who reads what is typed on a mechanic's page of its own into fields that are no items of its form."""
OPEN_TOGETHER = frozenset({MechanicName.TIMELINE})
"""The mechanics of which such fields open only once both have sent theirs."""
BEFORE_SENDING = re.compile(r"/p/\d+(?:\?|$)|/years/")
"""Forms that only keep what was typed: nobody else may see it yet."""
LOOKS = 3
"""How often the other looks around while something is typed and not sent."""
AROUND = ("/today", "/together", "/just-me")
MOST_READ = 25
PAPERS = ("/worksheet", "/copy", "/calendar")
"""How addresses of files end, which are looked at elsewhere."""
WORDS = "a few plain words"


def exercise_for(name: MechanicName) -> Exercise:
    """Return the exercise of the library on which a mechanic is tried: one that it leads, as short as there is."""
    led = [each for each in library().values() if each.lead is name and "touch_overlap" not in each.needs]
    if not led:
        pytest.fail(f"{name}: no exercise of the library is led by it; write one, so that it can be played")
    if name in PLACED and name not in PLAYS:
        pytest.fail(
            f"{name}: has a page of its own, and tests/exercises/playing.py doesn't say in PLAYS how two people use it"
        )
    return min(led, key=lambda each: (len(each.mechanics), len(each.form.questions), each.slug))


@dataclass
class Story:
    """What happened in order: pages that somebody was shown, and forms that somebody sent."""

    shown: list[tuple[int, Seat, frozenset[str]]] = field(default_factory=list)
    """When somebody was shown a page, and the marked words in it."""
    sent: list[tuple[int, Seat, str]] = field(default_factory=list)
    typed: dict[str, tuple[int, Seat, str, str]] = field(default_factory=dict)
    """By marked word: when it was typed last, by whom, into which field, of which form."""
    _at: int = 0

    def next(self) -> int:
        """Return the number of the next thing that happens."""
        self._at += 1
        return self._at

    def first_shown(self, word: str, seat: Seat) -> int | None:
        """Return when somebody was shown a marked word first; None if never."""
        return next((at for at, who, words in self.shown if who is seat and word in words), None)

    def show(self, seat: Seat, page: bytes) -> None:
        """Note that somebody was shown a page."""
        self.shown.append((self.next(), seat, frozenset(words_in(page))))

    def sent_after(self, at: int, seat: Seat) -> int | None:
        """Return when somebody sent what they had typed by then."""
        return next((when for when, who, _ in self.sent if who is seat and when >= at), None)


@dataclass
class Marking(Hand):
    """A partner who types a marked word into every field, while the other looks around."""

    seat: Seat = Seat.A
    story: Story = field(default_factory=Story)
    baits: Baits = field(default_factory=Baits)
    other: "Marking | None" = None
    _looks: int = LOOKS

    def open(self, path: str) -> tuple[str, Page]:
        """Open a page, and remember what it showed to whom."""
        found = super().open(path)
        self.story.show(self.seat, self.seen[-1].encode())
        return found

    def send(self, form: Form, **chosen: str) -> str:
        """Send a form with a marked word in every field."""
        leads = super().send(form, **(self._typed(form) | chosen))
        if BEFORE_SENDING.search(form.action) and not form.action.partition("?")[0].endswith("/send"):
            self._let_the_other_look()
        else:
            self.story.sent.append((self.story.next(), self.seat, form.action))
        return leads

    def _typed(self, form: Form) -> dict[str, str]:
        filled = form.filled(self.words)
        return {
            name: self._mark(form, name)
            for name in sorted(form.texts)
            if filled.get(name) == [self.words] and not self._is_number(name)
        }

    def _is_number(self, name: str) -> bool:
        item = self.exercise.form.item(name)
        return item is not None and item.kind is ItemKind.NUMBER

    def _mark(self, form: Form, name: str) -> str:
        place = f"{self.seat} {name} {form.action}"
        word = self.baits.lay(place, self.seat)
        self.story.typed[word] = (self.story.next(), self.seat, name, form.action)
        item = self.exercise.form.item(name)
        return f"{word} ok".ljust(0 if item is None else item.min_length, ".")

    def _let_the_other_look(self) -> None:
        if self.other is None or self._looks == 0:
            return
        self._looks -= 1
        for path in (*AROUND, f"/t/{self.given}"):
            self.other.look(path)

    def look(self, path: str) -> None:
        """Open a page if it is there, wherever it leads."""
        for _hop in range(6):
            answer = self.visitor.get(path)
            self.story.show(self.seat, answer.get_data())
            if answer.status_code != 303:
                return
            path = answer.headers["Location"]


@dataclass
class Played:
    """An exercise that both have done, with everything that was typed and shown."""

    site: Site
    exercise: Exercise
    pair: Pair
    given: str
    hands: Mapping[Seat, Hand]
    story: Story
    own: Mapping[Seat, bytes]
    """What each of the two is shown in the end, on all pages of the exercise."""
    review: bytes
    """What their therapist reads of it, on all pages of the review."""

    def item_of(self, word: str) -> Item | None:
        """Return the item into which a marked word was typed; None for a field of a page of its own."""
        return self.exercise.form.item(self.story.typed[word][2])

    def audience_of(self, word: str) -> Audience:
        """Return who is meant to read a marked word."""
        item = self.item_of(word)
        if item is not None:
            return item.audience
        lead, name = self.exercise.lead, self.story.typed[word][2]
        if lead not in WRITTEN_TOGETHER:
            pytest.fail(
                f"{lead}: WRITTEN_TOGETHER in tests/exercises/conforming.py doesn't say who reads {name}"
            )
        return WRITTEN_TOGETHER[lead]

    def waits_for_both(self, word: str) -> bool:
        """Say whether a word for both opens only once both have sent theirs."""
        item = self.item_of(word)
        if item is None:
            return self.exercise.lead in OPEN_TOGETHER
        return self.exercise.open_at(item, own=Sent(MORNING)) is None

    def place_of(self, word: str) -> str:
        """Say where a marked word was typed."""
        _at, seat, name, form = self.story.typed[word]
        return f"{name} of {seat.value} in {form.partition('?')[0]}"


def play_through(site: Site, exercise: Exercise, hand: type[Hand]) -> Played:
    """Let two people who are new here do all of an exercise with hands of some kind, and their therapist read it."""
    pair = furnish(site.records)[0]
    given = give(site.records, pair, exercise.slug, recurrence=exercise.recurrence)
    story, baits = Story(), Baits()
    shared = {"story": story, "baits": baits} if issubclass(hand, Marking) else {}
    a, b = (
        hand(site.sign_in_as(viewer), given, WORDS, exercise, seat=seat, **shared)  # type: ignore[call-arg]
        for seat, viewer in ((Seat.A, pair.a), (Seat.B, pair.b))
    )
    if isinstance(a, Marking) and isinstance(b, Marking):
        a.other, b.other = b, a
    ines = site.sign_in_as(pair.therapist)
    play(site, exercise, (a, b), ines)
    ines.take(open_session(site.records, pair.therapist))
    own = {Seat.A: read_all(a), Seat.B: read_all(b)}
    review = pages_from(ines, [f"/answers/{given}"], f"/answers/{given}")
    return Played(site, exercise, pair, given, {Seat.A: a, Seat.B: b}, story, own, b"\n".join(review))


def read_all(hand: Hand) -> bytes:
    """Return everything that a partner is shown in the end, on all pages of an exercise and around it."""
    first = [f"/t/{hand.given}", f"/t/{hand.given}/open", f"/t/{hand.given}/sent", *AROUND]
    found = pages_from(hand.visitor, first, f"/t/{hand.given}")
    if isinstance(hand, Marking):
        for page in found:
            hand.story.show(hand.seat, page)
    return b"\n".join(found)


def pages_from(visitor: Visitor, first: Sequence[str], beginning: str) -> list[bytes]:
    """Return some pages, and those that their links lead to as far as their addresses begin in a certain way."""
    waiting, done, found = list(first), set[str](), []
    while waiting and len(done) < MOST_READ:
        path = waiting.pop(0)
        if path in done or path.partition("?")[0].endswith(PAPERS):
            continue
        done.add(path)
        answer = visitor.get(path)
        assert answer.status_code < 500, path
        found.append(answer.get_data())
        if answer.status_code == 303:
            waiting.insert(0, answer.headers["Location"])
        links = re.findall(r'href="([^"#]+)', answer.get_data(as_text=True))
        waiting += [each.replace("&amp;", "&") for each in links if each.startswith(beginning)]
    return found
