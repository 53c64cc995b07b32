"""What a therapist writes on a couple's page: their goals."""

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.people.models import Couple


def set_goals(scope: Scope, couple_id: str, *, goals: str) -> None:
    """Put down what a couple wants, in their own plain words; an empty text takes it away."""
    scope.require(Permission.ASSIGN, couple_id=couple_id)
    couple = scope.find(Couple, couple_id)
    couple.goals = goals.strip() or None
    record(scope, Action.GOALS_CHANGED, subject_id=couple_id, couple_id=couple_id)
    scope.flush()
