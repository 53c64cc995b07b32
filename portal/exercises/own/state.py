"""Where an own work stands, in words: a draft, in one's own library, offered to the practice, retired."""

from dataclasses import dataclass

from portal.exercises.own.commands import is_offered
from portal.exercises.own.models import OwnWork, Shelf
from portal.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a work stands. ``short`` fits a row, ``tone`` is that of a tag."""

    short: str
    words: str
    tone: str = ""
    may_publish: bool = True
    may_assign: bool = False
    may_ask: bool = False
    is_asked: bool = False
    may_retire: bool = False
    may_delete: bool = False
    note: str = ""


def standing(work: OwnWork, *, is_changed: bool = True) -> Standing:
    """Return where a work stands; ``is_changed`` says that its draft differs from its newest edition."""
    is_asked = work.asked_at is not None and work.shelf in {Shelf.MINE, Shelf.PRACTICE}
    is_out = work.shelf in {Shelf.MINE, Shelf.PRACTICE}
    short, words, tone = _words(work)
    if is_changed and is_out:
        words = _("%(words)s Your changes since then are for nobody until you publish them.", words=words)
    return Standing(
        short=short,
        words=words,
        tone=tone,
        may_publish=is_changed or work.shelf == Shelf.RETIRED,
        may_assign=is_out,
        may_ask=is_out and not is_asked and not is_offered(work, work.version),
        is_asked=is_asked,
        may_retire=is_out,
        may_delete=not work.version,
        note=work.note,
    )


def _words(work: OwnWork) -> tuple[str, str, str]:
    number = work.version
    match work.shelf:
        case Shelf.DRAFT:
            return _("Draft"), _("A draft. Nobody else sees it."), "quiet"
        case Shelf.RETIRED:
            words = _("It is off the shelf. What was assigned with it goes on.")
            return _("Off the shelf"), words, "quiet"
        case Shelf.PRACTICE if work.practice_version == number:
            words = _("Every therapist of the practice can assign version %(number)s.", number=number)
            return _("For the practice"), words, "done"
        case Shelf.PRACTICE:
            words = _(
                "You can assign version %(own)s, the rest of the practice version %(theirs)s.",
                own=number,
                theirs=work.practice_version,
            )
            return _("For the practice"), words, "done"
        case _:
            words = _("You can assign version %(number)s to your own couples.", number=number)
            return _("Version %(number)s", number=number), words, "done"
