"""Who is in the sample world: invented people, drawn anew for each seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from portal.access.viewer import Role, Seat

# First names that exist, surnames that nobody has: people in the sample world must never be mistaken for real ones.
WOMEN = "Mirela Odile Tamsin Nadia Petra Halina Sunniva Yara Maren Imke Anouk Delphine Zofia Ruta".split()
MEN = "Jonas Casper Idris Emeric Anselm Rafi Stellan Tobias Levin Matteo Kofi Bram Oskar Ilya".split()
SPANISH_WOMEN = "Itziar Ximena Lucinda Amparo Noelia".split()
SPANISH_MEN = "Aurelio Nicanor Fermín Gaspar Eloy".split()
CHILDREN = "Wilma Ferdi Juna Piet Lotte Momo Enno Tilda".split()
SURNAMES = (
    "Fennimarsh Quillaby Tidewick Larkmoor Brambleworth Velloway Copperfold Windlesea Harrowmint Pennymoor "
    "Inkersley Saffronhall Thistleby Marrowfield Osterlark Candlewick Wrenhollow Applegarrow Stonefeather Dunmallow"
).split()
SPANISH_SURNAMES = "Valdelirio Montesol Riocobre Campoalto Peñaluna Fuentelira".split()


@dataclass(frozen=True, slots=True)
class Someone:
    """One invented person."""

    name: str
    email: str

    @property
    def first_name(self) -> str:
        """The name that others call the person by."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True)
class Household:
    """Two people who come together; ``ref`` names them in commands, ``children`` are names that they mention."""

    ref: str
    therapist: str
    people: Mapping[Seat, Someone]
    children: tuple[str, ...] = ()
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class PracticeCast:
    """One practice: its settings, who works there by a key such as ``t1``, and who comes to it."""

    key: str
    name: str
    time_zone: str
    country: str
    staff: Mapping[str, tuple[Role, Someone]]
    households: tuple[Household, ...]


def draw_cast(seed: int) -> tuple[PracticeCast, ...]:
    """Return the practices of the sample world with their people; the same for the same seed."""
    hat = _Hat(Random(f"cast {seed}"))  # noqa: S311 - names in a sample world are no secret
    return (
        PracticeCast(
            key="harbour",
            name="Harbour Practice",
            time_zone="Europe/London",
            country="GB",
            staff={
                "admin": (Role.ADMIN, hat.woman("harbour.example")),
                "t1": (Role.THERAPIST, hat.woman("harbour.example")),
                "t1b": (Role.THERAPIST, hat.man("harbour.example")),
                "desk": (Role.DESK, hat.man("harbour.example")),
            },
            households=(
                hat.household("harbour-1", "t1", "woman", "man", children=2),
                hat.household("harbour-2", "t1", "man", "man"),
                hat.household("harbour-3", "t1", "man", "woman"),
                hat.household("harbour-4", "t1b", "spanish_woman", "spanish_man", locale="es"),
            ),
        ),
        PracticeCast(
            key="second",
            name="Second Practice",
            time_zone="America/Chicago",
            country="US",
            staff={
                "admin": (Role.ADMIN, hat.man("second.example")),
                "t2": (Role.THERAPIST, hat.woman("second.example")),
            },
            households=(hat.household("second-1", "t2", "woman", "man"),),
        ),
    )


class _Hat:
    """Draws names; none comes twice, so that nobody in the sample world is mixed up with anybody else."""

    def __init__(self, chance: Random) -> None:
        self._names = {
            "woman": _shuffled(WOMEN, chance),
            "man": _shuffled(MEN, chance),
            "spanish_woman": _shuffled(SPANISH_WOMEN, chance),
            "spanish_man": _shuffled(SPANISH_MEN, chance),
            "child": _shuffled(CHILDREN, chance),
            "surname": _shuffled(SURNAMES, chance),
            "spanish_surname": _shuffled(SPANISH_SURNAMES, chance),
        }

    def woman(self, domain: str) -> Someone:
        """Draw a woman."""
        return self._person("woman", domain)

    def man(self, domain: str) -> Someone:
        """Draw a man."""
        return self._person("man", domain)

    def household(
        self, ref: str, therapist: str, a: str, b: str, *, children: int = 0, locale: str | None = None
    ) -> Household:
        """Draw two people who come together, and the children they mention."""
        people = {seat: self._person(kind, "post.example") for seat, kind in zip(Seat, (a, b), strict=True)}
        names = tuple(self._names["child"].pop() for _ in range(children))
        return Household(ref, therapist, people, names, locale)

    def _person(self, kind: str, domain: str) -> Someone:
        surnames = "spanish_surname" if kind.startswith("spanish") else "surname"
        first, last = self._names[kind].pop(), self._names[surnames].pop()
        return Someone(f"{first} {last}", f"{_plain(first)}.{_plain(last)}@{domain}")


def _shuffled(names: list[str], chance: Random) -> list[str]:
    found = list(names)
    chance.shuffle(found)
    return found


def _plain(name: str) -> str:
    return name.casefold().translate(str.maketrans("áéíóúñ", "aeioun"))
