"""The therapist's pages for adding a couple and for the way in of each of the two."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.people.couple_commands import SameAddress, send_partner_link, withdraw_partner_link
from portal.people.couple_commands import add_couple as add
from portal.people.couple_forms import AddCoupleForm, AskForm
from portal.people.couple_queries import couple_card
from portal.people.invitation_commands import AddressTaken
from portal.people.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.room import For

Answer = str | tuple[str, int] | Response


@room.page("/couples/new", permission=Permission.ADD_COUPLE, audience=For.THERAPIST, methods=("GET", "POST"))
def add_couple() -> Answer:
    """Ask for the two people, and invite each of them."""
    form = AddCoupleForm()
    if not form.validate_on_submit():
        return render("people/couples/add.html", form=form), 422 if form.is_submitted() else 200
    try:
        couple_id = add(scope(), form.partners(), goals=form.goals.data, once_key=str(form.once_key.data))
    except SameAddress:
        form.say_same()
    except AddressTaken as taken:
        form.say_taken(taken.email)
    else:
        flash(_("Both invitations are on their way, each to their own address."), "done")
        scope().commit()
        return redirect(url_for("people.couple_access", couple_id=couple_id), 303)
    return render("people/couples/add.html", form=form), 422


@room.page("/couples/<couple_id>/access", permission=Permission.RESET_PARTNER, audience=For.THERAPIST)
def couple_access(couple_id: str) -> Answer:
    """Show how far each partner's account is set up."""
    scope().require(Permission.RESET_PARTNER, couple_id=couple_id)
    return render("people/couples/access.html", couple=couple_card(scope(), couple_id), form=AskForm())


@room.page(
    "/couples/<couple_id>/access/<account_id>/link",
    permission=Permission.RESET_PARTNER,
    audience=For.THERAPIST,
    methods=("GET", "POST"),
)
def partner_link(couple_id: str, account_id: str) -> Answer:
    """Ask once more, then send a partner a new link to their own address."""
    scope().require(Permission.RESET_PARTNER, couple_id=couple_id)
    form = AskForm()
    if not form.validate_on_submit():
        card = couple_card(scope(), couple_id)
        return render("people/couples/link.html", couple=card, access=card.access_of(account_id), form=form)
    send_partner_link(scope(), couple_id, account_id=account_id)
    flash(_("A new link is on its way. Any older link no longer works."), "done")
    scope().commit()
    return redirect(url_for("people.couple_access", couple_id=couple_id), 303)


@room.page(
    "/couples/<couple_id>/access/<account_id>/withdraw",
    permission=Permission.RESET_PARTNER,
    audience=For.THERAPIST,
    methods=("POST",),
)
def withdraw_link(couple_id: str, account_id: str) -> Answer:
    """Make a partner's link stop working."""
    withdraw_partner_link(scope(), couple_id, account_id=account_id)
    flash(_("The link no longer works. You can send a new one at any time."), "done")
    scope().commit()
    return redirect(url_for("people.couple_access", couple_id=couple_id), 303)
