"""A therapist's words inside an exercise: those that are there, and for whom new ones can be."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wtforms.fields.choices import SelectChoice

from portal.access.privacy import LABELS, Audience, Label
from portal.access.viewer import Seat
from portal.exercises.care_commands import may_be_told
from portal.exercises.forms import FeedbackForm
from portal.exercises.models import Assignment, Feedback, Whom
from portal.people.couple_queries import Circle
from portal.web.translate import _
from portal.web.visibility import SeenBy, seen_by_staff


@dataclass(frozen=True, slots=True)
class FeedbackShown:
    """Words of a therapist that are already there, with who sees them."""

    body: str
    sent_at: datetime | None
    seen_by: SeenBy


def feedback_words(feedback: Feedback, people: Circle) -> FeedbackShown:
    """Return a therapist's words with who sees them."""
    author = people.person(feedback.addressee_id).first_name if feedback.addressee_id else None
    label = LABELS[Audience(feedback.audience)]
    return FeedbackShown(
        feedback.body, feedback.sent_at or feedback.open_at, seen_by_staff(label, author=author)
    )


class Toward(StrEnum):
    """Whom a therapist's words inside an exercise are for."""

    NOTE = "note"
    A = "a"
    B = "b"
    BOTH = "both"

    @property
    def audience(self) -> Audience:
        """Who may read the words."""
        return {Toward.NOTE: Audience.NOTE, Toward.BOTH: Audience.REPLY_BOTH}.get(self, Audience.REPLY)

    @property
    def seat(self) -> Seat | None:
        """The one partner they are for, where they are for one."""
        return Seat(self.value) if self in {Toward.A, Toward.B} else None


def offer_words(form: FeedbackForm, assignment: Assignment, people: Circle) -> dict[str, SeenBy]:
    """Offer for whom words can be; return who will see them, by choice. The narrowest is chosen to begin with."""
    told = may_be_told(assignment)
    offered = [(Toward.NOTE, _("Note for me"), seen_by_staff(Label.NOTES))]
    for seat in told:
        name = people.at(seat).first_name
        words = _("Reply to %(name)s", name=name)
        offered.append((Toward(seat.value), words, seen_by_staff(Label.THERAPIST, author=name)))
    if len(told) == len(Seat) and assignment.whom == Whom.BOTH:
        offered.append((Toward.BOTH, _("Word to both"), seen_by_staff(Label.COUPLE)))
    form.to.choices = [SelectChoice(each.value, words) for each, words, _seen in offered]
    if not form.is_submitted():
        form.to.data = Toward.NOTE.value
    return {each.value: seen for each, _words, seen in offered}
