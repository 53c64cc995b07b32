"""What all pages of a plan begin with: what is planned, for whom, and what can be chosen."""

from dataclasses import dataclass
from datetime import date

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.mechanics.planning_model import Picked
from portal.exercises.parts.plans import queries
from portal.exercises.parts.plans.forms import Sheet
from portal.exercises.parts.plans.queries import Planned
from portal.exercises.queries import Task
from portal.kit.clock import day_in
from portal.people.couple_queries import circle
from portal.questionnaires.model import Option
from portal.web.translate import _
from portal.web.visibility import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A plan's pages for one partner: what is planned, who reads it, what they are called."""

    task: Task
    at: Planned
    seat: Seat
    names: Names
    zone: str
    today: date
    ideas: tuple[Option, ...]

    @property
    def people(self) -> dict[Seat, str]:
        """Return what the reader calls the two."""
        return {self.seat: _("You"), self.seat.other: self.names.partner or _("Your partner")}

    @property
    def sheet(self) -> Sheet:
        """Return the form in which this partner suggests something."""
        return Sheet(self.at.spec, self._offered(), self.names, self.seat, self.zone, self.today)

    def _offered(self) -> tuple[Option, ...]:
        """Return what can be picked: the ideas of now, and the one that stands in the plan already."""
        plan = self.at.current
        picked = None if plan is None else plan.values.get(self.at.spec.what.key)
        if not isinstance(picked, Picked) or picked.option in {idea.key for idea in self.ideas}:
            return self.ideas
        standing = Option(key=picked.option, text=queries.picked_text(self.at.exercise, picked))
        return (standing, *self.ideas)


def table(scope: Scope, task: Task, *, seat: Seat, names: Names, zone: str) -> Table:
    """Return the plans of a partner's task with everything that their pages need."""
    people = circle(scope, task.assignment.couple_id)
    at = queries.planned(scope, task.assignment, task.exercise, people)
    ideas = queries.ideas_now(scope, task.assignment, task.exercise)
    today = day_in(zone, scope.now)
    return Table(task=task, at=at, seat=seat, names=names, zone=zone, today=today, ideas=ideas)
