"""The editor's fields as forms: drawn from a table of the draft, and read back into it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.exercises.own.arranging import new_key
from portal.exercises.own.questions import AUDIENCE, AUDIENCES
from portal.exercises.own.schema import Field, Found, Shape, Table, put_at, value_at
from portal.web.forms import CleanText, OnceForm, PortalForm
from portal.web.translate import _

NOTE_LENGTH: Final = 2000
TOO_LONG = lazy_gettext("Use up to %(max)d characters")
_NUMBERS: Final = frozenset({"touch_level"})
"""Choices that are numbers in a definition."""


class EditForm(PortalForm):
    """What all forms of the editor have; ``seen`` marks what the page was made from."""

    revision = HiddenField()
    seen = HiddenField()


class NewForm(OnceForm):
    """Beginning an exercise of one's own."""

    title = StringField(
        lazy_gettext("Title"),
        validators=[
            DataRequired(message=lazy_gettext("Please give it a title")),
            Length(max=80, message=TOO_LONG),
        ],
    )
    kind = RadioField(
        lazy_gettext("What kind of exercise"),
        validators=[InputRequired(message=lazy_gettext("Please choose what kind it is"))],
    )


class ArrangeForm(OnceForm):
    """A button of the outline: what it does, and where."""

    go = StringField()
    kind = StringField()
    lines = TextAreaField(validators=[Optional()])


class ConditionForm(PortalForm):
    """Saying when a question is asked. The page offers what can be said about the question that it looks at."""

    seen = HiddenField()
    revision = HiddenField()
    said = RadioField(
        lazy_gettext("Ask it when the answer"),
        validators=[InputRequired(message=lazy_gettext("Please choose one"))],
    )
    choice = SelectField(lazy_gettext("Which answer?"), validate_choice=False, validators=[Optional()])
    value = StringField(lazy_gettext("Which answer?"), validators=[Optional()])


class PublishForm(PortalForm):
    """A button about the draft as it was seen."""

    revision = HiddenField()


class DecisionForm(PortalForm):
    """What an administrator decides about an edition, with a note to its writer."""

    version = HiddenField()
    note = TextAreaField(
        lazy_gettext("A note to the one who wrote it"),
        validators=[Optional(), Length(max=NOTE_LENGTH, message=TOO_LONG)],
    )


def name_of(field: Field) -> str:
    """Return the name of a field in its form: that of WTForms' own methods is never among them."""
    return "f_" + field.key.replace(".", "_")


def fields_for(found: Found, draft: Mapping[str, Any]) -> list[Field]:
    """Return the fields that a table shows now."""
    shown = []
    for field in found.shown:
        if field.key == "when_match" and len(found.table.get("when") or ()) < 2:
            continue
        if field.choices_from and not value_at(draft, ".".join(field.choices_from)):
            continue
        shown.append(field)
    return shown


def form_of(found: Found, draft: Mapping[str, Any]) -> EditForm:
    """Return the form for a table, filled with what it holds, or with what was sent."""
    fields = fields_for(found, draft)
    form_class = type("TableForm", (EditForm,), {name_of(each): _input(each, draft) for each in fields})
    form: EditForm = form_class(data={name_of(each): as_typed(each, found.table) for each in fields})
    for each in fields:
        if each.shape is Shape.CHOICE and len(form[name_of(each)].choices) == 1:
            form[name_of(each)].data = form[name_of(each)].choices[0].value
    return form


def _input(field: Field, draft: Mapping[str, Any]) -> Any:
    checks = [Optional()]
    match field.shape:
        case Shape.LINE | Shape.NUMBER:
            return StringField(field.label, checks)
        case Shape.TEXT | Shape.LINES | Shape.OPTIONS:
            return TextAreaField(field.label, checks)
        case Shape.ROWS:
            return FieldList(
                TextAreaField(field.label, [CleanText(), *checks]), label=field.label, min_entries=1
            )
        case Shape.FLAG:
            return BooleanField(field.label)
        case Shape.SEVERAL:
            return SelectMultipleField(field.label, choices=_choices(field, draft), validate_choice=False)
        case Shape.CHOICE:
            return SelectField(field.label, choices=_choices(field, draft), validate_choice=False)


def _choices(field: Field, draft: Mapping[str, Any]) -> list[SelectChoice]:
    found = field.choices
    if field.choices_from:
        options = value_at(draft, ".".join(field.choices_from)) or []
        found = tuple((each.get("key", ""), each.get("title", "")) for each in options)
    if field.key == AUDIENCE and found and not found[0][0]:
        whole = dict(AUDIENCES).get(str(draft.get(AUDIENCE)), "")
        usual = _("As for the whole exercise: %(who)s", who=str(whole).lower()) if whole else found[0][1]
        found = (("", usual), *found[1:])
    return [SelectChoice(value, words) for value, words in found]


def as_typed(field: Field, table: Mapping[str, Any]) -> Any:
    """Return what a field of a form holds where a table says this."""
    value = value_at(table, field.key)
    match field.shape:
        case Shape.LINES:
            return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")
        case Shape.OPTIONS:
            return "\n".join(str(each.get(field.named_by, "")) for each in value or ())
        case Shape.ROWS:
            return list(value) if isinstance(value, list) and value else [""]
        case Shape.FLAG:
            return bool(field.usual if value is None else value)
        case Shape.SEVERAL:
            return value if isinstance(value, list) else []
        case _:
            shown = field.usual if value is None else value
            return "" if shown is None else str(shown)


def read(form: EditForm, found: Found, draft: Table, table: Table) -> None:
    """Put what a form holds into a table of a draft. What can't be a number stays as it was typed."""
    for field in fields_for(found, draft):
        put_at(table, field.key, _value(field, form[name_of(field)].data, draft, value_at(table, field.key)))


def _value(field: Field, typed: Any, draft: Table, before: Any) -> Any:
    match field.shape:
        case Shape.LINE | Shape.TEXT:
            return str(typed or "").strip()
        case Shape.NUMBER:
            return as_number(str(typed or "").strip())
        case Shape.LINES:
            return lines_in(typed)
        case Shape.ROWS:
            return [str(each or "").strip() for each in typed]
        case Shape.OPTIONS:
            return _options(field, lines_in(typed), before if isinstance(before, list) else [], draft)
        case Shape.CHOICE:
            return as_number(str(typed or "")) if field.key in _NUMBERS else str(typed or "")
        case _:
            return typed


def lines_in(typed: Any) -> list[str]:
    """Return the lines of a text that hold something."""
    return [line.strip() for line in str(typed or "").splitlines() if line.strip()]


def as_number(typed: str) -> str | int | float:
    """Return the number that was typed, or the text where it is none."""
    for kind in (int, float):
        try:
            number = kind(typed)
        except ValueError:
            continue
        return number if abs(number) < 1e12 else typed
    return typed


def _options(field: Field, lines: Sequence[str], before: list[Table], draft: Table) -> list[Table]:
    """Return a table for each line. A line that was there keeps its table; one that was reworded in its place too.

    Answers are kept under the keys, so that a new wording of the same thing keeps its key.
    """
    known = {str(each.get(field.named_by)): each for each in before}
    kept = {line for line in lines if line in known}
    is_reworded = len(lines) == len(before)
    made: list[Table] = []
    for place, line in enumerate(lines):
        old = known.pop(line, None)
        if old is None and is_reworded and str(before[place].get(field.named_by)) not in kept:
            old = before[place]
        made.append({**(old or {"key": new_key(draft, field.prefix)}), field.named_by: line})
    return made
