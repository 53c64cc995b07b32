"""The form in which a plan is suggested: one or two inputs for each thing that there is to settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TimeField
from wtforms import Field as Input
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from portal.access.viewer import Seat
from portal.exercises.mechanics.plan import SHORT_LENGTH, Field, FieldKind, PlanSpec
from portal.exercises.mechanics.planning_model import (
    Arranger,
    Picked,
    Plan,
    Settled,
    Values,
    Weekly,
    When,
    Words,
)
from portal.kit.clock import FARTHEST
from portal.questionnaires.model import Option
from portal.web.forms import OnceForm
from portal.web.render import weekday_name
from portal.web.translate import _
from portal.web.visibility import Names

BOTH: Final = "both"
A_MONDAY: Final = date(2024, 1, 1)


class StepForm(OnceForm):
    """One act on a plan. ``seen`` is the number of the wording that the page showed."""

    seen = HiddenField()

    def seen_number(self) -> int:
        """Return the number of the wording that the page showed; 0 where there was none."""
        return _number(self.seen)


def _number(field: HiddenField) -> int:
    found = str(field.data or "")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0


class SuggestForm(StepForm):
    """Suggesting a plan, or suggesting it differently; a sheet adds an input for each thing that there is to settle.

    ``number`` is the plan that the page showed: every plan has a first wording.
    """

    number = HiddenField()

    def plan_number(self) -> int:
        """Return the number of the plan that the page showed; 0 where there was none."""
        return _number(self.number)

    def show(self, plan: Plan | None) -> None:
        """Let the form be about a plan as it stands, or about none."""
        self.number.data = str(plan.number if plan else 0)
        self.seen.data = str(plan.wording if plan else 0)


class Contradiction(Exception):
    """Inputs don't go together: the one to look at again, and what to say there."""

    def __init__(self, field: Input, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that there is to settle, with the names of its inputs: own words, or day, from and until."""

    field: Field
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of one exercise's plans, for one partner with their names, time zone and calendar day."""

    spec: PlanSpec
    ideas: Sequence[Option]
    names: Names
    seat: Seat
    zone: str
    today: date

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Return what the form asks, in order."""
        return tuple(Asked(field, _names(field)) for field in self.spec.fields)

    def form(self, values: Values | None = None) -> SuggestForm:
        """Return the form, filled with what is settled already; what was sent with a request comes first."""
        inputs = {
            name: made
            for each in self.asked
            for name, made in zip(each.names, self._inputs(each.field), strict=True)
        }
        made_class = type("PlanForm", (SuggestForm,), inputs)
        form: SuggestForm = made_class(data=self._filled(values or {}))
        return form

    def _inputs(self, field: Field) -> tuple[Any, ...]:
        match field.kind:
            case FieldKind.PICK:
                return (self._radio(field, self._options(), is_checked=False),)
            case FieldKind.PICK_OR_SHORT:
                picked = self._radio(field, self._options(), is_checked=False)
                return (picked, _line(_("Or in your own words")))
            case FieldKind.SHORT:
                return (_line(field.text),)
            case FieldKind.WHO:
                return (self._radio(field, self._people()),)
            case FieldKind.MOMENT:
                return (
                    DateField(_("Day"), [Optional()]),
                    TimeField(_("From"), [Optional()]),
                    TimeField(_("Until"), [Optional()]),
                )
            case FieldKind.WEEKLY_MOMENT:
                days = [SelectChoice("", _("Still open")), *_weekdays()]
                return (
                    SelectField(_("Day of the week"), choices=days, validators=[Optional()]),
                    TimeField(_("At what time"), [Optional()]),
                )

    def _radio(self, field: Field, choices: Sequence[SelectChoice], *, is_checked: bool = True) -> Any:
        """Return a list to choose from; whether an idea can still be picked is for the rules to say."""
        return RadioField(field.text, [Optional()], choices=list(choices), validate_choice=is_checked)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(option.key, option.text) for option in self.ideas]

    def _people(self) -> list[SelectChoice]:
        return [
            SelectChoice(self.seat.value, _("I do")),
            SelectChoice(self.seat.other.value, self.names.partner or _("Your partner")),
            SelectChoice(BOTH, _("Both of us")),
        ]

    def _filled(self, values: Values) -> dict[str, object]:
        found: dict[str, object] = {}
        for each in self.asked:
            value = values.get(each.field.key)
            if value is not None:
                found |= dict(zip(each.names, self._taken_apart(each.field, value), strict=False))
        return found

    def _taken_apart(self, field: Field, value: Settled) -> tuple[object, ...]:
        match value:
            case Picked(option):
                return (option,)
            case Words(text):
                return (None, text) if field.kind is FieldKind.PICK_OR_SHORT else (text,)
            case Arranger(seats):
                return (BOTH if len(seats) > 1 else next(iter(seats)).value,)
            case When(start, end):
                here = ZoneInfo(self.zone)
                begins = start.astimezone(here)
                return (begins.date(), begins.time(), end.astimezone(here).time() if end else None)
            case Weekly(weekday, at, _zone):
                return (str(weekday), at)

    def values_in(self, form: SuggestForm) -> dict[str, Settled]:
        """Return what a form settles; marks inputs that contradict each other with an error."""
        found: dict[str, Settled] = {}
        for each in self.asked:
            try:
                value = self._value(each, form)
            except Contradiction as wrong:
                _mark(wrong.field, wrong.words)
                continue
            if value is not None:
                found[each.field.key] = value
        return found

    def _value(self, each: Asked, form: SuggestForm) -> Settled | None:
        inputs = [form[name] for name in each.names]
        match each.field.kind:
            case FieldKind.PICK:
                return Picked(inputs[0].data) if inputs[0].data else None
            case FieldKind.PICK_OR_SHORT:
                own = (inputs[1].data or "").strip()
                if own:
                    return Words(own)
                return Picked(inputs[0].data) if inputs[0].data else None
            case FieldKind.SHORT:
                words = (inputs[0].data or "").strip()
                return Words(words) if words else None
            case FieldKind.WHO:
                return _arranger(inputs[0].data)
            case FieldKind.MOMENT:
                return self._when(inputs)
            case FieldKind.WEEKLY_MOMENT:
                return self._weekly(inputs)

    def _when(self, inputs: Sequence[Input]) -> When | None:
        day, begins, ends = (each.data for each in inputs)
        if day is None and begins is None and ends is None:
            return None
        if day is None:
            raise Contradiction(inputs[0], _("Please add the day"))
        if day < self.today:
            raise Contradiction(inputs[0], _("This time has passed. Please choose one to come"))
        if day > self.today + FARTHEST:
            raise Contradiction(inputs[0], _("Choose a day within the next two years"))
        if begins is None:
            raise Contradiction(inputs[1], _("Please add the time at which it begins"))
        start = self._moment(day, begins)
        if ends is None:
            return When(start)
        # Whoever stays out past midnight is home the next day.
        until = self._moment(day if ends > begins else day + timedelta(days=1), ends)
        return When(start, until)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def _weekly(self, inputs: Sequence[Input]) -> Weekly | None:
        day, at = (each.data for each in inputs)
        if not day and at is None:
            return None
        if not day:
            raise Contradiction(inputs[0], _("Please choose the day of the week"))
        if at is None:
            raise Contradiction(inputs[1], _("Please add the time"))
        return Weekly(int(day), at, self.zone)


def _names(field: Field) -> tuple[str, ...]:
    """Return the names of a field's inputs. They begin in a way that no form keeps for itself."""
    name = f"plan_{field.key}"
    match field.kind:
        case FieldKind.MOMENT:
            return (f"{name}_day", f"{name}_from", f"{name}_until")
        case FieldKind.WEEKLY_MOMENT:
            return (f"{name}_day", f"{name}_at")
        case FieldKind.PICK_OR_SHORT:
            return (name, f"{name}_own")
        case _:
            return (name,)


def _line(words: str) -> StringField:
    too_long = lazy_gettext("Use up to %(max)d characters")
    return StringField(words, [Optional(), Length(max=SHORT_LENGTH, message=too_long)])


def _weekdays() -> list[SelectChoice]:
    return [SelectChoice(str(number), weekday_name(A_MONDAY + timedelta(days=number))) for number in range(7)]


def _arranger(chosen: str | None) -> Arranger | None:
    if chosen == BOTH:
        return Arranger(frozenset(Seat))
    return Arranger(frozenset({Seat(chosen)})) if chosen in set(Seat) else None


def _mark(field: Input, words: str) -> None:
    field.errors = [*field.errors, words]


def mark_wrong(sheet: Sheet, form: SuggestForm, keys: Sequence[str], words: Mapping[str, str]) -> None:
    """Put an error at the fields with these keys; ``words`` has a sentence for some of them."""
    for each in sheet.asked:
        if each.field.key in keys:
            _mark(form[each.names[0]], words.get(each.field.key) or _("Please look at this again"))
