"""A published pathway is armed like any other, never changes for those who are on it, and is seen by who may use it."""

import re

import pytest

from portal.access.viewer import Viewer
from portal.exercises import journey_commands
from portal.exercises.journey_commands import Arming
from portal.exercises.journey_queries import journeys_of, way_of
from portal.exercises.own import commands as own_commands
from portal.exercises.own import drafts as own_drafts
from portal.exercises.own.compile import compile_exercise
from portal.exercises.own.models import OwnKind
from portal.exercises.own.queries import works_for_decision
from portal.exercises.own_pathways.shelf import my_pathways, pathway_at_hand
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from tests.exercises.own_pathways.writing import begin, form_at, page, press, publish, write_short_way
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish


@pytest.fixture
def people(site: Site) -> tuple[Pair, dict[str, Viewer]]:
    return furnish(site.records)


@pytest.fixture
def pair(people: tuple[Pair, dict[str, Viewer]]) -> Pair:
    return people[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def steps_on_the_way(site: Site, pair: Pair) -> tuple[int, list[str]]:
    """Return the version and exercises of the journey that the couple is on."""
    with site.records.within(pair.therapist, read_only=True) as scope:
        way = way_of(scope, journeys_of(scope, pair.couple_id)[0])
        return way.pathway.version, [step.exercise for step in way.pathway.steps]


def arm(site: Site, pair: Pair, slug: str) -> None:
    with site.records.within(pair.therapist) as scope:
        pathway = pathway_at_hand(scope, slug)
        assert pathway is not None
        journey_commands.arm(scope, pathway, Arming(couple_id=pair.couple_id), once_key=new_id())


def test_what_is_unfinished_is_not_published_and_says_what_is_left(ines: Visitor) -> None:
    path = begin(ines)
    told = page(ines, f"{path}/publish")
    assert "Some things are left to do" in told
    assert "Please add at least one step" in told
    assert not [one for one in re.findall(r"<form[^>]*publish", told) if one]


def test_publishing_an_unfinished_draft_by_hand_is_refused_and_loses_nothing(
    site: Site, ines: Visitor
) -> None:
    path = write_short_way(ines)
    form = form_at(ines, f"{path}/publish")
    press(ines, f"{path}?open=step_2", "save", exercise="")
    stale = ines.post(form.action, form.fields)
    assert stale.status_code == 409
    fresh = re.findall(r'name="revision" [^>]*value="(\d+)"', stale.get_data(as_text=True))
    answer = ines.post(form.action, form.fields | {"revision": fresh or ["4"]})
    assert answer.status_code in {409, 422}
    assert not site.faults


def test_a_published_pathway_is_listed_first_and_armed_like_any_other(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    slug_path = publish(ines, write_short_way(ines))
    listed = page(ines, "/pathways")
    assert listed.index("Slowly nearer") < listed.index("First four weeks")
    assert "Version 1" in listed
    assert "Change it" in page(ines, slug_path)
    armed = f"{slug_path}/arm?couple={pair.couple_id}"
    form = form_to_arm(ines, armed)
    assert ines.post(armed, form).status_code == 303
    assert "Slowly nearer" in page(ines, f"/couples/{pair.couple_id}/pathway")
    assert steps_on_the_way(site, pair) == (1, ["check-in", "i-statements"])


def form_to_arm(visitor: Visitor, path: str) -> dict[str, list[str]]:
    return next(form.fields for form in read(path, page(visitor, path)).forms if "/arm" in form.action)


def test_a_journey_goes_on_with_the_edition_it_began_with(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    slug_path = publish(ines, path)
    arm(site, pair, slug_path.rsplit("/", 1)[-1])
    press(ines, path, "remove:step_2")
    press(ines, path, "add", add="tell-me-more")
    assert "stays with the version it began with" in page(ines, f"{path}/publish")
    publish(ines, path)
    assert steps_on_the_way(site, pair) == (1, ["check-in", "i-statements"])
    with site.records.within(pair.therapist, read_only=True) as scope:
        newest = pathway_at_hand(scope, slug_path.rsplit("/", 1)[-1])
        assert newest is not None
        assert (newest.version, newest.steps[-1].exercise) == (2, "tell-me-more")
    arm(site, pair, slug_path.rsplit("/", 1)[-1])
    with site.records.within(pair.therapist) as scope:
        ways = [way_of(scope, row) for row in journeys_of(scope, pair.couple_id)]
        assert sorted(way.pathway.version for way in ways) == [1, 2]
        for row in journeys_of(scope, pair.couple_id):
            journey_commands.advance(scope, row)


def test_publishing_the_same_draft_twice_makes_one_version(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    form = form_at(ines, f"{path}/publish")
    for _again in range(2):
        assert ines.post(form.action, form.fields).status_code == 303
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert [work.version for work in my_pathways(scope).values()] == [1]


def test_colleagues_use_it_once_an_administrator_took_it_over(
    site: Site, people: tuple[Pair, dict[str, Viewer]], ines: Visitor
) -> None:
    pair, others = people
    path = write_short_way(ines)
    slug_path = publish(ines, path)
    colleague = site.sign_in_as(site.world.pair(pair.therapist.practice_id).therapist)
    assert colleague.get(slug_path).status_code == 404
    address = f"{path}/versions"
    form = next(form for form in read(address, page(ines, address)).forms if form.action.endswith("/ask"))
    assert ines.post(form.action, form.fields).status_code == 303
    assert "An administrator decides" in page(ines, f"{path}/versions")
    with site.records.within(others["admin"]) as scope:
        (work,) = works_for_decision(scope)
        own_commands.decide(scope, work, accept=True, version=1)
    told = page(colleague, slug_path)
    assert "Slowly nearer" in told
    assert "Change it" not in told
    assert "Of the practice" in page(colleague, "/pathways")


def test_a_version_can_be_gone_on_from_without_losing_what_is_written_now(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = write_short_way(ines)
    publish(ines, path)
    press(ines, path, "remove:step_2")
    version = f"{path}/versions/1"
    answer = ines.post(version, form_at(ines, version).fields)
    assert answer.status_code == 303
    assert str(answer.headers["Location"]) != path
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert len(my_pathways(scope)) == 2
    publish(ines, path)
    answer = ines.post(version, form_at(ines, version).fields)
    assert str(answer.headers["Location"]) == path


def test_what_was_taken_off_the_shelf_is_not_armed_any_more_but_goes_on_where_it_was(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = write_short_way(ines)
    slug_path = publish(ines, path)
    arm(site, pair, slug_path.rsplit("/", 1)[-1])
    with site.records.within(pair.therapist) as scope:
        (work,) = my_pathways(scope).values()
        own_commands.retire(scope, work)
    assert ines.get(slug_path).status_code == 404
    assert f'href="{slug_path}"' not in page(ines, "/pathways")
    assert "Off the shelf" in page(ines, "/pathways")
    assert "Slowly nearer" in page(ines, f"/couples/{pair.couple_id}/pathway")


def own_exercise(site: Site, pair: Pair) -> str:
    """Publish a copy of an exercise as the therapist's own; return its slug."""
    with site.records.within(pair.therapist) as scope:
        draft = own_drafts.draft_of(library()["check-in"].source) | {"title": "Our ten minutes"}
        work = own_commands.create(scope, OwnKind.EXERCISE, draft, once_key=new_id())
        own_commands.publish(scope, work, compile_exercise, revision=work.revision)
        return work.slug


def test_an_exercise_of_ones_own_is_a_step_like_any_other(site: Site, pair: Pair, ines: Visitor) -> None:
    slug = own_exercise(site, pair)
    path = write_short_way(ines)
    press(ines, path, "up:step_2")
    press(ines, f"{path}?open=step_2", "save", exercise=slug)
    assert "Our ten minutes" in page(ines, path)
    assert "It uses exercises of your own: Our ten minutes" in page(ines, f"{path}/publish")
    arm(site, pair, publish(ines, path).rsplit("/", 1)[-1])
    assert "Our ten minutes" in page(site.sign_in_as(pair.a), "/today")
    assert "Our ten minutes" in page(ines, f"/couples/{pair.couple_id}/pathway")


def test_a_pathway_is_not_offered_to_colleagues_who_lack_one_of_its_exercises(
    site: Site, people: tuple[Pair, dict[str, Viewer]], ines: Visitor
) -> None:
    pair, others = people
    slug = own_exercise(site, pair)
    path = write_short_way(ines)
    press(ines, f"{path}?open=step_2", "save", exercise=slug)
    slug_path = publish(ines, path)
    colleague = site.sign_in_as(site.world.pair(pair.therapist.practice_id).therapist)
    with site.records.within(pair.therapist) as scope:
        own_commands.ask_for_practice(scope, my_pathways(scope)[slug_path.rsplit("/", 1)[-1]])
    with site.records.within(others["admin"]) as scope:
        (work,) = works_for_decision(scope)
        own_commands.decide(scope, work, accept=True, version=1)
    assert colleague.get(slug_path).status_code == 404
    assert ines.get(slug_path).status_code == 200


def test_an_administrator_reads_what_each_step_waits_for(
    site: Site, people: tuple[Pair, dict[str, Viewer]], ines: Visitor
) -> None:
    pair, others = people
    publish(ines, write_short_way(ines))
    with site.records.within(pair.therapist) as scope:
        (work,) = my_pathways(scope).values()
        own_commands.ask_for_practice(scope, work)
    told = page(site.sign_in_as(others["admin"]), f"/practice/own-works/{work.id}")
    assert "Opens once both have finished step 1." in told
