"""Forms of a ladder: which step is meant, and which taking of it."""

from typing import Final

from wtforms import HiddenField

from portal.exercises.mechanics.ladder import LadderSpec
from portal.exercises.parts.ladders.queries import Visit
from portal.web.forms import OnceForm

_LONGEST: Final = 4


class StepForm(OnceForm):
    """One act about one step: ``place`` is its number in the ladder, ``visit`` which taking of it is meant, from 1."""

    place = HiddenField()
    visit = HiddenField()

    def meant(self, spec: LadderSpec) -> Visit | None:
        """Return which step and visit are meant; ``None`` where the fields name none."""
        place, number = _number(self.place.data), _number(self.visit.data or "1")
        if not 1 <= place <= len(spec.steps) or number < 1:
            return None
        return Visit(spec.steps[place - 1].key, number)


def step_form(spec: LadderSpec, step: str, *, visit: int = 1) -> StepForm:
    """Return an empty form about a step."""
    form = StepForm(formdata=None)
    form.place.data, form.visit.data = str(spec.index(step) + 1), str(visit)
    return form


def _number(typed: str | None) -> int:
    found = typed or ""
    return int(found) if found.isascii() and found.isdigit() and len(found) <= _LONGEST else 0
