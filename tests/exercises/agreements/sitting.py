"""Two partners who sit at their own browsers with one text between them."""

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from portal.access.viewer import Seat, Viewer
from portal.exercises.domain import Exercise
from tests.exercises.agreements.negotiating import Table, lay, small
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish


@dataclass
class Room:
    """A portal in which a couple negotiates; each of the two at a browser of their own."""

    site: Site
    table: Table
    a: Visitor
    b: Visitor
    viewers: dict[str, Viewer]

    @property
    def base(self) -> str:
        """The address of the text."""
        return f"/t/{self.table.given}/text"

    def at(self, seat: Seat) -> Visitor:
        """Return a partner's browser."""
        return self.a if seat is Seat.A else self.b

    def page(self, visitor: Visitor, path: str = "", status: int = 200) -> str:
        """Open a page of the text."""
        answer = visitor.get(self.base + path)
        assert answer.status_code == status, (path, answer.status_code, self.site.faults)
        return answer.get_data(as_text=True)

    def send(self, visitor: Visitor, path: str, action: str, **typed: Any) -> TestResponse:
        """Open a page, fill one of its forms in (found by the end of its address), and send it."""
        return self.sent(visitor, self.held(visitor, path, action), **typed)

    def held(self, visitor: Visitor, path: str, action: str) -> tuple[str, dict[str, Any]]:
        """Return a form as a page holds it now: where it goes, and its fields."""
        return form_in(self.base + path, self.page(visitor, path), action)

    def sent(self, visitor: Visitor, held: tuple[str, dict[str, Any]], **typed: Any) -> TestResponse:
        """Send a form that was held, with what was typed into it."""
        address, fields = held
        return visitor.post(address, {**fields, **typed})


def form_in(path: str, html: str, action: str) -> tuple[str, dict[str, Any]]:
    """Return a form of a page, found by the end of its address."""
    form = next(each for each in read(path, html).forms if each.action.partition("?")[0].endswith(action))
    return form.action, dict(form.fields)


def sit(site: Site, exercise: Exercise | None = None, *, begun: bool = True) -> Room:
    """Give a couple a text and let both begin."""
    pair, viewers = furnish(site.records)
    table = lay(site.records, pair, exercise or small())
    room = Room(site, table, site.sign_in_as(pair.a), site.sign_in_as(pair.b), viewers)
    if begun:
        for visitor in (room.a, room.b):
            address, fields = form_in("", visitor.get(f"/t/{table.given}").get_data(as_text=True), "/begin")
            assert visitor.post(address, fields).status_code == 303
    return room


def words(html: str) -> str:
    """Return a page's words without its tags."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", main[0] if main else html)
    return " ".join(plain.replace("&#39;", "'").replace("&#34;", '"').split())


def answered_alone(room: Room, seat: Seat) -> None:
    """Let a partner answer the closing questions of the newest ending."""
    visitor = room.at(seat)
    address = f"/t/{room.table.given}/p/1?part=agreement&round=v{len(room.table.view(seat).versions)}"
    asked = visitor.get(address).get_data(as_text=True)
    form, fields = form_in(address, asked, "/p/1")
    following = visitor.post(form, {**fields, "free_to_say_no": "partly", "worry": "no", "go": "on"}).location
    form, fields = form_in(following, visitor.get(following).get_data(as_text=True), "/send")
    assert visitor.post(form, fields).status_code == 303
