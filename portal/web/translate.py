"""Translating sentences in Python: Flask-Babel's functions under their usual names, with types."""

from flask_babel import gettext, ngettext


def _(words: str, /, **values: object) -> str:
    """Return a sentence in the language of the request, its ``%(name)s`` marks filled in."""
    return str(gettext(words, **values))


def _n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the sentence for a number of things; the number itself is ``%(num)s``."""
    return str(ngettext(one, many, count, **values))
