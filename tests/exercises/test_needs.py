"""What exercises need before they are given: said in their files, looked up, and told to the therapist alone."""

import re

import pytest

from portal.access.scope import Records
from portal.exercises import care_commands, needs, safety
from portal.exercises.care_commands import Plan
from portal.exercises.domain import Need, Recurrence, parse_exercise
from portal.exercises.models import Assignment, Whom
from portal.exercises.needs import Unmet
from portal.exercises.shelf import library
from portal.kit.ids import new_id
from portal.kit.library import DefinitionError
from tests.exercises.doing import agree, give, send
from tests.factories import Pair, World
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish

MENU, RITUAL, LETTER = "touch-menu", "touch-ritual", "i-statements"


def plan(pair: Pair, *, release: bool = True) -> Plan:
    return Plan(couple_id=pair.couple_id, whom=Whom.BOTH, recurrence=Recurrence.ONCE, release=release)


def assign(records: Records, pair: Pair, slug: str, *, release: bool = True) -> Assignment:
    with records.within(pair.therapist) as scope:
        return care_commands.assign(scope, library()[slug], plan(pair, release=release), once_key=new_id())


def open_to_touch(records: Records, pair: Pair) -> None:
    given, option = give(records, pair, MENU), library()[MENU].form.questions[0].key
    for viewer in (pair.a, pair.b):
        send(records, viewer, given, {option: "comfortable"})


def test_touch_needs_consent_and_no_flag_whatever_its_file_says() -> None:
    assert library()[MENU].needs == (Need.BOTH_CONSENTED, Need.NO_FLAG)
    assert library()[RITUAL].needs == (Need.BOTH_CONSENTED, Need.NO_FLAG, Need.TOUCH_OVERLAP)
    assert library()[LETTER].needs == ()


def test_a_file_can_name_needs_and_unknown_ones_are_refused() -> None:
    source = library()[LETTER].source
    named = source.replace("\naudience", '\nneeds = ["no_flag"]\naudience', 1)
    assert parse_exercise(named, name="named").needs == (Need.NO_FLAG,)
    with pytest.raises(DefinitionError, match="needs"):
        parse_exercise(named.replace('"no_flag"', '"full_moon"'), name="named")


@pytest.mark.parametrize("release", [True, False])
def test_touch_waits_until_both_have_agreed(records: Records, world: World, release: bool) -> None:
    pair = world.sample
    with pytest.raises(Unmet) as caught:
        assign(records, pair, MENU, release=release)
    assert caught.value.needs == (Need.BOTH_CONSENTED,)
    agree(records, pair)
    assert assign(records, pair, MENU, release=release)


def test_what_is_taken_from_a_list_waits_for_something_in_it(records: Records, world: World) -> None:
    pair = world.sample
    agree(records, pair)
    with pytest.raises(Unmet) as caught:
        assign(records, pair, RITUAL)
    assert caught.value.needs == (Need.TOUCH_OVERLAP,)
    open_to_touch(records, pair)
    assert assign(records, pair, RITUAL)


def test_many_couples_are_looked_up_at_once(records: Records, world: World) -> None:
    first = world.sample
    second = world.pair(first.a.practice_id, ("Hana Ito", "Milo Reyes"), therapist=first.therapist.account_id)
    agree(records, first)
    with records.within(second.therapist) as scope:
        safety.raise_by_hand(scope, second.couple_id)
    for pair, missing in ((first, ()), (second, (Need.BOTH_CONSENTED, Need.NO_FLAG))):
        with records.within(pair.therapist, read_only=True) as scope:
            assert needs.unmet(scope, library()[MENU], pair.couple_id) == missing


# What the pages say


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def fields(ines: Visitor, path: str) -> dict[str, list[str]]:
    page = ines.get(path).get_data(as_text=True)
    return dict(next(form for form in read(path, page).forms if form.method == "post").fields)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_missing_list_is_said_plainly_and_nothing_typed_is_lost(pair: Pair, ines: Visitor) -> None:
    path = f"/assign/{RITUAL}?couple={pair.couple_id}"
    sent = fields(ines, path) | {"instructions": ["Kept as typed."], "thought": ["y"], "go": ["assign"]}
    answer = ines.post(path, sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "there is nothing that both are open to at the moment" in words(page)
    assert "Kept as typed." in page


def test_while_things_are_held_it_is_prepared_and_not_released(site: Site, pair: Pair, ines: Visitor) -> None:
    with site.records.within(pair.therapist) as scope:
        safety.raise_by_hand(scope, pair.couple_id)
    path = f"/assign/{LETTER}?couple={pair.couple_id}"
    sent = fields(ines, path)
    assert sent["release"] == ["later"]
    wanted = sent | {"release": ["now"], "instructions": ["Kept as typed."], "go": ["check"]}
    refused = ines.post(path, wanted)
    assert refused.status_code == 422
    assert "Prepare it without releasing" in refused.get_data(as_text=True)
    assert "Kept as typed." in refused.get_data(as_text=True)
    check = ines.post(path, wanted | {"go": ["prepare"]})
    assert "Once you release it" in words(check.get_data(as_text=True))
    assert ines.post(path, wanted | {"release": ["later"], "go": ["assign"]}).status_code == 303


def test_releasing_is_refused_while_things_are_held(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/answers/{give(site.records, pair, LETTER, release=False)}/release"
    sent = fields(ines, path)
    with site.records.within(pair.therapist) as scope:
        safety.raise_by_hand(scope, pair.couple_id)
    answer = ines.post(path, sent)
    assert answer.status_code == 409
    assert "released now" in words(answer.get_data(as_text=True))
