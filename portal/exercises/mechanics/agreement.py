"""What a shared text in clauses begins with: its clauses, when it is looked at again, and a question to each afterwards.

This module reads the table; `negotiation.py` beside it holds the rules by which the text changes and is signed. An
``[agreement]`` table has

- ``[[agreement.clauses]]``: ``key``, ``title``, ``prompt``, ``suggestion`` (the first wording) and ``optional``. An
  optional clause isn't in the text until somebody words it, and its suggestion is an idea shown beside it; any other
  clause has to be agreed on, which may also mean agreeing to leave it out;
- ``review_days``: when it is looked at again, unless the two choose a day; ``weeks_from``: a question of the exercise
  by which both have said after how many weeks, of which the fewer take its place; ``signature_text``, ``printable``,
  ``therapist_comments``, and ``clause_max``, the length of a clause;
- ``[agreement.afterwards]``: the pages that each fills in alone when a version is signed or the text was put away.

For the pages: ``form`` is only those last pages. The text itself is a list of events (`negotiation.Event`), kept in
order per couple and assignment. Wordings and comments have the audience ``couple``; that somebody alone agreed to a
clause, signed, or noted how it went is shown to nobody but them and the therapist, so pages of a partner are drawn
from `negotiation_view.visible_to` and from nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.access.privacy import Audience, Label
from portal.exercises.mechanics.afterwards import read_afterwards
from portal.exercises.mechanics.base import (
    Delivery,
    Frame,
    MechanicName,
    Sent,
    Summary,
    items_as_json,
    label_for,
    summarise,
)
from portal.kit.library import Table
from portal.questionnaires.model import Answers, Form, Item, ItemKind, repeated

NAME: Final = MechanicName.AGREEMENT
AUDIENCES: Final = frozenset({Audience.COUPLE})

CLAUSE_LENGTH: Final = 1000
ROUND: Final = "1"
"""The one round of a shared text, in which its partners' own rows are kept: it goes on until it is put away."""

ADDED: Final = "added_"
"""How the keys of clauses begin that the couple adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingClause:
    """A clause that the exercise brings along."""

    key: str
    title: str
    prompt: str
    suggestion: str
    optional: bool

    @property
    def wording(self) -> str:
        """Return the words that stand in the text at first; none where the clause is optional."""
        return "" if self.optional else self.suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSpec:
    """What an ``[agreement]`` table says."""

    clauses: tuple[StartingClause, ...]
    review_after: timedelta
    weeks_from: str
    """The key of a number of weeks that each has answered elsewhere in the exercise; empty where none is."""
    signature_text: str
    printable: bool
    therapist_comments: bool
    clause_max: int
    form: Form


def read(table: Table, frame: Frame) -> AgreementSpec:
    """Return what an ``[agreement]`` table says, noting every mistake at the table."""
    del frame  # The text is always for the couple, whatever leads the exercise.
    clause_max = table.optional_integer("clause_max", default=CLAUSE_LENGTH, low=100, high=2000)
    clauses = tuple(_read_clause(entry, clause_max) for entry in table.tables("clauses"))
    for key in repeated([clause.key for clause in clauses]):
        table.complain("clauses", f"the clause key {key} comes twice")
    return AgreementSpec(
        clauses=clauses,
        review_after=timedelta(days=table.integer("review_days", low=1, high=366)),
        weeks_from=table.optional_text("weeks_from", at_most=60),
        signature_text=table.text("signature_text", at_most=200),
        printable=table.flag("printable", default=True),
        therapist_comments=table.flag("therapist_comments", default=True),
        clause_max=clause_max,
        form=read_afterwards(table),
    )


def _read_clause(table: Table, longest: int) -> StartingClause:
    key = table.key("key")
    if key.startswith(ADDED):
        table.complain("key", f"keys that begin with {ADDED} are for clauses that a couple adds")
    return StartingClause(
        key=key,
        title=table.text("title", at_most=80),
        prompt=table.text("prompt", at_most=300),
        suggestion=table.optional_text("suggestion", at_most=longest),
        optional=table.flag("optional", default=False),
    )


def clause_item(spec: AgreementSpec, prompt: str) -> Item:
    """Return a clause as an item to write in. An empty wording proposes to leave the clause out."""
    return Item(
        key="wording",
        kind=ItemKind.LONG,
        text=prompt,
        audience=Audience.COUPLE,
        max_length=spec.clause_max,
        prefer_not=False,
    )


def form(spec: AgreementSpec) -> Form:
    """Return the pages that each partner fills in alone once a version is signed or the text was put away."""
    return spec.form


def label(spec: AgreementSpec, audience: Audience) -> Label:
    """Return the label of a clause (``couple``) or of an answer afterwards."""
    del spec  # All agreements say it the same way.
    return label_for(audience)


def open_at(
    spec: AgreementSpec, audience: Audience, *, own: Sent, other: Sent | None, delivery: Delivery
) -> datetime | None:
    """Return when something opens to the partner: at once, where it is for the couple."""
    del spec, other, delivery  # A wording that was proposed waits for nobody.
    return own.at if audience is Audience.COUPLE else None


def summary(spec: AgreementSpec, answers: Answers) -> Summary:
    """Return what one partner answered afterwards; the text itself comes from `negotiation.state_of`."""
    return summarise(spec.form, answers)


def contents(spec: AgreementSpec) -> Mapping[str, object]:
    """Return clauses, signature and what is asked afterwards as plain JSON values."""
    return {
        "clauses": [
            {
                "key": clause.key,
                "title": clause.title,
                "prompt": clause.prompt,
                "suggestion": clause.suggestion,
                "optional": clause.optional,
            }
            for clause in spec.clauses
        ],
        "review_days": spec.review_after.days,
        "weeks_from": spec.weeks_from,
        "signature_text": spec.signature_text,
        "printable": spec.printable,
        "therapist_comments": spec.therapist_comments,
        "items": items_as_json(spec.form),
    }
