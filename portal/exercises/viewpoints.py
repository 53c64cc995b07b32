"""How one of two partners will see something: the names they read, and the language that they read it in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.people.couple_queries import Circle, Person, languages_of
from portal.web.visibility import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """One partner's place: who they are, the names of the others, and their language where they chose one."""

    person: Person
    names: Names
    language: str | None

    @property
    def seat(self) -> Seat:
        """The partner's seat."""
        return self.person.seat


def viewpoints(scope: Scope, people: Circle) -> Mapping[Seat, Viewpoint]:
    """Return both partners' places. For their therapist."""
    languages = languages_of(scope, people)
    return {seat: _viewpoint(people, seat, languages[seat]) for seat in Seat}


def _viewpoint(people: Circle, seat: Seat, language: str | None) -> Viewpoint:
    names = Names(partner=people.at(seat.other).first_name, therapist=people.therapist)
    return Viewpoint(person=people.at(seat), names=names, language=language)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Put words into a language for as long as the block lasts; into that of the page where none is named."""
    if language is None:
        yield
        return
    with force_locale(language):
        yield


def spoken(language: str | None, draw: Callable[..., Any], *about: Any) -> Any:
    """Return what a template's macro draws, with the words around it in a language too."""
    with speaking(language):
        return draw(*about)
