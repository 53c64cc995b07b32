"""Language, direction and time zone of a page: the person's setting first, then the browser's wish."""

from flask import Flask, request
from flask_babel import Babel, get_locale

from portal.web.current import person_or_none

LANGUAGES: dict[str, str] = {"en": "English"}
"""The languages that pages exist in, by code, each in its own name."""

EXERCISE_LANGUAGES: dict[str, str] = {"es": "Español"}
"""Languages that only exercises exist in so far, by code, each in its own name. The pages around them are English."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def choose_locale() -> str:
    """Return the language for this request."""
    person = person_or_none()
    if person is not None and person.locale:
        return person.locale
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def choose_time_zone() -> str:
    """Return the time zone that times are shown in: that of the person's practice."""
    person = person_or_none()
    return person.time_zone if person is not None else "UTC"


def text_direction() -> str:
    """Return ``rtl`` or ``ltr`` for the language of this page."""
    locale = get_locale()
    return "rtl" if locale is not None and locale.language in RIGHT_TO_LEFT else "ltr"


def install(app: Flask) -> None:
    """Set up translations and the choice of language."""
    Babel(app, locale_selector=choose_locale, timezone_selector=choose_time_zone)
