"""Plays exercises the way two people do in their browsers: page by page, without a script, until nothing is left to do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from portal.exercises.domain import Exercise
from portal.exercises.mechanics.base import PLACED, MechanicName
from portal.exercises.mechanics.ladder import LadderSpec
from portal.questionnaires.model import ItemKind
from tests.pages import DAY_TO_COME, Form, Page, read
from tests.portal_app import Site, Visitor, open_session

MOST_PAGES = 200


@dataclass
class Hand:
    """One partner's browser with one exercise: what it types, and every page that it was shown."""

    visitor: Visitor
    given: str
    words: str
    exercise: Exercise
    seen: list[str] = field(default_factory=list)

    def sign_in_again(self) -> None:
        """Sign in once more, after the time was moved on so far that the session has ended."""
        assert self.visitor.viewer is not None
        self.visitor.take(open_session(self.visitor.site.records, self.visitor.viewer))

    def open(self, path: str) -> tuple[str, Page]:
        """Open a page, going wherever it leads; return where that is, and what stands there."""
        for _hop in range(6):
            answer = self.visitor.get(path)
            if answer.status_code != 303:
                break
            path = answer.headers["Location"]
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        text = answer.get_data(as_text=True)
        self.seen.append(text)
        page = read(path, text)
        if _bare(path).endswith("/before"):
            # Before questions about safety: yes, alone, and on a device that nobody else uses.
            return self.open(next(link for link in page.links if re.search(r"/p/\d+$", _bare(link))))
        return path, page

    def send(self, form: Form, **chosen: str) -> str:
        """Send a form with every field filled and, if named, a button pressed; return where it leads."""
        lows = {
            item.key: [str(item.low)] for item in self.exercise.form.walk() if item.kind is ItemKind.NUMBER
        }
        numbers = {name: value for name, value in lows.items() if name in form.texts}
        ahead = (self.visitor.site.clock.now() + timedelta(days=3)).date().isoformat()
        typed = {
            name: [ahead if value == DAY_TO_COME else value for value in values]
            for name, values in form.filled(self.words).items()
        }
        fields = typed | numbers | {name: [value] for name, value in chosen.items()}
        answer = self.visitor.post(form.action, fields)
        assert answer.status_code == 303, (
            f"{form.action}: {answer.status_code} {_errors(answer.get_data(as_text=True))}"
        )
        return str(answer.headers["Location"])

    def form(self, path: str, ending: str) -> Form | None:
        """Return the form of a page whose address ends in some words, if there is one."""
        _path, page = self.open(path)
        return next(
            (form for form in page.forms if _bare(form.action).endswith(ending) and form.method == "post"),
            None,
        )

    def begin(self) -> str:
        """Read the introduction and begin, or go on; return where that leads."""
        path, page = self.open(f"/t/{self.given}")
        form = next((form for form in page.forms if form.action.endswith("/begin")), None)
        return path if form is None else self.send(form)

    def walk(self, path: str) -> None:
        """Answer page after page from an address on, look them over, and send them."""
        for _page in range(MOST_PAGES):
            path, page = self.open(path)
            step = next((form for form in page.forms if re.search(r"/p/\d+$", _bare(form.action))), None)
            if step is not None:
                path = self.send(step, go="on")
                continue
            sending = next((form for form in page.forms if _bare(form.action).endswith("/send")), None)
            assert sending is not None, f"{path} leads nowhere"
            self.send(sending)
            return
        raise AssertionError("a walk without an end")

    def walks(self, page: str, part: str) -> Iterator[str]:
        """Yield the walks that begin on a page of its own, each once."""
        _path, found = self.open(page)
        yield from sorted(link for link in found.links if f"part={part}" in link and "/p/" in link)


def _bare(address: str) -> str:
    return address.partition("?")[0]


def _errors(text: str) -> str:
    return "; ".join(re.findall(r'class="error"[^>]*>.*?<span>(.*?)</span>', text, re.DOTALL)) or text[-300:]


def play(site: Site, exercise: Exercise, hands: tuple[Hand, Hand], ines: Visitor) -> None:
    """Let both partners do all of an exercise, each part of it; their therapist opens what waits for that."""
    ladder = exercise.spec(LadderSpec)
    if ladder is not None and ladder.therapist_opens:
        opening = Hand(ines, hands[0].given, "", exercise)
        form = opening.form(f"/answers/{opening.given}/steps/1/open", "/open")
        assert form is not None
        opening.send(form)
    for name in exercise.mechanics:
        if name is exercise.lead or name in PLACED or name is MechanicName.TRACKER:
            PLAYS.get(name, _walked)(site, exercise, hands)


def _walked(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    for hand in hands:
        hand.walk(hand.begin())


def _logged(_site: Site, exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    for hand in hands:
        path, page = hand.open(f"/t/{hand.given}")
        if exercise.lead is not MechanicName.TRACKER:
            path, page = hand.open(f"/t/{hand.given}/sent")
            path = next(link for link in page.links if re.search(r"/(log|habit)", link))
        form = hand.form(path, "/log") or hand.form(path, _bare(path))
        assert form is not None
        hand.send(form)


def _talk(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    address = f"/t/{hands[0].given}/turns"
    for hand in hands:
        hand.begin()
    for _turn in range(MOST_PAGES):
        moves = [move for hand in hands if (move := _move(hand, address)) is not None]
        if not moves:
            break
        hand, form, act = min(moves, key=lambda move: FORWARD.index(move[2]))
        hand.send(form, act=act)
    _closing(hands, address, "dialogue")


FORWARD = ("agree_topic", "topic", "speak_first", "hand_over", "yes", "say_back", "validate", "ask", "say")


def _move(hand: Hand, address: str) -> tuple[Hand, Form, str] | None:
    """Return what a partner can do to take a talk further."""
    _path, page = hand.open(address)
    for form in page.forms:
        acts = {value for name, value in form.buttons if name == "act"}
        act = next((each for each in FORWARD if each in acts), None)
        if act is not None:
            return hand, form, act
    return None


def _closing(hands: tuple[Hand, Hand], address: str, part: str) -> None:
    for hand in hands:
        for walk in list(hand.walks(address, part)):
            hand.walk(walk)


def _text(_site: Site, exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    address = f"/t/{hands[0].given}/text"
    for hand in hands:
        if exercise.lead is MechanicName.AGREEMENT:
            hand.begin()
        _path, page = hand.open(address)
        for link in sorted({address, *(link for link in page.links if "text?at=" in link)}):
            form = hand.form(link, "/answer")
            if form is not None:
                hand.send(form, go="agree")
    for hand in hands:
        form = hand.form(f"{address}/sign", "/sign")
        assert form is not None, "the text can't be signed"
        hand.send(form)
    _closing(hands, address, "agreement")


def _climb(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    address = f"/t/{hands[0].given}/steps"
    for hand in hands:
        hand.begin()
        hand.walk(next(walk for walk in hand.walks(address, "ladder") if "readiness" in walk))
    taken = 0
    for hand in hands:
        form = hand.form(address, "/taken")
        if form is not None:
            hand.send(form)
            taken += 1
    assert taken, "no step is open to anybody"
    for hand in hands:
        for walk in [walk for walk in hand.walks(address, "ladder") if "readiness" not in walk]:
            hand.walk(walk)


def _cards(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    for hand in hands:
        hand.begin()
    _closing(hands, f"/t/{hands[0].given}/cards", "deck")


def _own(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    for hand in hands:
        path = hand.begin()
        first = next(hand.walks(path, "journal"))
        step = hand.form(first, "/p/1")
        assert step is not None
        hand.send(step, go="on")


def _plan(site: Site, exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    address = f"/t/{hands[0].given}/plan"
    for hand in hands:
        if exercise.lead is MechanicName.PLAN:
            hand.begin()
    form = hands[0].form(f"{address}/suggest", "/suggest")
    assert form is not None
    hands[0].send(form)
    agreeing = hands[1].form(address, "/agree")
    assert agreeing is not None
    hands[1].send(agreeing)
    site.clock.move_to(site.clock.now() + timedelta(days=12))
    for hand in hands:
        hand.sign_in_again()
    _closing(hands, address, "plan")


def _years(_site: Site, _exercise: Exercise, hands: tuple[Hand, Hand]) -> None:
    for hand in hands:
        address = f"/t/{hand.given}/years"
        hand.begin()
        for ending in ("/start", "/1", "/questions", ""):
            form = hand.form(f"{address}{ending}", ending or "/years")
            if form is not None:
                hand.send(form, **YEARS.get(ending, {}))
        sending = hand.form(f"{address}/check", "/send")
        assert sending is not None
        hand.send(sending)


YEARS = {"/start": {"story_start": "2014"}, "/1": {"event_year": "2019"}}

Play = Callable[[Site, Exercise, tuple[Hand, Hand]], None]
PLAYS: dict[MechanicName, Play] = {
    MechanicName.TRACKER: _logged,
    MechanicName.DIALOGUE: _talk,
    MechanicName.AGREEMENT: _text,
    MechanicName.LADDER: _climb,
    MechanicName.DECK: _cards,
    MechanicName.JOURNAL: _own,
    MechanicName.PLAN: _plan,
    MechanicName.TIMELINE: _years,
}
