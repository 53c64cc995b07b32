"""The administrator's pages: people, settings, and which therapist looks after which couple. No content.

Whatever decides who gets in, or who reads what a couple writes, asks for the password once more: a screen that was
left open must not be enough for it.
"""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission, allows
from portal.people import browser
from portal.people.couple_forms import AskForm
from portal.people.couple_queries import circle, couples_of
from portal.people.invitation_commands import AddressTaken
from portal.people.practice_commands import (
    LastAdministrator,
    LeftAlone,
    add_therapist,
    change_roles,
    change_settings,
    invite_staff,
    remove_therapist,
    restore,
    send_staff_link,
    suspend,
)
from portal.people.practice_forms import HandOverForm, InviteStaffForm, PracticeForm, RolesForm
from portal.people.practice_queries import (
    client,
    clients_of,
    practice_of,
    responsible_for,
    staff_member,
    staff_of,
    therapists_of,
)
from portal.people.room import room
from portal.web.current import person, scope
from portal.web.render import render
from portal.web.room import For

Answer = str | tuple[str, int] | Response


@room.page("/practice/people", permission=Permission.MANAGE_PEOPLE, audience=For.ADMIN)
def accounts() -> Answer:
    """List who works here, and the names of those who come here."""
    return render("people/admin/people.html", staff=staff_of(scope()), clients=clients_of(scope()))


@room.page(
    "/practice/people/new", permission=Permission.MANAGE_PEOPLE, audience=For.ADMIN, methods=("GET", "POST")
)
@browser.needs_fresh
def add_staff() -> Answer:
    """Invite somebody to work here."""
    form = InviteStaffForm()
    if not form.validate_on_submit():
        return render("people/admin/invite.html", form=form), 422 if form.is_submitted() else 200
    try:
        invite_staff(scope(), form.person(), roles=form.chosen())
    except AddressTaken:
        form.say_taken()
        return render("people/admin/invite.html", form=form), 422
    flash(_("The invitation is on its way."), "done")
    scope().commit()
    return redirect(url_for("people.accounts"), 303)


@room.page(
    "/practice/people/<account_id>",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("GET", "POST"),
)
@browser.needs_fresh
def staff_account(account_id: str) -> Answer:
    """Show one person who works here, and change their roles."""
    member = staff_member(scope(), account_id)
    form = RolesForm(roles=sorted(member.roles))
    if not form.validate_on_submit():
        return _staff_page(account_id, form), 422 if form.is_submitted() else 200
    try:
        change_roles(scope(), account_id, roles=form.chosen())
    except LastAdministrator:
        form.say(_("Somebody has to manage the practice. Make another person an administrator first."))
        return _staff_page(account_id, form), 422
    except LeftAlone:
        form.say(_("This person is the only therapist of a couple. Hand the couple over first."))
        return _staff_page(account_id, form), 422
    flash(_("The roles were changed."), "done")
    scope().commit()
    return redirect(url_for("people.accounts"), 303)


def _staff_page(account_id: str, form: RolesForm) -> str:
    return render("people/admin/member.html", member=staff_member(scope(), account_id), form=form)


@room.page(
    "/practice/people/<account_id>/link",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("POST",),
)
@browser.needs_fresh
def staff_link(account_id: str) -> Answer:
    """Send somebody who works here a new link to their own address."""
    send_staff_link(scope(), account_id)
    flash(_("A new link is on its way. Any older link no longer works."), "done")
    scope().commit()
    return redirect(url_for("people.staff_account", account_id=account_id), 303)


@room.page("/practice/clients/<account_id>", permission=Permission.MANAGE_PEOPLE, audience=For.ADMIN)
@browser.needs_fresh
def client_account(account_id: str) -> Answer:
    """Show a partner's name and whether the account is in use; nothing else is for an administrator."""
    return render("people/admin/client.html", client=client(scope(), account_id), form=AskForm())


@room.page(
    "/practice/people/<account_id>/suspend",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("POST",),
)
@browser.needs_fresh
def suspend_account(account_id: str) -> Answer:
    """Shut an account at once."""
    try:
        suspend(scope(), account_id)
    except LastAdministrator:
        flash(_("Somebody has to manage the practice. Make another person an administrator first."), "warn")
        return redirect(url_for("people.accounts"), 303)
    flash(_("The account is suspended and signed out everywhere."), "done")
    scope().commit()
    return redirect(url_for("people.accounts"), 303)


@room.page(
    "/practice/people/<account_id>/restore",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("POST",),
)
@browser.needs_fresh
def restore_account(account_id: str) -> Answer:
    """Open a suspended account again."""
    restore(scope(), account_id)
    flash(_("The account is open again."), "done")
    scope().commit()
    return redirect(url_for("people.accounts"), 303)


@room.page(
    "/practice/settings", permission=Permission.MANAGE_PRACTICE, audience=For.ADMIN, methods=("GET", "POST")
)
def practice_settings() -> Answer:
    """Change the practice's settings."""
    practice = practice_of(scope())
    form = PracticeForm(obj=practice, resources=practice.crisis_resources)
    if not form.validate_on_submit():
        return render("people/admin/settings.html", form=form), 422 if form.is_submitted() else 200
    change_settings(scope(), form.settings())
    flash(_("The settings were saved."), "done")
    scope().commit()
    return redirect(url_for("people.practice_settings"), 303)


@room.page("/practice/couples", permission=Permission.SEE_COUPLES, audience=For.STAFF)
def couple_directory() -> Answer:
    """List the couples that this person sees, by name, and who looks after them."""
    may_hand_over = allows(person().viewer, Permission.MANAGE_PEOPLE)
    return render("people/admin/couples.html", couples=couples_of(scope()), may_hand_over=may_hand_over)


@room.page(
    "/practice/couples/<couple_id>",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("GET", "POST"),
)
@browser.needs_fresh
def hand_over(couple_id: str) -> Answer:
    """Give a couple one more therapist."""
    around, now_responsible = circle(scope(), couple_id), responsible_for(scope(), couple_id)
    form = HandOverForm()
    form.offer([each for each in therapists_of(scope()) if each not in now_responsible])
    if not form.validate_on_submit():
        page = render("people/admin/hand_over.html", circle=around, responsible=now_responsible, form=form)
        return page, 422 if form.is_submitted() else 200
    add_therapist(scope(), couple_id, account_id=str(form.account_id.data))
    flash(_("The therapist now works with this couple."), "done")
    scope().commit()
    return redirect(url_for("people.hand_over", couple_id=couple_id), 303)


@room.page(
    "/practice/couples/<couple_id>/remove/<account_id>",
    permission=Permission.MANAGE_PEOPLE,
    audience=For.ADMIN,
    methods=("POST",),
)
@browser.needs_fresh
def take_from_therapist(couple_id: str, account_id: str) -> Answer:
    """End a therapist's work with a couple."""
    try:
        remove_therapist(scope(), couple_id, account_id=account_id)
    except LeftAlone:
        flash(_("A couple always has a therapist. Add another one first."), "warn")
        return redirect(url_for("people.hand_over", couple_id=couple_id), 303)
    flash(_("The therapist no longer works with this couple."), "done")
    scope().commit()
    return redirect(url_for("people.hand_over", couple_id=couple_id), 303)
