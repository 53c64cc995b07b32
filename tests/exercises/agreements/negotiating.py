"""Short ways for two partners to negotiate a text in tests, through the real commands."""

from dataclasses import dataclass
from datetime import date

from portal.access.scope import Records
from portal.access.viewer import Seat, Viewer
from portal.exercises import care_commands
from portal.exercises.domain import Exercise, Recurrence, parse_exercise
from portal.exercises.mechanics.negotiation_model import Agreement, EventKind
from portal.exercises.mechanics.negotiation_view import View
from portal.exercises.models import Assignment, Whom
from portal.exercises.parts.agreements import commands
from portal.exercises.parts.agreements.commands import Deed
from portal.exercises.parts.agreements.queries import Words, my_words, shared
from portal.kit.ids import new_id
from tests.exercises.doing import task_of
from tests.factories import Pair

TEXT = """
id = "small-agreement"
version = 1
title = "How we pause"
purpose = "Agree on a pause."
phase = "conflict"
mechanics = ["agreement"]
audience = "couple"
who = "both"
minutes = 5
recurrence = "once"
steps = ["Word it together."]
cautions = ["It isn't a contract."]
contraindications = ["Not where one of you is afraid."]
stop_rule = "Close the page whenever you like."
why = "A pause helps. It ends."
sources = ["S0"]
themes = ["trying"]

[clinician]
rationale = "A small one."
not_when = "Never."
look_for = "Anything."

[agreement]
review_days = 30
signature_text = "We both mean it."
clause_max = 200

[[agreement.clauses]]
key = "pause"
title = "A pause"
prompt = "How do you call it?"
suggestion = "We say pause."

[[agreement.clauses]]
key = "length"
title = "How long"
prompt = "How long is it?"

[[agreement.clauses]]
key = "phones"
title = "Phones"
prompt = "Where are they?"
suggestion = "Not at the table."
optional = true

[[agreement.afterwards.pages]]
key = "on_your_own"
title = "On your own"
[[agreement.afterwards.pages.items]]
key = "free_to_say_no"
kind = "choice"
audience = "therapist"
text = "Did you feel free to say no?"
options = [{ key = "yes", text = "Yes" }, { key = "partly", text = "Partly" }, { key = "no", text = "No" }]
[[agreement.afterwards.pages.items]]
key = "worry"
kind = "choice"
audience = "therapist"
text = "Any worry?"
options = [{ key = "no", text = "No" }, { key = "talk", text = "I'd like to talk" }]
"""


def small() -> Exercise:
    """Return a shared text with two clauses that are needed and one that isn't."""
    return parse_exercise(TEXT, name="small-agreement.toml")


@dataclass
class Table:
    """The table at which two partners sit, with their text on it."""

    records: Records
    pair: Pair
    given: str

    def viewer(self, seat: Seat) -> Viewer:
        """Return the partner in a seat."""
        return self.pair.a if seat is Seat.A else self.pair.b

    def do(
        self,
        seat: Seat,
        kind: EventKind,
        clause: str = "",
        text: str = "",
        *,
        seen: int | None = None,
        day: date | None = None,
        period: str = "",
        once_key: str = "",
    ) -> None:
        """Let a partner do one thing, having seen everything as it is unless ``seen`` says otherwise."""
        if seen is None:
            view = self.view(seat)
            since = {each.key: each.since for each in view.clauses}
            seen = view.text.number if kind is EventKind.SIGN else since.get(clause, 0)
        deed = Deed(kind=kind, clause=clause, text=text, seen=seen, day=day, period=period)
        with self.records.within(self.viewer(seat)) as scope:
            task = task_of(scope, self.viewer(seat), self.given)
            commands.act(scope, task, deed, once_key=once_key or new_id())

    def settle(self) -> None:
        """Let both agree on the two clauses that are needed."""
        self.do(Seat.A, EventKind.REWORD, "length", "Twenty minutes.")
        self.do(Seat.B, EventKind.AGREE, "length")
        self.do(Seat.A, EventKind.AGREE, "pause")
        self.do(Seat.B, EventKind.AGREE, "pause")

    def sign(self) -> None:
        """Let both sign."""
        for seat in Seat:
            self.do(seat, EventKind.SIGN)

    def view(self, seat: Seat) -> View:
        """Return what a partner may see."""
        with self.records.within(self.viewer(seat), read_only=True) as scope:
            return shared(scope, scope.find(Assignment, self.given)).view(seat)

    def revision(self, seat: Seat) -> int:
        """Return how often a partner's view has changed."""
        with self.records.within(self.viewer(seat), read_only=True) as scope:
            return shared(scope, scope.find(Assignment, self.given)).revision(seat)

    def whole(self) -> Agreement:
        """Return everything, as the therapist may see it."""
        with self.records.within(self.pair.therapist, read_only=True) as scope:
            return shared(scope, scope.find(Assignment, self.given)).agreement

    def words(self, seat: Seat) -> dict[str, Words]:
        """Return what a partner has typed and not sent."""
        with self.records.within(self.viewer(seat), read_only=True) as scope:
            return dict(my_words(scope, task_of(scope, self.viewer(seat), self.given)))

    def type(
        self, seat: Seat, place: str, text: str, *, revision: int | None = None, replace: bool = False
    ) -> int:
        """Keep what a partner types."""
        with self.records.within(self.viewer(seat)) as scope:
            task = task_of(scope, self.viewer(seat), self.given)
            return commands.keep_words(scope, task, place, text, revision=revision, replace=replace)


def lay(records: Records, pair: Pair, exercise: Exercise | None = None) -> Table:
    """Give a couple a shared text to negotiate."""
    plan = care_commands.Plan(couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE)
    with records.within(pair.therapist) as scope:
        given = care_commands.assign(scope, exercise or small(), plan, once_key=new_id()).id
    return Table(records, pair, given)
