"""Turns templates into pages: Jinja's settings, the filters and functions pages may use, whole pages and parts."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Any, NoReturn

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time, match_skeleton
from flask import Flask, g, render_template
from flask_babel import get_locale, get_timezone
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateRuntimeError
from jinja2_fragments.flask import render_block
from markupsafe import Markup

from portal.web.assets import install_assets

_HERE = Path(__file__).resolve()


def templates_folder() -> Path:
    """Where the templates lie: at the top of a checkout, inside the package in an installed wheel."""
    packaged = _HERE.parents[1] / "templates"
    return packaged if packaged.is_dir() else _HERE.parents[2] / "templates"


def render(template: str, **context: Any) -> str:
    """A whole page."""
    return render_template(template, **context)


def fragment(template: str, block: str, **context: Any) -> str:
    """One named block of a page, for a part that is exchanged without loading the whole page anew."""
    return str(render_block(template, block, **context))


def csp_nonce() -> str:
    """This response's nonce, which the content security policy repeats; empty where none was made."""
    return str(g.get("csp_nonce", ""))


def hx(**attributes: object) -> Markup:
    """Attributes for a live element: ``hx(post=url, trigger="input delay:1s", target="#draft")``.

    Names get their ``data-hx-`` prefix (an underscore becomes a dash), and the nonce is stamped on, without which
    the browser refuses the element. Also notes that this page needs the live script at all.
    """
    g.live_page = True
    stamped = {**attributes, "nonce": csp_nonce()}
    return Markup(" ").join(
        Markup('data-hx-{}="{}"').format(name.replace("_", "-"), value)
        for name, value in stamped.items()
        if value
    )


def autosave(url: str, *, status: str = "#draft-status") -> Markup:
    """Attributes for a form that saves its draft while someone writes.

    The answer to the POST is the new draft status (see ``components/draft_status.html``); anything from 400 up
    leaves the page alone and makes the status say that the draft is not saved yet.
    """
    live = hx(
        post=url,
        trigger="input delay:1500ms, focusout delay:200ms, retry",
        target=status,
        swap="outerHTML",
        sync="this:replace",
    )
    return Markup("data-autosave {}").format(live)


def live_page() -> bool:
    """Whether anything rendered so far in this request used ``hx``."""
    return bool(g.get("live_page", False))


def refuse(reason: str) -> NoReturn:
    """Stop rendering: a component was used in a way that must never reach a person."""
    raise TemplateRuntimeError(reason)


def _date_locale() -> Locale:
    """The viewer's locale; plain English is written in the British order, day before month."""
    locale = get_locale() or Locale("en")
    return Locale("en", "GB") if locale.language == "en" and not locale.territory else locale


def _moment(value: date | datetime) -> tuple[datetime, tzinfo | None]:
    """A moment and the zone to show it in; a plain date becomes its noon, so that no zone moves it to another day."""
    if isinstance(value, datetime):
        return value, get_timezone()
    return datetime(value.year, value.month, value.day, 12, tzinfo=UTC), UTC


def _skeleton(skeleton: str, value: date | datetime) -> str:
    moment, zone = _moment(value)
    return format_skeleton(skeleton, moment, tzinfo=zone, locale=_date_locale())


def _pattern(pattern: str, value: date | datetime) -> str:
    moment, zone = _moment(value)
    return format_datetime(moment, pattern, tzinfo=zone, locale=_date_locale())


def _joined(first: str, second: str) -> str:
    return f"{first}{'،' if _date_locale().language == 'ar' else ','} {second}"


def day(moment: date | datetime) -> str:
    """Weekday, day and month in full: "Thursday 19 November"."""
    shown, zone = _moment(moment)
    # CLDR has no separate pattern with weekday and month in full, so the short ones are lengthened in place.
    skeletons = _date_locale().datetime_skeletons
    pattern = re.sub("E+", "EEEE", str(skeletons[match_skeleton("MMMMEd", skeletons)]))
    pattern = re.sub("M+", "MMMM", pattern)
    return format_datetime(shown, pattern, tzinfo=zone, locale=_date_locale())


def day_with_year(moment: date | datetime) -> str:
    """Day, month and year: "19 November 2026"."""
    shown, zone = _moment(moment)
    return format_date(shown.astimezone(zone), "long", locale=_date_locale())


def short_day(moment: date | datetime) -> str:
    """Short weekday, day and month: "Tue 24 Nov"."""
    words = _skeleton("MMMEd", moment)
    return words.replace(",", "") if _date_locale().language == "en" else words


def day_and_month(moment: date | datetime) -> str:
    """Day and short month: "19 Nov"."""
    return _skeleton("MMMd", moment)


def month(moment: date | datetime) -> str:
    """Month and year: "November 2026"."""
    return _skeleton("yMMMM", moment)


def clock(moment: datetime | time) -> str:
    """Hours and minutes of the viewer's day: "17:00"."""
    if isinstance(moment, time):
        return format_time(moment.replace(tzinfo=UTC), "HH:mm", tzinfo=UTC, locale=_date_locale())
    return _pattern("HH:mm", moment)


def day_and_clock(moment: datetime) -> str:
    """Weekday, day, month and time: "Tuesday 24 November, 17:00"."""
    return _joined(day(moment), clock(moment))


def short_day_and_clock(moment: datetime) -> str:
    """Short day and time: "Tue 24 Nov, 17:00"."""
    return _joined(short_day(moment), clock(moment))


def weekday(moment: date | datetime) -> str:
    """Short weekday alone: "Tue"."""
    return _pattern("ccc", moment)


def weekday_name(moment: date | datetime) -> str:
    """Weekday alone, in full: "Tuesday"."""
    return _pattern("cccc", moment)


def day_number(moment: date | datetime) -> str:
    """Number of the day alone: "24"."""
    return _pattern("d", moment)


def month_name(moment: date | datetime) -> str:
    """Short month alone: "Nov"."""
    return _pattern("LLL", moment)


FILTERS = {
    each.__name__: each
    for each in (
        day, day_with_year, short_day, day_and_month, month, clock, day_and_clock, short_day_and_clock, weekday,
        month_name, day_number,
    )
}  # fmt: skip


def _described_by(*parts: str | None) -> str | None:
    """Ids for ``aria-describedby``, or none at all where there is nothing to point to."""
    return " ".join(part for part in parts if part) or None


def _without_nothing(attributes: Mapping[str, object]) -> dict[str, object]:
    """Attributes that have a value; WTForms would print the others as words."""
    return {name: value for name, value in attributes.items() if value is not None and value is not False}


def install(app: Flask) -> None:
    """Set up Jinja for the portal. Call it after Flask-Babel, before the first page is rendered."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.autoescape = True
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.filters.update(FILTERS, present=_without_nothing)
    env.globals.update(
        csp_nonce=csp_nonce,
        hx=hx,
        autosave=autosave,
        live_page=live_page,
        refuse=refuse,
        described_by=_described_by,
    )
    install_assets(app)
