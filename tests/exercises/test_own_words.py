"""Words that a therapist keeps to use again: their own, appended and never put over anything, lost by nobody."""

from datetime import timedelta
from typing import Any

import pytest

from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import Role, Viewer
from portal.exercises import template_commands
from portal.exercises.own.models import InstructionTemplate
from portal.exercises.template_commands import Changed, Wording, mark_of
from portal.exercises.template_queries import own_words, words_of
from portal.kit.ids import new_id
from tests.factories import Pair, World
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

LETTER, SIGNS = "i-statements", "warning-signs"
BODY = "Take your time with it."


def keep(records: Records, viewer: Viewer, title: str = "Slowly", *, slug: str | None = None) -> str:
    with records.within(viewer) as scope:
        wording = Wording(title=title, body=BODY, slug=slug)
        return template_commands.keep(scope, wording, once_key=new_id()).id


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def post_form(page: str, path: str) -> Form:
    return next(form for form in read(path, page).forms if form.method == "post")


def assigning(ines: Visitor, pair: Pair) -> tuple[str, dict[str, Any]]:
    path = f"/assign/{LETTER}?couple={pair.couple_id}"
    return path, dict(post_form(ines.get(path).get_data(as_text=True), path).fields)


def test_they_are_offered_with_every_exercise_or_with_one(records: Records, world: World) -> None:
    therapist = world.sample.therapist
    everywhere, here = keep(records, therapist, "A"), keep(records, therapist, "B", slug=LETTER)
    with records.within(therapist, read_only=True) as scope:
        assert [each.id for each in own_words(scope, slug=LETTER)] == [everywhere, here]
        assert [each.id for each in own_words(scope, slug=SIGNS)] == [everywhere]


def test_another_therapist_of_the_practice_reaches_none_of_them(records: Records, world: World) -> None:
    pair = world.sample
    kept = keep(records, pair.therapist)
    colleague = world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist
    wording = Wording(title="Mine now", body="Mine")
    with records.within(colleague) as scope:
        assert own_words(scope) == []
        for reach in (
            lambda: words_of(scope, kept),
            lambda: template_commands.change(scope, kept, wording, seen=""),
            lambda: template_commands.drop(scope, kept),
        ):
            with pytest.raises(Refused):
                reach()


def test_another_therapist_gets_the_page_for_no_such_thing(site: Site, pair: Pair) -> None:
    kept = keep(site.records, pair.therapist)
    practice = pair.a.practice_id
    colleague = Viewer(
        practice, site.world.account(practice, "Ada Quill", Role.THERAPIST), frozenset({Role.THERAPIST})
    )
    visitor = site.sign_in_as(colleague)
    for path in (f"/own-words/{kept}", f"/own-words/{kept}/delete"):
        assert visitor.get(path).status_code == 404
    assert "Slowly" not in visitor.get("/own-words").get_data(as_text=True)


@pytest.mark.parametrize("who", ["a", "admin", "desk"])
def test_they_are_for_therapists(site: Site, who: str) -> None:
    assert site.sign_in_as(furnish(site.records)[1][who]).get("/own-words").status_code == 404


def test_what_is_kept_is_sealed(records: Records, world: World) -> None:
    kept = keep(records, world.sample.therapist)
    with records.within(world.sample.therapist, read_only=True) as scope:
        row = scope.find(InstructionTemplate, kept)
        assert row.body == BODY
        assert BODY.encode() not in row.body_sealed


def test_of_two_windows_the_second_has_to_look_again(records: Records, world: World) -> None:
    therapist = world.sample.therapist
    kept = keep(records, therapist)
    with records.within(therapist, read_only=True) as scope:
        seen = mark_of(words_of(scope, kept))
    world.clock.move(timedelta(seconds=1))
    with records.within(therapist) as scope:
        template_commands.change(scope, kept, Wording(title="Slowly", body="First"), seen=seen)
    with records.within(therapist) as scope:
        with pytest.raises(Changed) as caught:
            template_commands.change(scope, kept, Wording(title="Slowly", body="Second"), seen=seen)
        assert caught.value.template.body == "First"


def test_filling_in_appends_and_keeps_everything_typed(site: Site, pair: Pair, ines: Visitor) -> None:
    kept = keep(site.records, pair.therapist)
    path, fields = assigning(ines, pair)
    typed = {"instructions": ["My own beginning."], "due_on": ["2026-11-24"], "words": [kept], "go": ["fill"]}
    page = ines.post(path, fields | typed).get_data(as_text=True)
    form = post_form(page, path)
    assert form.fields["instructions"][0].strip() == f"My own beginning.\n\n{BODY}"
    assert form.fields["due_on"] == ["2026-11-24"]


def test_words_are_kept_from_the_page_where_they_are_typed(site: Site, pair: Pair, ines: Visitor) -> None:
    path, fields = assigning(ines, pair)
    typed = {"instructions": ["Write it by hand first."], "go": ["keep"]}
    refused = ines.post(path, fields | typed)
    assert refused.status_code == 422
    assert "Write it by hand first." in refused.get_data(as_text=True)
    sent = fields | typed | {"words_title": ["By hand"]}
    pages = [ines.post(path, sent) for _time in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert "Kept as “By hand”" in pages[0].get_data(as_text=True)
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert [(each.title, each.body) for each in own_words(scope)] == [
            ("By hand", "Write it by hand first.")
        ]


def test_changing_in_two_windows_shows_both_texts(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/own-words/{keep(site.records, pair.therapist)}"
    first, second = (post_form(ines.get(path).get_data(as_text=True), path) for _time in range(2))
    site.clock.move(timedelta(seconds=1))
    assert ines.post(path, first.fields | {"body": ["The first one."]}).status_code == 303
    answer = ines.post(path, second.fields | {"body": ["The second one."]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The first one." in told
    assert "The second one." in told


def test_deleting_asks_first(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/own-words/{keep(site.records, pair.therapist)}/delete"
    form = post_form(ines.get(path).get_data(as_text=True), path)
    assert ines.post(path, form.fields).status_code == 303
    assert "Nothing is kept yet" in ines.get("/own-words").get_data(as_text=True)
