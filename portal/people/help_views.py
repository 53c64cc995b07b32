"""Help and safety: the same page in the same place for everybody, whatever anyone has answered."""

from portal.access.policy import Permission
from portal.people.crisis import ANYWHERE, shown
from portal.people.practice_queries import practice_of
from portal.people.room import room
from portal.web.current import SignedIn, person_or_none, scope
from portal.web.render import render
from portal.web.room import For


@room.page("/help", permission=Permission.BE_ANYONE, audience=For.ANYONE)
def help_and_safety() -> str:
    """Show who can help now, and how to browse more safely."""
    visitor = person_or_none()
    return render("people/help.html", layout=_layout(visitor), resources=_resources(visitor))


def _resources(visitor: SignedIn | None) -> object:
    if visitor is None:
        return shown([], ANYWHERE)
    practice = practice_of(scope())
    return shown(practice.crisis_resources, practice.country)


def _layout(visitor: SignedIn | None) -> str:
    if visitor is None:
        return "layouts/plain.html"
    return "layouts/partner.html" if visitor.viewer.is_partner else "layouts/staff.html"
