"""Forms that ask about safety: asked of both, in a quiet moment, shown to nobody again, and followed by who can help."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from portal.access.policy import Refused
from portal.access.viewer import Viewer
from portal.exercises import care_commands, commands, queries, safety
from portal.exercises.domain import Recurrence, needs_both
from portal.exercises.mechanics.safety_items import about_safety, asks_about_safety, is_about_safety
from portal.exercises.models import Answer, Response, Whom
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.questionnaires.model import Value
from tests.exercises.doing import fill, give, send, task_of, type_in
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, masked

LOAD, MORE, SIGNS = "stressors", "more-help", "warning-signs"
CALM: Mapping[str, Value] = {
    "abuse": 0,
    "afraid": "no",
    "speak_freely": "freely",
    "tell_in_person": "no_need",
}
WORST: Mapping[str, Value] = {
    "abuse": 4,
    "afraid": "often",
    "speak_freely": "no",
    "tell_in_person": "soon",
}


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    """The partner in seat a, signed in."""
    return site.sign_in_as(pair.a)


def load(answers: Mapping[str, Value]) -> dict[str, Value]:
    """Return an answer to everything that weighs on somebody, with some of them chosen."""
    return fill(library()[LOAD], "Long days") | dict(answers)


def html(visitor: Visitor, path: str) -> str:
    """Open a page and return it."""
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def words(page: str) -> str:
    """Return a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def through_the_gate(visitor: Visitor, given: str) -> str:
    """Say that one is alone; return the address of the first page."""
    return next(link for link in read("", html(visitor, f"/t/{given}/before")).links if "/p/1" in link)


# What a form is taken for


def test_exactly_the_forms_with_such_questions_ask_about_safety() -> None:
    found = {slug for slug, exercise in library().items() if asks_about_safety(exercise.form)}
    assert found == {LOAD, MORE}


def test_what_follows_every_talk_asks_no_gate_but_is_kept_as_close() -> None:
    talk = library()["check-in"]
    assert not asks_about_safety(talk.form)
    assert {"free_to_say_no", "worry"} <= about_safety(talk.form)


def test_all_questions_about_safety_go_to_the_therapist_alone() -> None:
    for exercise in library().values():
        for item in filter(is_about_safety, exercise.form.questions):
            assert item.audience == "therapist", (exercise.slug, item.key)


@pytest.mark.parametrize("item", ["crisis_safety", "crisis_life"])
@pytest.mark.parametrize(
    ("answer", "flagged"), [("not_now", False), ("curious", True), ("soon", True), ("have", True)]
)
def test_any_word_about_a_crisis_is_for_the_therapist_at_once(
    site: Site, pair: Pair, item: str, answer: str, flagged: bool
) -> None:
    send(site.records, pair.a, give(site.records, pair, MORE), fill(library()[MORE], "x") | {item: answer})
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert [each.item for each in safety.open_flags(scope, pair.couple_id)] == [item] * flagged


@pytest.mark.parametrize(("answer", "flagged"), [("no_need", False), ("sometime", False), ("soon", True)])
def test_a_wish_for_time_alone_some_day_holds_nothing_back(
    site: Site, pair: Pair, answer: str, flagged: bool
) -> None:
    given = give(site.records, pair, LOAD)
    send(site.records, pair.a, given, load({**CALM, "tell_in_person": answer}))
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert bool(safety.open_flags(scope, pair.couple_id)) is flagged
        assert queries.written(scope, [given])[0].values["tell_in_person"] == answer


# For both


@pytest.mark.parametrize("slug", [LOAD, MORE])
def test_both_are_asked_or_nobody(site: Site, pair: Pair, slug: str) -> None:
    assert needs_both(library()[slug])
    with pytest.raises(Refused):
        give(site.records, pair, slug, whom=Whom.A)
    page = html(site.sign_in_as(pair.therapist), f"/assign/{slug}?couple={pair.couple_id}")
    assert "Only Sam" not in page
    assert "it asks about safety, and asks both the same" in page


def test_signs_without_such_questions_can_be_asked_of_one(site: Site, pair: Pair) -> None:
    plan = care_commands.Plan(couple_id=pair.couple_id, whom=Whom.A, recurrence=Recurrence.ONCE)
    with site.records.within(pair.therapist) as scope:
        assert care_commands.assign(scope, library()[SIGNS], plan, once_key=new_id())


# Before the first page


@pytest.mark.parametrize("slug", [LOAD, MORE])
def test_before_the_first_page_one_is_asked_whether_one_is_alone(
    site: Site, pair: Pair, sam: Visitor, slug: str
) -> None:
    given = give(site.records, pair, slug)
    begun = sam.post(f"/t/{given}/begin", {"csrf_token": sam.csrf})
    assert (begun.status_code, begun.location) == (303, f"/t/{given}/before")
    page = html(sam, f"/t/{given}/before")
    assert "Are you alone, on a device only you use?" in page
    assert "<title>Notebook</title>" in page
    assert 'href="/today"' in page
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert scope.all(scope.select(Response)) == []
    assert library()[slug].title not in page
    assert library()[slug].title in html(sam, "/today")


def test_no_page_is_shown_before_that_was_answered(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, LOAD)
    type_in(site.records, pair.a, given, WORST)
    for path in ("p/1", "p/5", "check", "p/5?sitting=yes", "p/5?then=check"):
        answer = sam.get(f"/t/{given}/{path}")
        assert (answer.status_code, answer.location) == (303, f"/t/{given}/before"), path


def test_it_is_asked_once_in_a_sitting_and_again_in_the_next(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, LOAD)
    first = through_the_gate(sam, given)
    page = html(sam, first)
    form = next(each for each in read("", page).forms if "/p/1" in each.action)
    following = sam.post(form.action, {**form.filled("words"), "go": ["on"]}).location
    assert "/p/2" in following
    assert "/p/1" in "".join(link for link in read("", html(sam, following)).links if "/p/" in link)
    check = f"/t/{given}/check?{following.partition('?')[2]}"
    assert "Read it over" in html(sam, check)
    # Another exercise, and the next time that somebody is signed in, are another sitting.
    other = give(site.records, pair, MORE)
    assert sam.get(f"/t/{other}/p/1?{first.partition('?')[2]}").location == f"/t/{other}/before"
    again = site.sign_in_as(pair.a)
    assert again.get(first).location == f"/t/{given}/before"


def test_what_was_typed_is_kept_whatever_the_address_says(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, LOAD)
    assert sam.post(f"/t/{given}/p/1", {"csrf_token": sam.csrf, "work": "3", "go": "on"}).status_code == 303
    with site.records.within(pair.a, read_only=True) as scope:
        assert queries.my_values(scope, task_of(scope, pair.a, given)) == {"work": 3}


def test_other_forms_ask_nothing_before(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    assert sam.post(f"/t/{given}/begin", {"csrf_token": sam.csrf}).location == f"/t/{given}/p/1"
    assert sam.get(f"/t/{given}/p/1").status_code == 200
    assert sam.get(f"/t/{given}/before").location == f"/t/{given}/p/1"


# After sending


def shown_after(site: Site, viewer: Viewer, given: str) -> str:
    """Return everything that a partner's own pages show of what they sent."""
    visitor = site.sign_in_as(viewer)
    first = through_the_gate(visitor, given)
    sitting = first.partition("?")[2]
    pages = [f"p/{number}?{sitting}" for number in range(1, 7)]
    paths = ["sent", f"check?{sitting}", "?again=1", *pages]
    return "\n".join(
        html(visitor, f"/t/{given}/{path}" if path[0] != "?" else f"/t/{given}{path}") for path in paths
    )


def test_what_was_said_about_safety_is_never_shown_again(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, LOAD)
    send(site.records, pair.a, given, load(WORST))
    page = words(html(sam, f"/t/{given}/sent"))
    assert "Long days first_help" in page
    assert "afraid of your partner" not in page
    assert "hurt, threatened" not in page
    assert "Some answers aren’t shown here, so that nobody else finds them." in page
    everything = shown_after(site, pair.a, given)
    checked = {
        name[0]
        for field in re.findall(r"<input[^>]*>", everything)
        if re.search(r"\bchecked\b", field) and (name := re.findall(r'name="(\w+)"', field))
    }
    assert "work" in checked
    assert not checked & about_safety(library()[LOAD].form)


def test_the_page_after_sending_is_the_same_whatever_was_answered(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LOAD)
    send(site.records, pair.a, given, load(CALM))
    calm = masked(site.sign_in_as(pair.a).get(f"/t/{given}/sent"))
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    send(site.records, pair.a, given, WORST)
    assert masked(site.sign_in_as(pair.a).get(f"/t/{given}/sent")) == calm


@pytest.mark.parametrize(("slug", "shows"), [(LOAD, True), (MORE, True), (SIGNS, False)])
def test_who_can_help_now_follows_for_everybody(
    site: Site, pair: Pair, sam: Visitor, slug: str, shows: bool
) -> None:
    given = give(site.records, pair, slug)
    send(site.records, pair.a, given, fill(library()[slug], "words"))
    page = html(sam, f"/t/{given}/sent")
    assert ("Who can help now" in page) is shows
    if shows:
        helpers = re.search(r'<ul[^>]*aria-label="Who can help now".*?</ul>', html(sam, "/help"), re.DOTALL)
        assert helpers is not None
        assert words(helpers[0]) in words(page)


def test_taking_back_leaves_out_what_was_said_about_safety(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, LOAD)
    send(site.records, pair.a, given, load(WORST))
    with site.records.within(pair.a) as scope:
        commands.take_back(scope, task_of(scope, pair.a, given))
    with site.records.within(pair.a, read_only=True) as scope:
        restored = queries.my_values(scope, task_of(scope, pair.a, given))
        assert restored.keys() == load({}).keys() - about_safety(library()[LOAD].form)
        assert scope.all(scope.select(Answer)) == []
    assert sam.get(f"/t/{given}/check").location == f"/t/{given}/before"


def test_who_changes_another_answer_keeps_what_they_told_about_safety(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, LOAD)
    send(site.records, pair.a, given, load(WORST))
    with site.records.within(pair.therapist) as scope:
        [flag] = safety.open_flags(scope, pair.couple_id)
        safety.close(scope, flag.id, decision="Seen alone.")
    site.clock.move(timedelta(minutes=20))
    send(site.records, pair.a, given, {"work": 1})
    with site.records.within(pair.therapist, read_only=True) as scope:
        values = queries.written(scope, [given])[0].values
        assert {key: values[key] for key in WORST} == WORST
        assert values["work"] == 1
        # Nothing was said anew.
        assert safety.open_flags(scope, pair.couple_id) == []
    send(site.records, pair.a, given, {"afraid": "sometimes"})
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert queries.written(scope, [given])[0].values["afraid"] == "sometimes"
        assert len(safety.open_flags(scope, pair.couple_id)) == 1


def test_the_two_questions_after_a_talk_are_not_shown_again_either(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "check-in")
    with site.records.within(pair.a, read_only=True) as scope:
        task = task_of(scope, pair.a, given)
        assert about_safety(task.form) >= {"free_to_say_no", "worry"}
