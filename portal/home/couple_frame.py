"""What stands at the top of every page about one couple, whichever room the page belongs to: names, acts and tabs."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, request, url_for

from portal.exercises.review_queries import unread_count
from portal.people.couple_queries import Person, circle
from portal.web.current import scope
from portal.web.translate import _


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: where it leads, whether this page belongs to it, and what it counts."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class CoupleFrame:
    """The two people whom a page is about, and the tabs of their pages."""

    a: Person
    b: Person
    tabs: tuple[Tab, ...]


def couple_frame(couple_id: str) -> CoupleFrame:
    """Return what stands at the top of a page about a couple. Raises Refused for somebody else's couple."""
    people = circle(scope(), couple_id)
    return CoupleFrame(people.a, people.b, tuple(_tabs(couple_id)))


def _tabs(couple_id: str) -> Iterator[Tab]:
    """Yield the tabs, each with the endpoints of the pages that belong to it."""
    unread = unread_count(scope(), couple_id)
    yield _tab(_("Overview"), couple_id, "home.couple", "home.couple_goals", "exercises.flags")
    yield _tab(_("Answers"), couple_id, "home.couple_answers", count=unread)
    yield _tab(_("Pathway"), couple_id, "exercises.couple_pathway", "exercises.add_session")
    yield _tab(_("Reports"), couple_id, "reports.choose", "reports.progress")
    yield _tab(_("Signing in"), couple_id, "people.couple_access")


def _tab(label: str, couple_id: str, *endpoints: str, count: int | None = None) -> Tab:
    address = url_for(endpoints[0], couple_id=couple_id)
    return Tab(label, address, request.endpoint in endpoints, count)


def install(app: Flask) -> None:
    """Let templates of every room ask for it: rooms below can't import this one."""
    app.jinja_env.globals.update(couple_frame=couple_frame)
