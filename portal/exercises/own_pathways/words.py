"""What the editor of own pathways says: each step in one plain sentence, and what stands in the way at a field."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from flask_babel import lazy_gettext

from portal.exercises.domain import Exercise, Recurrence, Who, needs_both
from portal.exercises.mechanics.base import SHARED, MechanicName
from portal.exercises.own_pathways.source import Fault, Trouble
from portal.exercises.pathway import (
    Anchor,
    ForWhom,
    Gate,
    GateKind,
    Otherwise,
    PathStep,
    Pathway,
    Release,
    Side,
)
from portal.exercises.words import RHYTHMS
from portal.web.translate import _, _n

Known = Mapping[str, Exercise]

NUMBERS: Final = (
    lazy_gettext("one"), lazy_gettext("two"), lazy_gettext("three"), lazy_gettext("four"), lazy_gettext("five"),
    lazy_gettext("six"), lazy_gettext("seven"), lazy_gettext("eight"), lazy_gettext("nine"), lazy_gettext("ten"),
)  # fmt: skip
"""Small numbers as they stand in a sentence."""

WHOM: Final = {
    ForWhom.BOTH: lazy_gettext("Both of them"),
    ForWhom.A: lazy_gettext("The first of the two"),
    ForWhom.B: lazy_gettext("The second of the two"),
}
WHEN_ARMED: Final = lazy_gettext("Chosen when it is armed")
"""For whom a step is that one of the two does, as long as nothing is said."""
RELEASES: Final = {
    Release.AT_ONCE: lazy_gettext("Together with the step before"),
    Release.AFTER: lazy_gettext("Once the step before is done"),
    Release.AFTER_DELAY: lazy_gettext("Some days after the step before is done"),
    Release.INTERVAL: lazy_gettext("Some days after the step before opened, done or not"),
    Release.ON_DATE: lazy_gettext("On a date: some days after the start"),
}
FIRST_RELEASES: Final = {
    Release.AT_ONCE: lazy_gettext("At the start"),
    Release.ON_DATE: lazy_gettext("Some days after the start, or on a date you choose"),
}
SIDES: Final = {
    "": lazy_gettext("It isn’t tied to a session"),
    Side.BEFORE: lazy_gettext("Before the next session"),
    Side.AFTER: lazy_gettext("After a session"),
}


def reading(way: Pathway, place: int, known: Known, *, vague: Collection[str] = ()) -> str:
    """Return when a step opens, as a sentence such as "Opens three days after both have sent step 2.".

    ``vague`` names the fields whose number is still missing, out of ``days`` and ``session_days``.
    """
    step = way.steps[place]
    opens = _opens(way, place, known, _("some days") if "days" in vague else _days(step.days))
    if step.anchor is not None:
        then = _anchored(step.anchor, is_vague="session_days" in vague)
        opens = _("%(first)s, %(then)s", first=opens, then=then)
    conditions = list(_conditions(way, step, known))
    sentence = (
        _("%(opens)s, and only %(conditions)s.", opens=opens, conditions=_listed(conditions))
        if conditions
        else _("%(sentence)s.", sentence=opens)
    )
    if not step.skips:
        return sentence
    return _("%(sentence)s It is left out if a safety flag is open then.", sentence=sentence)


def _opens(way: Pathway, place: int, known: Known, days: str) -> str:
    step = way.steps[place]
    if step.release is Release.ON_DATE:
        return _("Opens %(days)s after the start, or on a day you choose", days=days)
    if place == 0:
        return _("Opens at the start") if not step.days else _("Opens %(days)s after the start", days=days)
    done, number = done_words(way, place - 1, known), place
    match step.release:
        case Release.AT_ONCE:
            return _("Opens together with step %(number)s", number=number)
        case Release.AFTER:
            return _("Opens once %(done)s", done=done)
        case Release.AFTER_DELAY:
            return _("Opens %(days)s after %(done)s", days=days, done=done)
        case Release.INTERVAL:
            return _("Opens %(days)s after step %(number)s opened, done or not", days=days, number=number)


def done_words(way: Pathway, place: int, known: Known) -> str:
    """Return what has to have happened until a step is done, such as "both have sent step 2"."""
    step, number = way.steps[place], place + 1
    exercise = known.get(step.exercise)
    if exercise is not None and exercise.lead is MechanicName.JOURNAL:
        return _("the days of step %(number)s are over", number=number)
    if exercise is not None and exercise.lead in SHARED:
        return _("both have finished step %(number)s", number=number)
    if not _asks_both(step, exercise):
        return _("step %(number)s is sent", number=number)
    if step.times > 1:
        return _("both have sent step %(number)s %(times)s", number=number, times=_times(step.times))
    return _("both have sent step %(number)s", number=number)


def _asks_both(step: PathStep, exercise: Exercise | None) -> bool:
    """Say whether both are asked for sure. What is left open for one of the two is sent by whoever is chosen."""
    if step.whom is ForWhom.BOTH or (exercise is not None and needs_both(exercise)):
        return True
    return step.whom is None and not (exercise is not None and exercise.who is Who.ONE)


def _anchored(anchor: Anchor, *, is_vague: bool) -> str:
    days = _("some days") if is_vague else _days(anchor.days)
    if anchor.side is Side.BEFORE:
        if not anchor.days and not is_vague:
            return _("on the day of the next session")
        return _("%(days)s before the next session", days=days)
    if not anchor.days and not is_vague:
        return _("right after a session")
    return _("%(days)s after a session", days=days)


def _conditions(way: Pathway, step: PathStep, known: Known) -> Iterator[str]:
    for gate in step.gates:
        if gate.otherwise is Otherwise.WAIT:
            yield _condition(way, gate, known)


def _condition(way: Pathway, gate: Gate, known: Known) -> str:
    match gate.kind:
        case GateKind.BOTH_DONE:
            return _("once %(done)s", done=done_words(way, way.position(gate.of), known))
        case GateKind.MATCHES:
            return _n(
                "once the overlap in step %(number)s has at least one match",
                "once the overlap in step %(number)s has at least %(count)s matches",
                gate.at_least,
                number=way.position(gate.of) + 1,
                count=_number(gate.at_least),
            )
        case GateKind.THERAPIST:
            return _("when you release it")
        case GateKind.NO_FLAG:
            return _("while no safety flag is open")


def _listed(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _("%(first)s and %(last)s", first=", ".join(parts[:-1]), last=parts[-1])


def _number(number: int) -> str:
    return str(NUMBERS[number - 1]) if 1 <= number <= len(NUMBERS) else str(number)


def _days(number: int) -> str:
    return _n("%(count)s day", "%(count)s days", number, count=_number(number))


def _times(number: int) -> str:
    return _n("%(count)s time", "%(count)s times", number, count=_number(number))


def doing(step: PathStep, exercise: Exercise | None) -> str:
    """Return whom a step asks, how often, and for how long, in a few words."""
    rhythm = (
        exercise.recurring(step.recurrence) if exercise is not None else step.recurrence or Recurrence.ONCE
    )
    parts = [words] if (words := _for_whom(step, exercise)) else []
    if rhythm is not Recurrence.ONCE or step.times > 1:
        often = str(RHYTHMS[rhythm])
        parts.append(
            _("%(often)s, done after %(times)s", often=often, times=_times(step.times))
            if step.times > 1
            else often
        )
    parts.append(_n("%(num)s day for it", "%(num)s days for it", step.due_days))
    return " · ".join(parts)


def _for_whom(step: PathStep, exercise: Exercise | None) -> str:
    """Return for whom a step is, where that isn't simply both."""
    if exercise is not None and needs_both(exercise):
        return ""
    if exercise is not None and exercise.who is Who.ONE:
        return str(WHOM[step.whom] if step.whom else WHEN_ARMED)
    return "" if step.whom in {None, ForWhom.BOTH} else str(WHOM[step.whom])


_MISSING: Final = {
    "title": lazy_gettext("Please give the pathway a title"),
    "purpose": lazy_gettext("Please say in a sentence what it is for"),
    "not_when": lazy_gettext("Please say when it should not be used"),
    "steps": lazy_gettext("Please add at least one step"),
    "exercise": lazy_gettext("Please choose an exercise"),
    "days": lazy_gettext("Please say how many days"),
    "session_days": lazy_gettext("Please say how many days before or after the session"),
    "at_least": lazy_gettext("Please say how many matches"),
}


_SAID: Final = {
    Fault.NO_NUMBER: lazy_gettext("Please write a whole number, in digits"),
    Fault.NO_EXERCISE: lazy_gettext("This exercise isn’t at hand any more. Please choose another"),
    Fault.NOT_EARLIER: lazy_gettext(
        "This step no longer comes before. Please choose an earlier one, or none"
    ),
    Fault.NO_OVERLAP: lazy_gettext("Matches only come of an overlap. Please choose a step with one"),
    Fault.COMES_ONCE: lazy_gettext("It comes only once. Choose how often it comes back, or leave this at 1"),
    Fault.NOT_SO_OFTEN: lazy_gettext("It can’t come back like this. Please choose how often once more"),
    Fault.UNUSABLE: lazy_gettext("This can’t be used as it is. Please look at it again"),
}


def fault_words(trouble: Trouble) -> str:
    """Return what stands in the way at a field, said to whoever writes the pathway."""
    match trouble.fault:
        case Fault.MISSING:
            return str(_MISSING.get(trouble.field) or _("Please fill this in"))
        case Fault.OUT_OF_RANGE:
            return _("Between %(low)s and %(high)s", low=trouble.low, high=trouble.high)
        case Fault.TOO_LONG:
            return _("Please shorten this to %(most)s characters", most=trouble.high)
        case Fault.TOO_MANY:
            return _("A pathway holds up to %(most)s steps", most=trouble.high)
        case _:
            return str(_SAID[trouble.fault])
