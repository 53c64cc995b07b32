"""What the buttons of the pathway editor do to a draft, after what was typed is taken over. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.exercises.own_pathways.drafts import Draft, moved, put_back, with_step, without_step


class Act(StrEnum):
    """What a button does; those about a step name it behind a colon, such as ``up:step_2``."""

    SAVE = "save"
    OPEN = "open"
    CLOSE = "close"
    UP = "up"
    DOWN = "down"
    REMOVE = "remove"
    PUT_BACK = "put-back"
    FORGET = "forget"
    ADD = "add"
    FIND = "find"
    SEEK = "seek"
    SHOW = "show"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button that was pressed, and the step that it names."""

    act: Act
    step: str = ""


def pressed(value: str) -> Pressed:
    """Return what a button's value says; saving, for one that says nothing known."""
    name, _colon, step = value.partition(":")
    act = next((each for each in Act if each.value == name), Act.SAVE)
    return Pressed(act, step)


def take_over(draft: Draft, part: str, typed: Mapping[str, Any]) -> Draft:
    """Return a draft with what was typed into its open part: the key of a step, or anything else for the head."""
    if draft.step(part) is None:
        head = {name: value for name, value in typed.items() if hasattr(draft, name)}
        return replace(draft, **head)
    return replace(
        draft, steps=tuple(replace(step, **typed) if step.key == part else step for step in draft.steps)
    )


def act_on(draft: Draft, button: Pressed, *, exercise: str, after: str) -> Draft:
    """Return a draft after a button was pressed; a new step is about ``exercise`` and stands ``after`` another."""
    match button.act:
        case Act.UP:
            return moved(draft, button.step, by=-1)
        case Act.DOWN:
            return moved(draft, button.step, by=1)
        case Act.REMOVE:
            return without_step(draft, button.step)
        case Act.PUT_BACK:
            return put_back(draft)
        case Act.FORGET:
            return replace(draft, removed=None)
        case Act.ADD:
            return with_step(draft, exercise, after=after)[0]
        case _:
            return draft
