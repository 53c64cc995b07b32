"""The words that tell people who will see something, beside every input and every text."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext

from portal.access.privacy import Label


def _(words: str, **names: str) -> str:
    """Translate; under its usual name, so that the words are found when translations are collected."""
    return str(gettext(words, **names))


class Moment(StrEnum):
    """When the words are read, seen from the person who writes."""

    NOW = "now"
    """It is as the label says: already sent, or nothing to send."""
    WRITING = "writing"
    """While writing: still private, with a word about what sending will change."""
    BEFORE = "before"
    """Before starting: "…, once you send it"."""


@dataclass(frozen=True)
class Names:
    """First names of the other people, from the viewpoint of the one who reads; roles stand in for a missing one."""

    partner: str | None = None
    therapist: str | None = None


@dataclass(frozen=True)
class SeenBy:
    """What a visibility chip says. ``short`` fits a row of a list; ``moment`` is when it holds."""

    label: Label
    text: str
    short: str
    moment: Moment = Moment.NOW

    @property
    def icon(self) -> str:
        """Name of the icon that always goes with this label."""
        return ICONS[self.label]


ICONS = {
    Label.PRIVATE: "lock",
    Label.THERAPIST: "user-round",
    Label.COUPLE: "users-round",
    Label.LATER: "hourglass",
    Label.OVERLAP: "blend",
    Label.HELD: "inbox",
    Label.DAYS: "calendar-days",
    Label.NOTES: "file-lock",
}


def seen_by(
    label: Label, *, names: Names = Names(), moment: Moment = Moment.NOW, therapist_sees_lists: bool = False
) -> SeenBy:
    """Words for a partner about their own writing: names where they are known, roles otherwise.

    ``therapist_sees_lists`` matters for ``Label.OVERLAP`` only: the form then has to say that the therapist
    also reads the full list.
    """
    if label is Label.OVERLAP and therapist_sees_lists:
        return _overlap_with_lists(names, moment)
    text, short = _words(label, names)
    if moment is Moment.WRITING and label in _WHEN_SENT:
        return SeenBy(label, _while_writing(label, names), _("Only you"), moment)
    if moment is Moment.BEFORE and label in _WHEN_SENT:
        return SeenBy(label, _("%(who)s, once you send it", who=short), short, moment)
    return SeenBy(label, text, short, moment)


_WHEN_SENT = frozenset({Label.THERAPIST, Label.COUPLE})


def _words(label: Label, names: Names) -> tuple[str, str]:
    """The full and the short wording of a label."""
    partner, therapist = names.partner, names.therapist
    match label:
        case Label.PRIVATE:
            return _("Only you can see this"), _("Only you")
        case Label.THERAPIST:
            words = (
                _("You and %(therapist)s", therapist=therapist) if therapist else _("You and your therapist")
            )
            return words, words
        case Label.COUPLE | Label.DAYS:
            words = _everyone(names) if label is Label.COUPLE else _days(therapist)
            return words, words
        case Label.LATER:
            return _("Hidden until you have both answered, then open to you both"), _("Opens for you both")
        case Label.OVERLAP:
            return _overlap(names), _("Only what you are both open to")
        case Label.HELD if therapist:
            return _("Held until %(therapist)s opens it with you", therapist=therapist), _("Held for now")
        case Label.HELD:
            return _("Held until your therapist opens it with you"), _("Held for now")
        case Label.NOTES:
            return _("Therapist notes. Clients cannot see this"), _("Therapist notes")
    raise AssertionError(f"{label} of {partner} has no words")


def _everyone(names: Names) -> str:
    if names.partner and names.therapist:
        return _("You, %(partner)s and %(therapist)s", partner=names.partner, therapist=names.therapist)
    if names.partner:
        return _("You, %(partner)s and your therapist", partner=names.partner)
    return _("Both of you and your therapist")


def _days(therapist: str | None) -> str:
    """Say who sees a log: its answer goes to the therapist, and both see on which day, or in which week, it was done."""
    if therapist:
        return _(
            "You and %(therapist)s. Both of you see only when it was done, without a name",
            therapist=therapist,
        )
    return _("You and your therapist. Both of you see only when it was done, without a name")


def _overlap(names: Names) -> str:
    if names.partner and names.therapist:
        return _(
            "%(partner)s and %(therapist)s see only what you are both open to",
            partner=names.partner,
            therapist=names.therapist,
        )
    return _("Your partner and therapist see only what you are both open to")


def _overlap_with_lists(names: Names, moment: Moment) -> SeenBy:
    if names.partner and names.therapist:
        text = _(
            "%(partner)s sees only what you are both open to. %(therapist)s sees your whole list",
            partner=names.partner,
            therapist=names.therapist,
        )
    else:
        text = _("Your partner sees only what you are both open to. Your therapist sees your whole list")
    return SeenBy(Label.OVERLAP, text, _("Only what you are both open to"), moment)


def _while_writing(label: Label, names: Names) -> str:
    partner, therapist = names.partner, names.therapist
    if label is Label.THERAPIST:
        if therapist:
            return _("Only you for now. %(therapist)s once you send it", therapist=therapist)
        return _("Only you for now. Your therapist once you send it")
    if partner and therapist:
        return _(
            "Only you for now. %(partner)s and %(therapist)s once you send it",
            partner=partner,
            therapist=therapist,
        )
    return _("Only you for now. Your partner and therapist once you send it")


def seen_by_staff(label: Label, *, author: str | None = None) -> SeenBy:
    """The short words on the therapist's pages; ``author`` is the partner who wrote, where it was one of them."""
    words = {
        Label.PRIVATE: _("Only the writer"),
        Label.THERAPIST: _("%(author)s and you", author=author) if author else _("Each with you"),
        Label.COUPLE: _("Both and you"),
        Label.LATER: _("Both, once both answered"),
        Label.OVERLAP: _("Only the overlap"),
        Label.HELD: _("Held until you open it"),
        Label.DAYS: _("Each with you. Both see when, without a name"),
        Label.NOTES: _("Therapist notes. Clients cannot see this"),
    }[label]
    return SeenBy(label, words, words)


@dataclass(frozen=True)
class WhoSeesRow:
    """One line of "Who will see it": a moment in words, and who can see it then."""

    moment: str
    seen_by: SeenBy


def who_sees(
    label: Label, *, names: Names = Names(), hints: bool = False, lists: bool = False
) -> list[WhoSeesRow]:
    """The lines of "Who will see it" before an exercise; ``hints`` adds the line about writing hints.

    ``lists`` says that the therapist also reads full lists, as in ``seen_by``.
    """
    rows = [WhoSeesRow(_("While you write"), _only_you())]
    if label is not Label.PRIVATE:
        told = seen_by(label, names=names, therapist_sees_lists=lists)
        rows.append(WhoSeesRow(_("Once you send it"), SeenBy(label, told.text, told.short)))
    if hints:
        never_kept = _("Only you. Never kept")
        rows.append(WhoSeesRow(_("Writing hints"), SeenBy(Label.PRIVATE, never_kept, never_kept)))
    return rows


def _only_you() -> SeenBy:
    return SeenBy(Label.PRIVATE, _("Only you can see this"), _("Only you"))


def together(rows: Iterable[SeenBy]) -> list[SeenBy]:
    """The different labels among ``rows``, each once, in order: for pages that mix several."""
    return list({row.text: row for row in rows}.values())
