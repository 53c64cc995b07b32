"""What a partner reads before the first use, and what they agree to; always open to change their mind."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.access.privacy import Label
from portal.people.account_queries import own_account
from portal.people.addresses import masked
from portal.people.couple_queries import circle
from portal.people.practice_queries import practice_of
from portal.people.room import room
from portal.people.welcome_commands import agree, introduce, withdraw_consent
from portal.people.welcome_forms import Choice, ConsentForm, ReadForm
from portal.people.welcome_queries import standing_consent
from portal.web.current import SignedIn, person, scope
from portal.web.render import render
from portal.web.room import For
from portal.web.visibility import Names, seen_by

Answer = str | tuple[str, int] | Response


def introduction_gate(visitor: SignedIn) -> str | None:
    """Return where a partner reads how to use this safely, until they have."""
    if not visitor.viewer.is_partner or visitor.introduced:
        return None
    return url_for("people.before_you_start")


def consent_gate(visitor: SignedIn) -> str | None:
    """Return where a partner is asked to agree to who sees what, until they do."""
    if not visitor.viewer.is_partner or visitor.consented:
        return None
    return url_for("people.who_sees_what")


@room.page(
    "/welcome", permission=Permission.OWN_ACCOUNT, audience=For.PARTNER, methods=("GET", "POST"), gated=False
)
def before_you_start() -> Answer:
    """Explain Leave, and what it can't do, before anything else is shown."""
    form = ReadForm()
    if not form.validate_on_submit():
        address = masked(own_account(scope()).email)
        return render("people/welcome/before_you_start.html", form=form, address=address)
    introduce(scope())
    scope().commit()
    return redirect("/" if person().consented else url_for("people.who_sees_what"), 303)


@room.page(
    "/welcome/agree",
    permission=Permission.OWN_ACCOUNT,
    audience=For.PARTNER,
    methods=("GET", "POST"),
    gated=False,
)
def who_sees_what() -> Answer:
    """Say who sees what, and ask for agreement."""
    if not person().introduced:
        return redirect(url_for("people.before_you_start"), 303)
    form = ConsentForm()
    if not form.validate_on_submit():
        return render("people/welcome/who_sees_what.html", form=form, **_what_it_says())
    if form.choice.data == Choice.NOT_NOW:
        return redirect(url_for("people.not_now"), 303)
    agree(scope())
    scope().commit()
    return redirect("/", 303)


def _what_it_says() -> dict[str, object]:
    around = circle(scope())
    partner = around.partner_of(person().viewer.account_id).first_name
    names = Names(partner=partner, therapist=around.therapist)
    labels = (Label.PRIVATE, Label.THERAPIST, Label.COUPLE, Label.LATER, Label.OVERLAP, Label.HELD)
    return {
        "seen": {label.value: seen_by(label, names=names) for label in labels},
        "therapist": around.therapist,
        "policy": practice_of(scope()).secrets_policy,
    }


@room.page("/welcome/later", permission=Permission.OWN_ACCOUNT, audience=For.PARTNER, gated=False)
def not_now() -> Answer:
    """Say calmly what can't be done yet, and how to come back."""
    return render("people/welcome/not_now.html", form=ReadForm())


@room.page(
    "/consent", permission=Permission.OWN_ACCOUNT, audience=For.PARTNER, methods=("GET", "POST"), gated=False
)
def your_consent() -> Answer:
    """Show what a partner agreed to and when, and let them withdraw it."""
    consent = standing_consent(scope(), person().viewer.account_id)
    if consent is None:
        return redirect(url_for("people.who_sees_what"), 303)
    form = ReadForm()
    if not form.validate_on_submit():
        return render(
            "people/welcome/your_consent.html", form=form, agreed_at=consent.agreed_at, **_what_it_says()
        )
    withdraw_consent(scope())
    flash(_("You have withdrawn your agreement."), "done")
    scope().commit()
    return redirect(url_for("people.not_now"), 303)
