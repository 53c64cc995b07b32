"""Where a link from a mail leads: a person sets up their own account, or gets back into it."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.access.viewer import House
from portal.people import browser
from portal.people.invitation_commands import LinkEnded, accept
from portal.people.invitation_forms import NewPasswordForm
from portal.people.invitation_queries import Opening, opening, practice_in
from portal.people.passwords import TooBusy
from portal.people.room import room
from portal.web.current import portal
from portal.web.render import render
from portal.web.room import For

Answer = str | tuple[str, int] | Response


@room.page("/join/<token>", permission=Permission.BE_ANYONE, audience=For.ANYONE, methods=("GET", "POST"))
def join(token: str) -> Answer:
    """Ask for a password, once. A link that doesn't work says the same whatever the reason."""
    found = _look(token)
    if found is None:
        return _ended()
    form = NewPasswordForm()
    if not form.is_submitted():
        return render("people/invitation/join.html", form=form, opening=found)
    if not (form.validate() and form.fits(found.guessable)):
        return render("people/invitation/join.html", form=form, opening=found, error=True), 422
    try:
        _accept(token, form.password())
    except LinkEnded:
        return _ended()
    except TooBusy:
        form.new_password.errors = [_("Many people are signing in at this moment. Please send it again.")]
        return render("people/invitation/join.html", form=form, opening=found, error=True), 503
    flash(_("Your password is set. You can sign in with it now."), "done")
    return redirect(url_for("people.sign_in"), 303)


def _look(token: str) -> Opening | None:
    practice_id = practice_in(token)
    if practice_id is None:
        return None
    with portal().records.within(House(practice_id), read_only=True) as scope:
        return opening(scope, token)


def _accept(token: str, password: str) -> None:
    practice_id = practice_in(token)
    if practice_id is None:
        raise LinkEnded
    # Slow on purpose, so it's done before anything in the database is held.
    password_hash = browser.hasher().hash(password)
    with portal().records.within(House(practice_id)) as scope:
        accept(scope, token, password_hash=password_hash)
    # Whoever was signed in here may be somebody else, and the next person would find themselves in their account.
    browser.end()


def _ended() -> Answer:
    return render("people/invitation/ended.html"), 404
