"""Forms of exercises: the pages that a partner walks through, sending, logging, assigning and replying."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, DateField, Form, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation, ValidationError

from portal.access.privacy import Audience
from portal.exercises.domain import Walk
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind, MechanicName
from portal.exercises.mechanics.letter import LetterSpec
from portal.exercises.mechanics.overlap import TherapistSees
from portal.kit.clock import FARTHEST
from portal.questionnaires.conditions import enabled_keys, pages_to_walk
from portal.questionnaires.drawing import DrawnPage, draw_page
from portal.questionnaires.model import Answers, Item, Page
from portal.web.forms import OnceForm, PortalForm
from portal.web.visibility import Moment, Names, SeenBy, seen_by

INSTRUCTIONS_LENGTH = 2000
FEEDBACK_LENGTH = 8000
FARTHEST_LETTER: Final = timedelta(days=366)


class StepForm(PortalForm):
    """One page of an exercise. The revision of its draft stands beside the draft's state, where autosave renews it."""


class LogForm(OnceForm):
    """A quick log."""


def words_for(asked: Walk, names: Names, *, lists: bool, moment: Moment = Moment.WRITING) -> Any:
    """Return what says, for an item's audience, who will see it."""

    def visible_to(audience: Audience) -> SeenBy:
        item = next(item for item in asked.form.questions if item.audience == audience)
        label = asked.label_of(item)
        return seen_by(label, names=names, moment=moment, therapist_sees_lists=lists)

    return visible_to


def label_words(asked: Walk, names: Names, *, lists: bool, moment: Moment = Moment.NOW) -> SeenBy:
    """Return who will see an exercise's answers, in words for its title row."""
    label = (asked.exercise.done_label if asked.part is asked.exercise.lead else None) or asked.first_label
    return seen_by(label, names=names, moment=moment, therapist_sees_lists=lists)


def draw(
    asked: Walk,
    page: Page,
    answers: Answers,
    names: Names,
    *,
    lists: bool,
    demand: bool,
    base: type[Form] = StepForm,
    moment: Moment = Moment.WRITING,
) -> DrawnPage:
    """Return a page of an exercise, ready to be shown with who will see each answer."""
    return draw_page(
        page,
        enabled_keys(asked.form, answers),
        visible_to=words_for(asked, names, lists=lists, moment=moment),
        translate=_,
        base=base,
        demand=demand,
    )


def pages_asked(asked: Walk, answers: Answers) -> tuple[Page, ...]:
    """Return the pages that are asked, given the answers so far."""
    return pages_to_walk(asked.form, answers)


def place_of(asked: Walk, key: str) -> int:
    """Return the number of a page. Addresses stay in a browser's history, so they don't carry a page's key."""
    return [page.key for page in asked.form.pages].index(key) + 1


def page_of(asked: Walk, item_key: str) -> Page | None:
    """Return the page that an item stands on."""
    return next((page for page in asked.form.pages if any(i.key == item_key for i in page.walk())), None)


def typed_in(drawn: DrawnPage, form: Form) -> Mapping[str, object]:
    """Return what was typed on a page, item by item, without refusing anything: a draft keeps what it can."""
    found: dict[str, object] = {}
    for item in drawn.items:
        if not item.is_answerable:
            continue
        found[item.key] = _typed(item, form)
    return found


def _typed(item: Item, form: Form) -> object:
    if form[item.key].errors:
        return form[item.key].data
    try:
        return DrawnPage((item,), type(form), lambda audience: audience).answers_in(form)[item.key]
    except ValueError:
        return form[item.key].data


DELIVERY_WORDS = {
    DeliveryKind.NOW: lazy_gettext("Now"),
    DeliveryKind.LATER: lazy_gettext("Later, on a day I choose"),
    DeliveryKind.HELD: lazy_gettext("Keep it for our next session"),
}


class SendForm(OnceForm):
    """Sending what was written."""


def _day_where_later(form: Form, field: DateField) -> None:
    """Ask for a day where a letter is for later. It comes before ``Optional``, which lets an empty field pass."""
    if form["delivery"].data == DeliveryKind.LATER and not any(field.raw_data or ()):
        field.errors = []
        raise StopValidation(_("Please choose the day on which it should arrive"))


class LetterForm(SendForm):
    """Sending a letter: now, on a chosen day, or kept for a session."""

    now: datetime = datetime.min.replace(tzinfo=UTC)
    zone: str = "UTC"
    """The moment at which it is sent, and the writer's time zone; `send_form` sets them."""

    delivery = RadioField(lazy_gettext("When should it arrive?"), validators=[InputRequired()])
    day = DateField(lazy_gettext("On which day?"), validators=[_day_where_later, Optional()])
    hour = SelectField(
        lazy_gettext("At what time?"),
        choices=[SelectChoice(str(hour), f"{hour:02d}:00") for hour in range(6, 23)],
        default="18",
        validators=[Optional()],
    )

    def offer(self, spec: LetterSpec) -> "LetterForm":
        """Offer the deliveries that a letter allows."""
        self.delivery.choices = [
            SelectChoice(each.value, str(DELIVERY_WORDS[each])) for each in spec.deliveries
        ]
        if not request.form and spec.deliveries:
            self.delivery.data = spec.deliveries[0].value
        return self

    def validate_day(self, field: DateField) -> None:
        """Refuse a day that has passed, where the letter is for later: it would be delivered at once."""
        if self.delivery.data != DeliveryKind.LATER or field.data is None:
            return
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        if field.data > today + FARTHEST_LETTER:
            raise ValidationError(_("Choose a day within the next year"))
        if field.data < today:
            raise ValidationError(_("This day has passed. Choose today or a day to come"))

    def validate_hour(self, field: SelectField) -> None:
        """Refuse an hour that has passed, on a day that hasn't."""
        is_later = self.delivery.data == DeliveryKind.LATER and self.day.data is not None
        if is_later and not self.day.errors and not field.errors and self._moment() <= self.now:
            raise ValidationError(_("This time has passed. Please choose one that is still to come"))

    def _moment(self) -> datetime:
        hour = time(int(self.hour.data))
        return datetime.combine(self.day.data, hour, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def chosen(self) -> Delivery:
        """Return the delivery that was chosen, at the writer's own hour."""
        kind = DeliveryKind(self.delivery.data)
        return Delivery(kind, self._moment()) if kind is DeliveryKind.LATER else Delivery(kind)


def send_form(asked: Walk, *, now: datetime, zone: str) -> SendForm:
    """Return the form with which a walk is sent at a moment, by somebody in a time zone."""
    spec = _letter(asked)
    if spec is None or spec.deliveries in {(DeliveryKind.NOW,), (DeliveryKind.HELD,)}:
        return SendForm()
    form = LetterForm().offer(spec)
    form.now, form.zone = now, zone
    return form


def _letter(asked: Walk) -> LetterSpec | None:
    return asked.exercise.spec(LetterSpec) if asked.part is MechanicName.LETTER else None


def delivery_in(form: SendForm, asked: Walk) -> Delivery:
    """Return how something is to be delivered."""
    if isinstance(form, LetterForm):
        return form.chosen()
    spec = _letter(asked)
    return Delivery(spec.deliveries[0]) if spec is not None else AT_ONCE


class ConfirmForm(OnceForm):
    """A yes to one thing that the page describes."""


class ReactForm(PortalForm):
    """A receiver's guided answer to a letter."""

    choice = RadioField(lazy_gettext("Would you like to answer?"), validators=[InputRequired()])


class AssignForm(OnceForm):
    """Giving an exercise to a couple."""

    today: date = date.min
    """The day on which it is given; the view sets it."""
    must_think = False
    """Whether the therapist has to say that they thought it through; the view sets it."""

    whom = RadioField(
        lazy_gettext("Who does it"),
        validators=[InputRequired(message=lazy_gettext("Please choose who it is for"))],
    )
    recurrence = SelectField(lazy_gettext("How often"), validators=[InputRequired()])
    opens_on = DateField(lazy_gettext("Opens on"), validators=[Optional()])
    due_on = DateField(lazy_gettext("Good to have by"), validators=[Optional()])
    sees = RadioField(
        lazy_gettext("What you will see"),
        choices=[
            SelectChoice(
                TherapistSees.OVERLAP.value, lazy_gettext("All three of you see only what both are open to")
            ),
            SelectChoice(
                TherapistSees.LISTS.value, lazy_gettext("They see the overlap. You also see both full lists")
            ),
        ],
        validators=[Optional()],
    )
    instructions = TextAreaField(
        lazy_gettext("A word from you"), validators=[Optional(), Length(max=INSTRUCTIONS_LENGTH)]
    )
    release = RadioField(
        lazy_gettext("When do they see it?"),
        choices=[
            SelectChoice("now", lazy_gettext("As soon as it opens")),
            SelectChoice("later", lazy_gettext("Not yet. I will release it myself")),
        ],
        validators=[InputRequired()],
    )

    thought = BooleanField()

    def validate_opens_on(self, field: DateField) -> None:
        """Refuse a day that has passed."""
        if field.data and field.data < self.today:
            raise ValidationError(_("This day has passed. Choose today or a day to come"))
        self._refuse_far(field)

    def _refuse_far(self, field: DateField) -> None:
        if field.data and field.data > self.today + FARTHEST:
            raise ValidationError(_("Choose a day within the next two years"))

    def validate_thought(self, field: BooleanField) -> None:
        """Ask for a second thought where an exercise needs one."""
        if self.must_think and not field.data:
            raise ValidationError(_("Please look at this first, and say that you have thought about it"))

    def validate_due_on(self, field: DateField) -> None:
        """Refuse a day before the exercise opens."""
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            raise ValidationError(_("This day is before the exercise opens"))
        self._refuse_far(field)


class FeedbackForm(OnceForm):
    """A therapist's words inside an exercise."""

    to = RadioField(
        lazy_gettext("Who this is for"),
        validators=[InputRequired(message=lazy_gettext("Please choose who this is for"))],
    )
    body = TextAreaField(
        lazy_gettext("Your words"),
        validators=[
            DataRequired(message=lazy_gettext("Please write something first")),
            Length(max=FEEDBACK_LENGTH, message=lazy_gettext("Use up to %(max)d characters")),
        ],
    )


class ReadForm(PortalForm):
    """Marking as read what a page has shown; ``until`` is the moment at which the page was made."""

    until = HiddenField()

    def moment(self) -> datetime | None:
        """Return until when something counts as read, or None where that can't be told."""
        try:
            found = datetime.fromisoformat(self.until.data or "")
        except ValueError:
            return None
        return found if found.tzinfo is not None else None
