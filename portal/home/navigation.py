"""What stands around every page: a therapist's side panel, a partner's four tabs, and how the page is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from portal.access.policy import Permission, allows
from portal.access.viewer import Role
from portal.exercises.own.queries import waiting_count
from portal.exercises.review_queries import unread_count
from portal.web.current import SignedIn, person_or_none, scope
from portal.web.language import choose_locale, text_direction
from portal.web.translate import _


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: where it leads, which pages belong to it (by the start of their endpoints), what it counts."""

    label: str
    icon: str
    url: str
    current: bool
    count: int | None = None


CASELOAD = (
    "home.caseload",
    "home.couple",
    "people.add_couple",
    "people.couple_",
    "people.partner_link",
    "exercises.couple_pathway",
    "exercises.add_session",
    "exercises.journey_",
    "exercises.step_act",
    "exercises.flag",
    "reports.",
)
ANSWERS = (
    "exercises.answers",
    "exercises.review",
    "exercises.give_feedback",
    "exercises.open_held",
    "exercises.release",
    "exercises.withdraw",
    "exercises.finish",
)
LIBRARY = ("exercises.library", "exercises.assign", "exercises.pathway", "exercises.arm", "exercises.own_")
PEOPLE = (
    "people.accounts",
    "people.add_staff",
    "people.staff_",
    "people.client_account",
)
DIRECTORY = ("people.couple_directory", "people.hand_over")
OFFERED = ("exercises.practice_work",)
SETTINGS = ("people.practice_settings",)
TODAY = ("home.today", "exercises.")
TOGETHER = ("home.together", "exercises.opened")
JUST_ME = ("home.just_me", "exercises.share")
MORE = ("home.more", "people.")


def _at(starts: tuple[str, ...]) -> bool:
    return (request.endpoint or "").startswith(starts)


class StaffNav:
    """The side panel's entries. They are made when a page draws them, so that other pages ask nothing."""

    def __init__(self, person: SignedIn) -> None:
        self._person = person

    def __iter__(self) -> Iterator[Place]:
        """Yield the entries that the person's roles open."""
        viewer = self._person.viewer
        if Role.THERAPIST in viewer.roles:
            unread = unread_count(scope())
            yield Place(_("Caseload"), "inbox", url_for("home.caseload"), _at(CASELOAD))
            yield Place(
                _("Answers"), "message-square-quote", url_for("exercises.answers"), _at(ANSWERS), unread
            )
            yield Place(_("Library"), "book-open", url_for("exercises.library_page"), _at(LIBRARY))
        if Role.THERAPIST not in viewer.roles or allows(viewer, Permission.MANAGE_PEOPLE):
            yield Place(_("Couples"), "users-round", url_for("people.couple_directory"), _at(DIRECTORY))
        if allows(viewer, Permission.MANAGE_PEOPLE):
            yield Place(_("People"), "users", url_for("people.accounts"), _at(PEOPLE))
        if allows(viewer, Permission.MANAGE_PRACTICE):
            waiting = waiting_count(scope())
            yield Place(
                _("Offers"), "book-open-check", url_for("exercises.practice_works"), _at(OFFERED), waiting
            )
            yield Place(_("Settings"), "settings-2", url_for("people.practice_settings"), _at(SETTINGS))


def partner_tabs() -> list[Place]:
    """Return the four tabs of a partner."""
    together, mine, more = _at(TOGETHER), _at(JUST_ME), _at(MORE)
    on_today = _at(TODAY) and not (together or mine)
    return [
        Place(_("Today"), "notebook-text", url_for("home.today"), on_today),
        Place(_("Together"), "users-round", url_for("home.together"), together),
        Place(_("Just me"), "lock", url_for("home.just_me"), mine),
        Place(_("More"), "ellipsis", url_for("home.more"), more),
    ]


def surroundings() -> dict[str, Any]:
    """Return what every template can use."""
    shown: dict[str, Any] = {
        "locale": choose_locale(),
        "text_direction": text_direction(),
        "home_url": url_for("home.front"),
    }
    person = person_or_none()
    if person is None:
        return shown
    shown |= {"theme": person.theme, "text_size": person.text_size}
    if person.viewer.is_partner:
        settled = person.introduced and person.consented
        return shown | {"tabs": partner_tabs() if settled else []}
    return shown | {
        "nav": StaffNav(person),
        "practice_name": person.practice_name,
        "viewer_name": person.name,
        "account_url": url_for("people.account"),
        "find_url": url_for("home.caseload") if Role.THERAPIST in person.viewer.roles else None,
    }


def install(app: Flask) -> None:
    """Give every page its surroundings."""
    app.context_processor(surroundings)
