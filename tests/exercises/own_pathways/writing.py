"""Helpers: a short pathway as its writer's draft, and the editor as a browser sees it."""

from dataclasses import replace

from portal.exercises.own_pathways.drafts import Draft, StepDraft
from tests.pages import Form, read
from tests.portal_app import Visitor

LIST, TOUCH, TALK = "touch-menu", "touch-ritual", "check-in"


def short_way() -> Draft:
    """Return a finished draft of three steps: a list, a touch that waits for it, and a talk after a session."""
    return Draft(
        title="Slowly nearer",
        purpose="Come nearer at the pace of the slower one.",
        not_when="While one of the two is afraid.",
        steps=(
            StepDraft(key="step_1", exercise=LIST, release="at_once"),
            StepDraft(
                key="step_2",
                exercise=TOUCH,
                release="after_delay",
                days="3",
                matches_of="step_1",
                at_least="2",
                recurrence="daily",
                times="4",
            ),
            StepDraft(key="step_3", exercise=TALK, session="after", session_days="1", therapist=True),
        ),
    )


def with_values(draft: Draft, key: str, **values: object) -> Draft:
    """Return a draft with some fields of a step changed."""
    steps = tuple(replace(step, **values) if step.key == key else step for step in draft.steps)  # type: ignore[arg-type]  # names of fields
    return replace(draft, steps=steps)


def page(visitor: Visitor, path: str) -> str:
    """Return a page that opens."""
    answer = visitor.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def form_at(visitor: Visitor, path: str) -> Form:
    """Return the page's form that the editor or a dialog sends: the last one whose address is below own-pathways."""
    return [form for form in read(path, page(visitor, path)).forms if "/own-pathways" in form.action][-1]


def begin(visitor: Visitor, title: str = "Slowly nearer", origin: str = "") -> str:
    """Begin a pathway; return the address of its editor."""
    form = form_at(visitor, "/own-pathways/new")
    answer = visitor.post(form.action, form.fields | {"title": [title], "origin": [origin]})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def press(visitor: Visitor, path: str, go: str, **typed: str) -> str:
    """Type into the editor and press a button that does its work; return where it leads."""
    form = form_at(visitor, path)
    fields = form.fields | {name: [value] for name, value in typed.items()} | {"go": [go]}
    answer = visitor.post(form.action, fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def write_short_way(visitor: Visitor) -> str:
    """Write a pathway of two steps in the browser; return the address of its editor."""
    path = begin(visitor)
    press(visitor, path, "close", purpose="Come nearer.", not_when="While one is afraid.")
    press(visitor, path, "add", add=TALK)
    press(visitor, path, "add", add="i-statements")
    return path


def publish(visitor: Visitor, path: str) -> str:
    """Publish what is written; return the address of the pathway."""
    form = form_at(visitor, f"{path}/publish")
    answer = visitor.post(form.action, form.fields)
    assert answer.status_code == 303
    return str(answer.headers["Location"])
