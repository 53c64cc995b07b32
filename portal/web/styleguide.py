"""Shows every component in every state, and whole sample pages, to look at and to test. Never in a real practice."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, abort, g, request, url_for
from flask_babel import Babel
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.access.privacy import Label
from portal.web.assets import icon_names
from portal.web.headers import content_security_policy, make_nonce
from portal.web.render import install, render, templates_folder
from portal.web.visibility import Moment, Names, seen_by, seen_by_staff, who_sees

NAMES = Names(partner="Alex", therapist="Ines")
PARTNER_PAGES = (
    "components", "forms", "today", "quiet", "intro", "letter", "dialogue", "overlap", "reveal", "agreement",
    "tracker", "question", "both", "check", "before", "locked", "sign-in", "help",
)  # fmt: skip
STAFF_PAGES = ("staff", "caseload", "couple", "review", "library", "assign", "note")
ERROR_PAGES = ("not_found", "kept", "conflict", "server_error", "too_large", "unavailable")
HOW_OFTEN = [
    SelectChoice("0", "Not at all"),
    SelectChoice("1", "Once or twice"),
    SelectChoice("2", "About once a week"),
    SelectChoice("3", "Several times a week"),
    SelectChoice("4", "Almost every day"),
    SelectChoice("none", "Prefer not to answer"),
]
OPEN_TO = [
    SelectChoice("comfortable", "Comfortable"),
    SelectChoice("maybe", "Maybe"),
    SelectChoice("not_now", "Not now"),
]
TOUCHES = ["Holding hands", "Sitting close on the sofa", "A long hug", "A kiss hello or goodbye",
           "A shoulder massage", "Cuddling before sleep"]  # fmt: skip


class SampleForm(Form):
    """One field of every kind."""

    letter = TextAreaField(
        "What happened, and what did you feel?", [InputRequired("Write a few words first")]
    )
    ruled = TextAreaField("Write something for yourself")
    name = StringField(
        "Your first name", [InputRequired("Enter the name you want to be called"), Length(max=40)]
    )
    email = StringField("Your email address")
    password = PasswordField("Password", [InputRequired("Enter your password")])
    code = StringField("Code from your app")
    often = RadioField(
        "We went whole days talking only about practical things.",
        [InputRequired("Choose one, or “Prefer not to answer”")],
        choices=HOW_OFTEN,
    )
    touch = RadioField("A long hug", choices=OPEN_TO, default="maybe", validators=[Optional()])
    tonight = RadioField("How was it tonight?", choices=[SelectChoice("g", "Good"), SelectChoice("s", "A bit short"), SelectChoice("h", "Hard to start")],
                         validators=[Optional()])  # fmt: skip
    close = RadioField("How close did you feel this week?", choices=[SelectChoice(str(n)) for n in range(1, 8)],
                       validators=[Optional()])  # fmt: skip
    likely = RadioField("How likely is it that you will do this?", choices=[SelectChoice(str(n)) for n in range(11)],
                        validators=[Optional()])  # fmt: skip
    wishes = SelectMultipleField(
        "What would you like more of?",
        choices=[SelectChoice("t", "Time alone"), SelectChoice("w", "Walks"), SelectChoice("m", "Music")],
    )
    sees = RadioField("Who sees the answers", choices=[SelectChoice("o", "All three of you see only what both are open to"),
                                                       SelectChoice("l", "They see the overlap. I also see both full lists")],
                      validators=[Optional()])  # fmt: skip
    safety = RadioField("Safety today", choices=[SelectChoice("a", "Asked, each alone"), SelectChoice("n", "Not asked"), SelectChoice("c", "Concern")],
                        validators=[Optional()])  # fmt: skip
    thought = BooleanField("I have thought about this for Sam and for Alex. My reason goes into the record.")
    kind = SelectField(
        "Kind", choices=[SelectChoice("v", "Together, by video"), SelectChoice("r", "Together, in the room")]
    )
    day = DateField("Date", [Optional()])
    start = TimeField("From", [Optional()])
    minutes = IntegerField("How long", [InputRequired("Enter a number of minutes")])
    file = FileField("Consent form")


STYLES = {"ruled": "ruled", "code": "code", "touch": "segmented", "tonight": "segmented", "close": "scale",
          "likely": "scale", "safety": "across"}  # fmt: skip


def sample_form(*, wrong: bool = False, **values: Any) -> SampleForm:
    """The sample form, filled with ``values``; ``wrong`` puts it through validation while empty."""
    form = SampleForm(data=values)
    for name, style in STYLES.items():
        form[name].portal_style = style
    if wrong:
        form.validate()
    return form


def _rows(*rows: Mapping[str, Any]) -> list[SimpleNamespace]:
    return [SimpleNamespace(**row) for row in rows]


def _tabs(current: str) -> list[dict[str, Any]]:
    tabs = (
        ("Today", "notebook-text"),
        ("Together", "users-round"),
        ("Just me", "lock"),
        ("More", "ellipsis"),
    )
    return [{"label": label, "icon": name, "url": "#", "current": label == current} for label, name in tabs]


def _nav(current: str) -> list[dict[str, Any]]:
    items = (("Caseload", "inbox"), ("Answers", "message-square-quote"), ("Calendar", "calendar-days"),
             ("Library", "book-open"), ("Pathways", "waypoints"), ("Reports", "file-text"))  # fmt: skip
    return [
        {
            "label": label,
            "icon": name,
            "url": "#",
            "current": label == current,
            "count": 4 if label == "Answers" else 0,
        }
        for label, name in items
    ]


def _touches() -> list[RadioField]:
    chosen = ("comfortable", "comfortable", "maybe", "not_now", None, None)

    class Touches(Form):
        """One three-way choice for each kind of touch."""

    for index, touch in enumerate(TOUCHES):
        setattr(Touches, f"touch{index}", RadioField(touch, choices=OPEN_TO))
    form = Touches(data={f"touch{index}": value for index, value in enumerate(chosen)})
    for field in form:
        field.portal_style = "segmented"
    return list(form)


def _weeks(today: date) -> list[list[date]]:
    monday = today - timedelta(days=today.weekday() + 21)
    return [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(4)]


def _context(page: str) -> dict[str, Any]:
    """Everything a sample page may use."""
    today = date(2026, 11, 19)
    noted = (27, 29, 30, 32, 34, 35, 37, 38, 46, 47, 49)
    wrong = "wrong" in request.args
    rtl = request.args.get("dir") == "rtl"
    staff = page in STAFF_PAGES
    current = {"tracker": "Today", "agreement": "Together", "both": "Together"}.get(page, "Today")
    return {
        "page": page,
        "form": sample_form(wrong=wrong, often="3" if not wrong else None, touch="maybe", close="3", sees="o",
                            safety="a", tonight="g", letter=LETTER if page == "letter" else ""),
        "blank": sample_form(),
        "wrong": sample_form(wrong=True),
        "touches": _touches(),
        "labels": [seen_by(label, names=NAMES) for label in Label],
        "labels_by_role": [seen_by(label) for label in Label],
        "labels_for_staff": [seen_by_staff(label) for label in Label],
        "seen": {label.value: seen_by(label, names=NAMES) for label in Label},
        "before": {label.value: seen_by(label, names=NAMES, moment=Moment.BEFORE) for label in Label},
        "writing": {label.value: seen_by(label, names=NAMES, moment=Moment.WRITING) for label in Label},
        "staff_seen": {label.value: seen_by_staff(label) for label in Label},
        "who_sees": who_sees(Label.COUPLE, names=NAMES, hints=True),
        "today": today,
        "session": datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
        "weeks": _weeks(today),
        "noted": {date(2026, 10, 1) + timedelta(days=n - 1) for n in noted} | {date(2026, 11, 1)},
        "rows": _rows,
        "icons": list(icon_names()),
        "tabs": _tabs(current),
        "nav": _nav({"review": "Answers", "library": "Library"}.get(page, "Caseload")) if staff else [],
        "practice_name": "Harbour Practice",
        "viewer_name": "Ines Marlowe" if staff else "Sam Wren",
        "find_url": "#", "account_url": "#", "shared_screen_url": "#", "home_url": "#", "help_url": "#",
        "leave_url": "/leave",
        "theme": request.args.get("theme", "device"),
        "text_size": request.args.get("text"),
        "locale": "ar" if rtl else "en",
        "text_direction": "rtl" if rtl else "ltr",
        "coach": COACH,
        "texts": [LETTER], "reason": "kept", "fields": {}, "url": "#", "reference": "7KQ2",
        "message": _MEANWHILE, "versions": {"As it is now": LETTER[:40]},
    }  # fmt: skip


COACH = SimpleNamespace(
    slots=[SimpleNamespace(name="letter")], wanted=True, asking="{}", address="/styleguide/save", help_address="#",
    help_now=[SimpleNamespace(name="Samaritans", url="tel:116123", words="116 123")],
    looked=SimpleNamespace(
        parts={"letter": [
            SimpleNamespace(
                code="always_never", is_good=False, say="Words like “always” and “never” are hard to hear. Which one time are you thinking of?",
                excerpts=[SimpleNamespace(before="", words="You never put yours away", after="")],
            ),
            SimpleNamespace(
                code="request", is_good=True, say="Clear: your partner knows what you are asking for.",
                excerpts=[SimpleNamespace(before="", words="Could we leave them in the hall", after=" on Sunday")],
            ),
        ]},
        whole=[], care=["letter"],
    ),
)  # fmt: skip
_MEANWHILE = "Nothing is lost. Both texts are below."
LETTER = (
    "I felt lonely on Tuesday when we ate with our phones out. You never put yours away, and I miss hearing "
    "about your day."
)


def _page(name: str = "index") -> str:
    if name in ERROR_PAGES:
        return render(f"errors/{name}.html", **_context(name))
    if name != "index" and name not in PARTNER_PAGES + STAFF_PAGES:
        abort(404)
    pages = {"partner": PARTNER_PAGES, "staff": STAFF_PAGES, "errors": ERROR_PAGES}
    links = {
        kind: [(each, url_for("styleguide", name=each)) for each in names] for kind, names in pages.items()
    }
    return render(f"styleguide/{name}.html", links=links, **_context(name))


def register(app: Flask, *, guard: Callable[[Callable[..., str]], Callable[..., str]] | None = None) -> None:
    """Add ``/styleguide`` to an application in development or tests; ``guard`` wraps the view, if views need one."""
    view = guard(_page) if guard else _page
    app.add_url_rule("/styleguide", "styleguide", view)
    app.add_url_rule("/styleguide/<name>", "styleguide", view)


def make_app() -> Flask:
    """A small application with nothing but the style guide, under the same security policy as the portal."""
    app = Flask("portal", template_folder=str(templates_folder()))
    app.secret_key = secrets.token_bytes()
    Babel(
        app,
        default_timezone="UTC",
        locale_selector=lambda: "ar" if request.args.get("dir") == "rtl" else "en",
    )
    install(app)

    app.before_request(make_nonce)
    app.after_request(_protect)
    app.add_url_rule("/styleguide/save", "save", _save, methods=["POST"])
    app.add_url_rule("/leave", "leave", _elsewhere, methods=["GET", "POST"])
    register(app)
    return app


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = content_security_policy(g.csp_nonce)
    return response


def _save() -> str:
    """Take a draft the way real pages do; the word "unlucky" in it stands for a server that fails."""
    if "unlucky" in request.form.get("letter", ""):
        abort(500)
    return render("styleguide/draft.html", words="Draft saved 20:15")


def _elsewhere() -> str:
    return render("styleguide/elsewhere.html")


if __name__ == "__main__":
    make_app().run("127.0.0.1", 8123)
