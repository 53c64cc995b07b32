"""Forms of a talk: one move at a time, and a time to go on after a pause."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import lazy_gettext
from wtforms import DateField, RadioField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.exercises.mechanics.talk_model import MoveKind
from portal.exercises.parts.talk.commands import Act, Typed
from portal.kit.clock import FARTHEST
from portal.questionnaires.model import Item, ItemKind
from portal.web.forms import OnceForm
from portal.web.translate import _

MOST_DIGITS: Final = 9


class MoveForm(OnceForm):
    """One move. Its button says which; what is written with it may be long."""

    said = TextAreaField()

    def ask(self, item: Item) -> "MoveForm":
        """Let the field ask for what the talk is at."""
        self.said.label.text = item.text
        return self


class LineForm(MoveForm):
    """One move whose words are a line."""

    said = StringField()


def move_form(item: Item | None) -> MoveForm:
    """Return the form for what a partner is asked to write now, if anything."""
    if item is None:
        return MoveForm()
    kind = LineForm if item.kind is ItemKind.SHORT else MoveForm
    return kind().ask(item)


class When(StrEnum):
    """When to go on."""

    SOON = "20"
    HOUR = "60"
    TOMORROW = "day"
    OWN = "own"


class ReturnForm(OnceForm):
    """Naming a time to go on, at the practice's clock."""

    when = RadioField(
        lazy_gettext("When would you like to go on?"),
        choices=[
            SelectChoice(When.SOON.value, lazy_gettext("In 20 minutes")),
            SelectChoice(When.HOUR.value, lazy_gettext("In an hour")),
            SelectChoice(When.TOMORROW.value, lazy_gettext("Tomorrow, at this time")),
            SelectChoice(When.OWN.value, lazy_gettext("At another time")),
        ],
        validators=[Optional()],
    )
    day = DateField(lazy_gettext("On which day?"), validators=[Optional()])
    clock = TimeField(lazy_gettext("At what time?"), validators=[Optional()])

    def moment(self, now: datetime, zone: str) -> datetime | None:
        """Return the time that was named, or note on the form what is missing."""
        match self.when.data:
            case When.SOON.value | When.HOUR.value:
                return now + timedelta(minutes=int(self.when.data))
            case When.TOMORROW.value:
                local = now.astimezone(ZoneInfo(zone))
                return _at(local.date() + timedelta(days=1), local.time(), zone)
            case When.OWN.value if self.day.data and self.clock.data:
                return self._later(self.day.data, self.clock.data, now, zone)
            case When.OWN.value:
                self.when.errors = [_("Please choose a day and a time")]
            case _:
                self.when.errors = [_("Please choose when to go on")]
        return None

    def _later(self, day: date, clock: time, now: datetime, zone: str) -> datetime | None:
        ahead = day - now.astimezone(ZoneInfo(zone)).date()
        if ahead > FARTHEST:
            self.when.errors = [_("Choose a day within the next two years")]
            return None
        named = _at(day, clock, zone) if ahead >= timedelta() else now
        if named > now:
            return named
        self.when.errors = [_("This time has passed. Please choose one that is still to come")]
        return None


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock.replace(second=0, microsecond=0), tzinfo=ZoneInfo(zone)).astimezone(
        UTC
    )


def kind_pressed() -> MoveKind | None:
    """Return the move that the pressed button stands for; None for any other button."""
    pressed = request.form.get("act", "")
    return MoveKind(pressed) if pressed in set(MoveKind) else None


def typed_in(form: MoveForm) -> Typed:
    """Return the words of a form, with what they are for and the revision of what the page had found kept."""
    writing = request.form.get("writing", "")[:80]
    return Typed(writing=writing, words=form.said.data or "", revision=_number("revision"))


def act_in(form: MoveForm, kind: MoveKind) -> Act:
    """Return the move that a form asks for."""
    return Act(
        kind=kind,
        typed=typed_in(form),
        back_at=_shown_time() if kind is MoveKind.AGREE_RETURN else None,
        seen=_number("seen"),
        once_key=str(form.once_key.data or ""),
    )


def _shown_time() -> datetime | None:
    """Return the time to go on that the page showed, or None where it showed none."""
    try:
        found = datetime.fromisoformat(request.form.get("back_at", ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _number(name: str) -> int | None:
    sent = request.form.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= MOST_DIGITS else None
