"""What the pages of a plan show to the two, gathered into plain values for their templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.exercises.mechanics import planning
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.plan import IDEAS, FieldKind, Source
from portal.exercises.mechanics.planning_model import Plan, Status, Values, When, Words
from portal.exercises.partner_room import has_ended
from portal.exercises.parts.base import walk_address
from portal.exercises.parts.plans import queries
from portal.exercises.parts.plans.forms import StepForm, SuggestForm
from portal.exercises.parts.plans.past import past_meetings
from portal.exercises.parts.plans.queries import Collected, Planned
from portal.exercises.parts.plans.table import Table
from portal.exercises.parts.plans.words import Row, rows_of, times_words, what_words
from portal.exercises.queries import aside
from portal.web.visibility import Names, SeenBy, seen_by


def written_by_both(names: Names) -> SeenBy:
    """Return who sees a plan, in words."""
    return seen_by(Label.COUPLE, names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The plan that is in the making or agreed, as a partner sees it."""

    plan: Plan
    rows: list[Row]
    is_mine: bool
    """Whether the reader suggested what isn't agreed yet."""
    can: frozenset[str]
    is_whole: bool
    has_passed: bool
    to_tell: When | None
    """The last time of something weekly, as long as nobody has said that it took place."""
    times: str
    calendar: bool


def plan_page(scope: Scope, at_table: Table, *, now: datetime) -> dict[str, Any]:
    """Return what the page of a plan shows."""
    at, task = at_table.at, at_table.task
    is_ended = has_ended(task)
    return {
        "task": task,
        "is_ended": is_ended,
        "question": at.spec.question,
        "shown": _shown(at_table, now),
        "ideas": at_table.ideas if at.spec.source is Source.OVERLAP else (),
        "is_overlap": at.spec.source is Source.OVERLAP,
        "collected": queries.collected(scope, at),
        "collect_url": _collect_url(scope, at_table) if at.spec.ideas.pages and not is_ended else None,
        "groups": at.spec.groups,
        "can_suggest": at.current is None and not is_ended and _has_something(at_table),
        "meetings": past_meetings(scope, at_table, now),
        "dropped": [
            what_words(at.exercise, plan.values, at_table.people)
            for plan in reversed(at.plans)
            if plan.status is Status.LET_GO
        ],
        "seen_by": written_by_both(at_table.names),
        "people": at_table.people,
        "seat": at_table.seat,
        "form": StepForm(formdata=None, data={"seen": at.current.wording if at.current else 0}),
        "names": at_table.names,
    }


def _has_something(at_table: Table) -> bool:
    return at_table.at.spec.source is Source.OWN or bool(at_table.ideas)


def _shown(at_table: Table, now: datetime) -> Shown | None:
    at, plan = at_table.at, at_table.at.current
    if plan is None:
        return None
    return Shown(
        plan=plan,
        rows=rows_of(at.exercise, plan.values, at_table.people, before=_agreed_before(at, plan)),
        is_mine=plan.by is at_table.seat,
        can=frozenset(kind.value for kind in planning.allowed(at.spec, plan, at_table.seat)),
        is_whole=planning.is_whole(at.spec, plan.values),
        has_passed=planning.has_passed(at.spec, plan.values, now),
        to_tell=planning.time_to_tell(at.spec, plan, now),
        times=times_words(len(plan.meetings), at.spec.meetings),
        calendar=plan.status is Status.AGREED and not planning.has_passed(at.spec, plan.values, now),
    )


def _agreed_before(at: Planned, plan: Plan) -> Values | None:
    """Return what stood before the last suggestion, so that its changes can be marked."""
    if plan.status is not Status.PROPOSED or plan.wording == 1:
        return None
    told = [each[-1] for each in planning.retold(at.spec, at.events) if each]
    earlier = [each for each in told if each.number == plan.number and each.wording < plan.wording]
    return earlier[-1].values if earlier else None


def _collect_url(scope: Scope, at_table: Table) -> str:
    found = aside(scope, at_table.task, MechanicName.PLAN, period=IDEAS, form=at_table.at.spec.ideas)
    return walk_address(found)


def suggest_page(at_table: Table, form: SuggestForm, *, is_late: bool = False) -> dict[str, Any]:
    """Return what the form of a suggestion shows, and beside it what was suggested meanwhile."""
    at = at_table.at
    plan = at.current
    return {
        "task": at_table.task,
        "question": at.spec.question,
        "asked": at_table.sheet.asked,
        "form": form,
        "plan": plan,
        "is_first": plan is None,
        "standing": rows_of(at.exercise, plan.values, at_table.people) if plan and is_late else [],
        "seen_by": written_by_both(at_table.names),
        "groups": at.spec.groups if at.spec.what.kind is FieldKind.SHORT else (),
        "names": at_table.names,
    }


def first_values(at_table: Table, ideas: Sequence[Collected], wish: str) -> Values:
    """Return what a new suggestion begins with: the idea that a link of the plan's page named, if it is there.

    Addresses stay in a browser's history, so they name ideas by number: ``a1``, ``b2``, or ``o3`` for an option.
    """
    what = at_table.at.spec.what
    texts = {f"{each.seat.value}{idea.place}": idea.text for each in ideas for idea in each.ideas}
    texts |= {f"o{number}": option.text for number, option in enumerate(at_table.at.spec.options, start=1)}
    return {what.key: Words(texts[wish])} if what.kind is FieldKind.SHORT and wish in texts else {}
