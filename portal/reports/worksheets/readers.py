"""Who may read a part of a worksheet: paper has no lock, so what is for others than its neighbors gets its own page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from portal.access.privacy import Audience, Label
from portal.exercises.domain import Exercise
from portal.questionnaires.model import Item
from portal.web.translate import _


@dataclass(frozen=True, slots=True)
class Readers:
    """A circle of readers: the label that draws the stroke, and the words beside it."""

    label: Label
    words: str


def alone() -> Readers:
    """Return the circle of what nobody but the writer reads."""
    return Readers(Label.PRIVATE, _("Only you can see this"))


def with_therapist() -> Readers:
    """Return the circle of what is given to the therapist and nobody else."""
    return Readers(Label.THERAPIST, _("You and your therapist. Don’t leave it lying about"))


def for_session() -> Readers:
    """Return the circle of what is given to the therapist, to be opened with both in a session or not at all."""
    return Readers(Label.HELD, _("You and your therapist, for a session"))


def both() -> Readers:
    """Return the circle of what the two write together."""
    return Readers(Label.COUPLE, _("Both of you and your therapist"))


def until_given() -> Readers:
    """Return the circle of what its writer gives to the partner, if and when they want to."""
    return Readers(Label.PRIVATE, _("Only you, until you give it to your partner"))


def until_both() -> Readers:
    """Return the circle of what each writes alone and both open at the same time."""
    return Readers(Label.LATER, _("Only you, until both of you have finished"))


def readers_of(exercise: Exercise, item: Item) -> Readers:
    """Return who may read the answer to an item that is written on paper.

    An overlap is nobody's to see but its writer's, because on paper no "not now" can be kept from whoever looks.
    """
    match item.audience:
        case Audience.PRIVATE | Audience.OVERLAP:
            return alone()
        case Audience.THERAPIST | Audience.DAYS:
            # Days without a name are made of both partners' logs; on paper there is a name on each.
            return with_therapist()
        case Audience.HELD:
            return for_session()
        case _:
            return until_both() if exercise.label_of(item) is Label.LATER else until_given()


def by_readers(exercise: Exercise, items: Iterable[Item]) -> Iterator[tuple[Readers, list[Item]]]:
    """Yield runs of neighboring items with the same circle of readers. A text or group goes with what follows it."""
    run: list[Item] = []
    keyed: list[tuple[Readers, list[Item]]] = []
    for item in items:
        run.append(item)
        if item.is_answerable:
            keyed.append((readers_of(exercise, item), run))
            run = []
    if run and keyed:
        keyed[-1][1].extend(run)
    for readers, runs in groupby(keyed, key=lambda one: one[0]):
        yield readers, [item for _readers, each in runs for item in each]
