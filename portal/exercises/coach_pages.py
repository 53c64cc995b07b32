"""The writing coach beside a text that a partner types: what it says, who can help now, and whether it is wanted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import after_this_request, current_app, request, url_for
from itsdangerous import Signer
from werkzeug.wrappers.response import Response

from portal.exercises.coach import Kind
from portal.exercises.coach.beside import Looked, Slot, look_over
from portal.exercises.domain import SOURCE_LANGUAGE, Exercise
from portal.exercises.mechanics.letter import LetterKind, LetterSpec
from portal.people.crisis import Resource, shown
from portal.people.practice_queries import practice_of
from portal.web.current import person, scope

LOOK: Final = "coach"
OFF: Final = "hints-off"
ON: Final = "hints-on"
YEAR: Final = 366 * 24 * 3600
MOST_PEOPLE: Final = 8


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a text while it is written."""

    kind: Kind
    slots: tuple[Slot, ...]
    looked: Looked
    wanted: bool
    """Whether hints come by themselves; if not, only when the writer asks for them."""
    help_now: tuple[Resource, ...] = ()
    """Who can help now, where the text speaks of danger to a life; otherwise nobody."""

    @property
    def address(self) -> str:
        """Where hints are asked for while somebody types."""
        return url_for("exercises.words")

    @property
    def help_address(self) -> str:
        """The page with everybody who can help now."""
        return url_for("people.help_and_safety")

    @property
    def asking(self) -> str:
        """What the request carries, beside the words, that is made while somebody types."""
        slots = json.dumps([[slot.name, slot.starter, slot.needed] for slot in self.slots])
        return json.dumps({"kind": self.kind.value, "slots": slots})


def beside(kind: Kind, slots: Sequence[Slot], typed: Mapping[str, str | None]) -> Beside:
    """Return what stands beside a text: ``typed`` has the words so far, by the names of the slots.

    Hints are there if the writer wants them, or has just asked for them. Where a life may be in danger, help is
    there in any case.
    """
    looked = look_over(kind, slots, {name: words or "" for name, words in typed.items()})
    wanted = hints_wanted()
    shown_now = wanted or request.form.get("go") == LOOK or "look" in request.args
    helpers = help_now() if looked.care else ()
    return Beside(kind, tuple(slots), looked if shown_now else Looked({}, (), looked.care), wanted, helpers)


def beside_words(
    exercise: Exercise, kind: Kind, slots: Sequence[Slot], typed: Mapping[str, str | None]
) -> Beside | None:
    """Return what stands beside a text in an exercise; nothing where its words aren't in the coach's language.

    The coach reads English. Whoever does an exercise in another language writes in that one, and the coach would be
    wrong about their words.
    """
    return beside(kind, slots, typed) if is_read(exercise) else None


def is_read(exercise: Exercise) -> bool:
    """Say whether the coach can read what is written in an exercise."""
    return exercise.language == SOURCE_LANGUAGE


def letter_slots(spec: LetterSpec) -> tuple[Slot, ...]:
    """Return the inputs of a letter's parts."""
    return tuple(Slot(item.key, item.starter or "", item.required) for item in spec.parts)


READ_AS: Final = {
    LetterKind.I_STATEMENT: Kind.I_STATEMENT,
    LetterKind.APPRECIATION: Kind.APPRECIATION,
    LetterKind.APOLOGY: Kind.APOLOGY,
    LetterKind.NOTE: Kind.TURN,
}
"""What the coach takes a letter for. A free note has no form of its own: it is read like what is said in a talk."""


def has_hints(exercise: Exercise) -> bool:
    """Say whether there are hints for the letter of an exercise."""
    return exercise.spec(LetterSpec) is not None and is_read(exercise)


def beside_letter(exercise: Exercise, typed: Mapping[str, object]) -> Beside | None:
    """Return what stands beside the letter of an exercise, or nothing where there are no hints for it."""
    spec = exercise.spec(LetterSpec)
    if spec is None:
        return None
    words = {name: value for name, value in typed.items() if isinstance(value, str)}
    return beside_words(exercise, READ_AS[spec.kind], letter_slots(spec), words)


def help_now() -> tuple[Resource, ...]:
    """Return who can help now, as the practice lists them."""
    practice = practice_of(scope())
    return tuple(shown(practice.crisis_resources, practice.country))


def asked() -> bool:
    """Say whether a form was sent with one of the coach's buttons, and switch hints on or off if one says so.

    Then nothing goes on: the same page is shown again with everything typed, at the address that ``again`` completes.
    """
    go = request.form.get("go")
    if go in {ON, OFF}:
        _switch(on=go == ON)
    return go in {LOOK, ON, OFF}


def again() -> dict[str, Any]:
    """Return what ``url_for`` needs beside the page's own arguments to lead back to the hints on it."""
    look = {"look": 1} if request.form.get("go") == LOOK else {}
    return {"_anchor": "words", **look}


def hints_wanted() -> bool:
    """Say whether the person who is signed in wants hints by themselves; they do until they switch them off."""
    return _mark() not in _marks()


def _switch(*, on: bool) -> None:
    """Remember in this browser, for this person alone, whether hints come by themselves.

    The cookie holds no name and nothing of a text. Who else uses the browser has a mark of their own.
    """
    others = [mark for mark in _marks() if mark != _mark()]
    marks = others if on else [_mark(), *others][:MOST_PEOPLE]

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            "~".join(marks),
            max_age=YEAR if marks else 0,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
            path="/",
        )
        return response


def _mark() -> str:
    signer = Signer(current_app.config["SECRET_KEY"], salt="hints-off")
    return signer.get_signature(person().viewer.account_id).decode()


def _marks() -> list[str]:
    return [mark for mark in request.cookies.get(_cookie(), "").split("~") if mark]


def _cookie() -> str:
    return "__Host-portal-page" if current_app.config["SESSION_COOKIE_SECURE"] else "portal-page"
