"""A person's own account: settings, password, second step, and where they are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.people import account_commands, account_queries, browser, login, second_factor, totp
from portal.people.account_commands import Theme
from portal.people.account_forms import ConfirmForm, PasswordForm, PlainForm, SettingsForm, password_problem
from portal.people.devices import Kind, parts_of
from portal.people.login import Refusal
from portal.people.passwords import TooBusy
from portal.people.room import room
from portal.people.sign_in_forms import typed
from portal.web.current import person, portal, scope
from portal.web.render import render
from portal.web.room import For

Answer = str | tuple[str, int] | Response


def _page(template: str, **context: Any) -> str:
    return render(f"people/account/{template}", staff=person().viewer.is_staff, **context)


@contextmanager
def _looking() -> Iterator[Scope]:
    """Open a scope that only reads and is closed again before anything slow or anything in writing begins."""
    with portal().records.within(person().viewer, read_only=True) as reading:
        yield reading


@room.page("/account", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("GET", "POST"))
def account() -> Answer:
    """Show and change a person's settings."""
    who = person()
    form = SettingsForm(locale=who.locale or "", theme=who.theme, text_size=who.text_size)
    if not form.validate_on_submit():
        page = _page("account.html", form=form, who=who, error=bool(form.errors))
        return (page, 422) if form.errors else page
    account_commands.change_settings(
        scope(), locale=form.locale.data or None, theme=Theme(form.theme.data), text_size=form.text_size.data
    )
    scope().commit()
    flash(_("Your settings are saved."), "done")
    return redirect(url_for("people.account"), 303)


@room.page(
    "/account/password", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("GET", "POST")
)
def password() -> Answer:
    """Change the password."""
    form = PasswordForm()
    if not form.is_submitted():
        return _page("password.html", form=form)
    if not form.validate() or not _passwords_right(form):
        return _page("password.html", form=form, error=True), 422
    new_hash = browser.hasher().hash(typed(form, "new_password"))
    account_commands.set_password(scope(), new_hash, keep=person().session_id)
    scope().commit()
    browser.refresh()
    flash(_("Your password is changed. You are signed out everywhere else."), "done")
    return redirect(url_for("people.account"), 303)


def _passwords_right(form: PasswordForm) -> bool:
    with _looking() as reading:
        near = account_queries.names_near(reading)
    problem = password_problem(typed(form, "new_password"), personal=near)
    if problem:
        form.new_password.errors = [problem]
        return False
    wrong = _wrong_password(typed(form, "current_password"))
    if wrong:
        form.current_password.errors = [wrong]
    return wrong is None


def _wrong_password(given: str) -> str | None:
    try:
        fits = login.password_fits(portal().records, person().viewer, password=given, hasher=browser.hasher())
    except TooBusy:
        fits = Refusal.SLOW_DOWN
    if isinstance(fits, Refusal):
        return str(_("There were too many tries. Please wait a quarter of an hour, then try again."))
    return None if fits else str(_("That isn’t your password."))


@room.page(
    "/account/second-step",
    permission=Permission.OWN_ACCOUNT,
    audience=For.SIGNED_IN,
    methods=("GET", "POST"),
    gated=False,
)
def second_step() -> Answer:
    """Show how the second step at sign-in stands, and begin to set it up."""
    with _looking() as reading:
        state = account_queries.second_factor(reading)
    if state.active and not person().second_factor:
        return _sign_in_anew()
    if request.method != "POST":
        return _page("second_step.html", state=state, gate=_at_the_gate(), form=PlainForm())
    return _begin()


@browser.needs_fresh
def _begin() -> Response:
    second_factor.begin_set_up(scope())
    scope().commit()
    return redirect(url_for("people.second_step_confirm"), 303)


def _sign_in_anew() -> Response:
    # A session from before the second factor existed must not be able to replace it.
    browser.end()
    return redirect(url_for("people.sign_in"), 303)


def _at_the_gate() -> bool:
    return browser.second_factor_gate(person()) is not None


@room.page(
    "/account/second-step/confirm",
    permission=Permission.OWN_ACCOUNT,
    audience=For.SIGNED_IN,
    methods=("GET", "POST"),
    gated=False,
)
@browser.needs_fresh
def second_step_confirm() -> Answer:
    """Show the secret of a new second step, and turn it on with its first code."""
    with _looking() as reading:
        state = account_queries.second_factor(reading)
    if state.active and not person().second_factor:
        return _sign_in_anew()
    if not state.pending:
        return redirect(url_for("people.second_step"), 303)
    form = ConfirmForm()
    return _confirm_page(form) if not form.is_submitted() else _confirm(form)


def _confirm(form: ConfirmForm) -> Answer:
    codes = None
    if form.validate():
        codes = second_factor.confirm_set_up(scope(), typed(form, "code"), session_id=person().session_id)
    if codes is None:
        scope().rollback()
        form.code.errors = [
            _(
                "That code doesn’t fit. Wait for the next one, and check that the clock of your phone is right."
            )
        ]
        return _confirm_page(form), 422
    scope().commit()
    browser.refresh(second_factor=True)
    return _codes_page(codes)


def _confirm_page(form: ConfirmForm) -> str:
    with _looking() as reading:
        secret = second_factor.pending_secret(reading) or ""
        uri = totp.provisioning_uri(secret, account_queries.own_account(reading).email)
    drawing = Markup(totp.picture(uri))  # noqa: S704 - drawn here from base32 and an escaped address
    return _page(
        "second_step_confirm.html",
        form=form,
        picture=drawing,
        secret=totp.grouped(secret),
        gate=_at_the_gate(),
        error=bool(form.errors),
    )


def _codes_page(codes: list[str]) -> str:
    # Answered at once, without a redirect: the codes are kept nowhere that a second request could read.
    return _page("recovery_codes.html", codes=codes, next_url=browser.front_door(person()))


@room.page(
    "/account/recovery-codes", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("POST",)
)
@browser.needs_fresh
def recovery_codes() -> Answer:
    """Make new recovery codes and show them once."""
    codes = second_factor.renew_recovery_codes(scope())
    scope().commit()
    return _codes_page(codes)


@room.page(
    "/account/second-step/off", permission=Permission.OWN_ACCOUNT, audience=For.PARTNER, methods=("POST",)
)
@browser.needs_fresh
def second_step_off() -> Answer:
    """Turn the second step off."""
    second_factor.remove(scope())
    scope().commit()
    browser.refresh(second_factor=False)
    flash(_("The second step is off."), "done")
    return redirect(url_for("people.second_step"), 303)


@room.page("/account/devices", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN)
@browser.needs_fresh
def devices() -> Answer:
    """Show where a person is signed in."""
    found = account_queries.open_sessions(scope(), current=person().session_id)
    return _page("devices.html", sessions=found, device_words=device_words, form=PlainForm())


@room.page(
    "/account/devices/<session_id>/end",
    permission=Permission.OWN_ACCOUNT,
    audience=For.SIGNED_IN,
    methods=("POST",),
)
@browser.needs_fresh
def end_device(session_id: str) -> Answer:
    """Sign out somewhere else."""
    account_commands.end_one_session(scope(), session_id)
    scope().commit()
    flash(_("That device is signed out."), "done")
    return redirect(url_for("people.devices"), 303)


@room.page(
    "/account/devices/end-all", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("POST",)
)
@browser.needs_fresh
def end_all_devices() -> Answer:
    """Sign out everywhere, here too."""
    account_commands.sign_out_everywhere(scope())
    scope().commit()
    browser.end()
    return redirect(url_for("people.sign_in"), 303)


def device_words(device: str) -> str:
    """Return a coarse device in words, such as "Phone, Chrome"."""
    kind, name = parts_of(device)
    words = {Kind.PHONE: _("Phone"), Kind.TABLET: _("Tablet"), Kind.COMPUTER: _("Computer")}[kind]
    return f"{words}, {name}" if name else words
