"""The pages for signing in and out, and for leaving at once."""

from flask import Response, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers.response import Response as BaseResponse

from portal.access.policy import Permission
from portal.people import browser, login, second_factor
from portal.people.browser import Half
from portal.people.login import Known, Refusal
from portal.people.passwords import TooBusy
from portal.people.room import room
from portal.people.second_factor import Accepted
from portal.people.sign_in_forms import AgainForm, CodeForm, SignInForm, typed
from portal.web.current import person, person_or_none, portal
from portal.web.render import render
from portal.web.room import For

Answer = str | tuple[str, int] | BaseResponse

WEATHER = "https://www.weather.gov/"
WEATHER_BY_COUNTRY = {
    "GB": "https://www.metoffice.gov.uk/",
    "IE": "https://www.met.ie/",
    "NZ": "https://www.metservice.com/",
    "CA": "https://weather.gc.ca/",
    "DE": "https://www.dwd.de/",
    "FR": "https://meteofrance.com/",
    "ES": "https://www.aemet.es/",
}
"""Where Leave leads, by the country in the browser's language: plain weather sites."""


@room.page("/sign-in", permission=Permission.BE_ANYONE, audience=For.ANYONE, methods=("GET", "POST"))
def sign_in() -> Answer:
    """Ask for address and password."""
    form = SignInForm(next=request.args.get("next"))
    if request.method != "POST":
        found = person_or_none()
        return redirect(browser.front_door(found), 303) if found else _sign_in_page(form)
    outcome = _try_password(form)
    if isinstance(outcome, Refusal):
        return _sign_in_page(form, outcome)
    if outcome.has_second_factor:
        browser.remember_half(outcome, next_path=typed(form, "next"))
        return redirect(url_for("people.sign_in_code"), 303)
    return _go_in(outcome, second_factor=False, next_path=typed(form, "next"))


def _try_password(form: SignInForm) -> Known | Refusal:
    if not form.validate():
        return Refusal.WRONG
    try:
        return login.sign_in(
            portal().records,
            typed(form, "email"),
            password=typed(form, "password"),
            caller=browser.caller(),
            hasher=browser.hasher(),
        )
    except TooBusy:
        return Refusal.SLOW_DOWN


def _sign_in_page(form: SignInForm, refusal: Refusal | None = None) -> Answer:
    if refusal is None:
        return render("people/sign_in/sign_in.html", form=form)
    # One message for every failure, and no word about a field: what is wrong would say who has an account.
    return _refused(
        "people/sign_in/sign_in.html", form, refusal, _("That email address and password don’t fit together.")
    )


def _refused(template: str, form: SignInForm | CodeForm | AgainForm, refusal: Refusal, wrong: str) -> Answer:
    for field in form:
        field.errors = []
    slow = _("There were too many tries. Please wait a quarter of an hour, then try again.")
    form.form_errors = [slow if refusal is Refusal.SLOW_DOWN else wrong]
    return render(template, form=form, error=True), 429 if refusal is Refusal.SLOW_DOWN else 422


def _go_in(known: Known, *, second_factor: bool, next_path: str) -> BaseResponse:
    found = browser.begin(known, second_factor=second_factor)
    return redirect(browser.after_sign_in(found, next_path), 303)


@room.page("/sign-in/code", permission=Permission.BE_ANYONE, audience=For.ANYONE, methods=("GET", "POST"))
def sign_in_code() -> Answer:
    """Ask for the code of the second factor."""
    half = browser.half_way()
    if half is None:
        session.pop(browser.HALF, None)
        return redirect(url_for("people.sign_in"), 303)
    form = CodeForm()
    if request.method != "POST":
        return render("people/sign_in/code.html", form=form)
    refusal = _try_code(form, half)
    if refusal is None:
        return _go_in(half.known, second_factor=True, next_path=half.next_path)
    words = _(
        "That code doesn’t fit. Wait for the next one, and check that the clock of your phone is right."
    )
    return _refused("people/sign_in/code.html", form, refusal, words)


def _try_code(form: CodeForm, half: Half) -> Refusal | None:
    if not form.validate():
        return Refusal.WRONG
    records = portal().records
    attempt = login.reserve_code(records, half.known, browser.caller())
    if attempt is None:
        return Refusal.SLOW_DOWN
    with records.within(half.known.viewer) as scope:
        accepted: Accepted | None = second_factor.accept(scope, typed(form, "code"))
    if accepted is None:
        return Refusal.WRONG
    login.release_code(records, attempt)
    return None


@room.page(
    "/sign-in/again",
    permission=Permission.OWN_ACCOUNT,
    audience=For.SIGNED_IN,
    methods=("GET", "POST"),
    gated=False,
)
def sign_in_again() -> Answer:
    """Ask somebody who is signed in for their password before something that matters."""
    form = AgainForm(next=request.args.get("next"))
    if request.method != "POST":
        return render("people/sign_in/again.html", form=form)
    refusal = _try_again(form)
    if refusal is not None:
        return _refused("people/sign_in/again.html", form, refusal, _("That isn’t your password."))
    if not browser.refresh():
        return redirect(url_for("people.sign_in"), 303)
    return redirect(browser.safe_path(typed(form, "next")) or browser.front_door(person()), 303)


def _try_again(form: AgainForm) -> Refusal | None:
    if not form.validate():
        return Refusal.WRONG
    try:
        fits = login.password_fits(
            portal().records, person().viewer, password=typed(form, "password"), hasher=browser.hasher()
        )
    except TooBusy:
        return Refusal.SLOW_DOWN
    if isinstance(fits, Refusal):
        return fits
    return None if fits else Refusal.WRONG


@room.page("/sign-out", permission=Permission.SIGN_OUT, audience=For.ANYONE, methods=("POST",))
def sign_out() -> Answer:
    """Sign out, and leave nothing of it in the browser."""
    browser.end()
    return _wiped(redirect(url_for("people.sign_in"), 303))


@room.page("/leave", permission=Permission.BE_ANYONE, audience=For.ANYONE, methods=("GET", "POST"))
def leave() -> Answer:
    """End the session at once and go to a page about the weather."""
    try:
        browser.end()
    except SQLAlchemyError:
        # Whoever leaves must get away even while the database can't be written.
        browser.forget()
    # A signal that a page sends in its last moment isn't followed anywhere, so nothing else is asked for.
    if request.method == "POST" and request.headers.get("Sec-Fetch-Dest") == "empty":
        return _wiped(Response(status=204))
    return _wiped(redirect(_neutral_place(), 303))


def _neutral_place() -> str:
    chosen = portal().parts.get("leave_to")
    if chosen:
        return str(chosen)
    countries = (
        wish.replace("_", "-").rpartition("-")[2].upper() for wish in request.accept_languages.values()
    )
    return next(
        (WEATHER_BY_COUNTRY[country] for country in countries if country in WEATHER_BY_COUNTRY), WEATHER
    )


def _wiped(response: BaseResponse) -> BaseResponse:
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
