"""The front door: everybody is sent to where their day begins."""

from flask import redirect, url_for
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.access.viewer import Role
from portal.home.room import room
from portal.web.current import person_or_none
from portal.web.room import For


@room.page("/", permission=Permission.BE_ANYONE, audience=For.ANYONE)
def front() -> Response:
    """Send a visitor to sign in, a partner to Today, and staff to what they work with."""
    person = person_or_none()
    if person is None:
        return redirect(url_for("people.sign_in"), 303)
    if person.viewer.is_partner:
        return redirect(url_for("home.today"), 303)
    if Role.THERAPIST in person.viewer.roles:
        return redirect(url_for("home.caseload"), 303)
    if Role.ADMIN in person.viewer.roles:
        return redirect(url_for("people.accounts"), 303)
    return redirect(url_for("people.couple_directory"), 303)
