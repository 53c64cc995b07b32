"""Safety flags: what they hold, how they are raised by hand and closed, and what their therapist is shown."""

import re
from datetime import timedelta

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.scope import Records
from portal.access.viewer import House
from portal.exercises import care_commands, safety
from portal.exercises.models import Assignment
from portal.exercises.safety import Decided, OnHold
from portal.exercises.safety_models import SafetyFlag
from portal.exercises.shelf import library
from portal.people.models import OutgoingMail
from tests.exercises.doing import answer_ids, fill, give, send
from tests.factories import Pair, World
from tests.pages import Form, read
from tests.portal_app import Site, Visitor, furnish

LOAD, LETTER, TOUCH, ACCOUNT = "stressors", "i-statements", "touch-menu", "honest-account"
WORDS = "Saw Alex alone. Nothing against going on; I ask again in four weeks."


def worry(records: Records, pair: Pair) -> str:
    """Let B answer so that a flag is raised; return the flag's id."""
    worst = {item.key: int(item.high) for item in library()[LOAD].form.questions if item.kind == "scale"}  # type: ignore[arg-type]
    send(records, pair.b, give(records, pair, LOAD), {**fill(library()[LOAD], "canary"), **worst})
    with records.within(pair.therapist, read_only=True) as scope:
        return safety.open_flags(scope, pair.couple_id)[0].id


def by_hand(records: Records, pair: Pair) -> str:
    with records.within(pair.therapist) as scope:
        return safety.raise_by_hand(scope, pair.couple_id).id


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def post_form(visitor: Visitor, path: str) -> Form:
    page = visitor.get(path).get_data(as_text=True)
    return next(form for form in read(path, page).forms if form.method == "post")


# What is decided


def test_a_flag_is_closed_by_words_and_only_by_words(records: Records, world: World) -> None:
    pair = world.sample
    flag = by_hand(records, pair)
    with records.within(pair.therapist) as scope, pytest.raises(Refused):
        safety.close(scope, flag, decision="  \n ")
    with records.within(pair.therapist) as scope:
        safety.close(scope, flag, decision=WORDS)
    with records.within(pair.therapist, read_only=True) as scope:
        (closed,) = safety.closed_flags(scope, pair.couple_id)
        assert (closed.decision, closed.closed_by) == (WORDS, pair.therapist.account_id)
        assert WORDS.encode() not in (closed.decision_sealed or b"")
        entries = scope.all(scope.select(AuditEntry).where(AuditEntry.action == Action.FLAG_CLOSED))
        assert [(each.subject_id, each.detail) for each in entries] == [(flag, {})]


def test_the_same_words_twice_are_said_once_and_other_words_come_too_late(
    records: Records, world: World
) -> None:
    pair = world.sample
    flag = by_hand(records, pair)
    for _time in range(2):
        with records.within(pair.therapist) as scope:
            safety.close(scope, flag, decision=WORDS)
    with records.within(pair.therapist) as scope:
        with pytest.raises(Decided) as caught:
            safety.close(scope, flag, decision="Something else.")
        assert caught.value.flag.decision == WORDS


def test_worrying_answers_sent_again_raise_a_flag_once_the_first_was_decided_on(
    records: Records, world: World
) -> None:
    pair, exercise = world.sample, library()[LOAD]
    worst = {item.key: int(item.high) for item in exercise.form.questions if item.kind == "scale"}  # type: ignore[arg-type]  # scales have ends
    given, answers = give(records, pair, LOAD), {**fill(exercise, "canary"), **worst}
    for _time in range(2):
        send(records, pair.b, given, {**answers, "outside_story": f"canary {_time}"})
    with records.within(pair.therapist) as scope:
        (flag,) = safety.open_flags(scope, pair.couple_id)
        safety.close(scope, flag.id, decision=WORDS)
    send(records, pair.b, given, {**answers, "outside_story": "canary once more"})
    with records.within(pair.therapist, read_only=True) as scope:
        assert len(safety.open_flags(scope, pair.couple_id)) == 1
        assert len(safety.closed_flags(scope, pair.couple_id)) == 1


def test_a_flag_raised_by_hand_stays_the_only_one_and_is_noted_once(records: Records, world: World) -> None:
    pair = world.sample
    assert by_hand(records, pair) == by_hand(records, pair)
    with records.within(pair.therapist, read_only=True) as scope:
        raised = scope.select(AuditEntry).where(AuditEntry.action == Action.FLAG_RAISED)
        assert scope.count(raised) == 1


def test_a_flag_is_about_one_of_the_two_or_both(records: Records, world: World) -> None:
    pair, other = world.sample, world.pair(world.sample.a.practice_id)
    with records.within(pair.therapist) as scope, pytest.raises(Refused):
        safety.raise_by_hand(scope, pair.couple_id, about_id=other.a.account_id)


def test_nobody_but_their_therapist_finds_raises_or_closes_a_flag(records: Records, world: World) -> None:
    pair = world.sample
    stranger = world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist
    flag = by_hand(records, pair)
    for viewer in (pair.a, pair.b, stranger):
        with records.within(viewer) as scope:
            assert scope.count(scope.select(SafetyFlag)) == 0
            with pytest.raises(Refused):
                safety.close(scope, flag, decision=WORDS)
            with pytest.raises(Refused):
                safety.raise_by_hand(scope, pair.couple_id)


# What is held


def test_what_was_to_open_on_a_day_goes_back_into_preparation_with_its_mail(site: Site, pair: Pair) -> None:
    records, later = site.records, site.clock.now() + timedelta(days=3)
    coming = give(records, pair, LETTER, opens_at=later)
    alone = give(records, pair, LOAD, opens_at=later)
    by_hand(records, pair)
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.find(Assignment, coming).released_at is None
        assert scope.find(Assignment, alone).released_at is not None
        # One mail would have told of both; the one for the therapist alone still opens.
        assert scope.count(scope.select(OutgoingMail).where(OutgoingMail.due_at > scope.now)) == 2


def test_a_mail_about_nothing_is_called_off(site: Site, pair: Pair) -> None:
    give(site.records, pair, LETTER, opens_at=site.clock.now() + timedelta(days=3))
    worry(site.records, pair)
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(OutgoingMail).where(OutgoingMail.due_at > scope.now)) == 0


def test_what_is_open_stays_open(records: Records, world: World) -> None:
    pair = world.sample
    given = give(records, pair, LETTER)
    by_hand(records, pair)
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.find(Assignment, given).released_at is not None


def test_what_is_held_for_a_session_is_not_opened_while_a_flag_is_open(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    given = give(site.records, pair, ACCOUNT)
    response = send(site.records, pair.a, given, fill(library()[ACCOUNT], "canary"))
    held = answer_ids(site.records, pair.therapist, response)["what_happened"]
    path = f"/answers/{given}/open/{held}"
    form = post_form(ines, path)
    flag = by_hand(site.records, pair)
    answer = ines.post(path, form.fields)
    assert answer.status_code == 409
    assert "opened to both now" in words(answer.get_data(as_text=True))
    with site.records.within(pair.therapist) as scope, pytest.raises(OnHold):
        care_commands.open_held(scope, held)
    with site.records.within(pair.therapist) as scope:
        safety.close(scope, flag, decision=WORDS)
        care_commands.open_held(scope, held)


def test_touch_is_not_even_prepared_while_a_flag_is_open(records: Records, world: World) -> None:
    pair = world.sample
    by_hand(records, pair)
    with pytest.raises(OnHold):
        give(records, pair, TOUCH, release=False)
    assert give(records, pair, LETTER, release=False)


# What its therapist is shown


def test_the_couples_page_says_what_raised_it_and_leads_to_the_answer(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    flag = worry(site.records, pair)
    page = ines.get(f"/couples/{pair.couple_id}").get_data(as_text=True)
    assert "Alex answered a question about safety" in words(page)
    assert "new things for both are held until you decide" in words(page)
    assert f'href="/flags/{flag}"' in page
    assert "canary" not in page[: page.index("Work in hand")]
    caseload = ines.get("/couples").get_data(as_text=True)
    assert "For you to decide first" in caseload
    assert caseload.count("New things for both are held") >= 2


def test_closing_a_flag_asks_for_words_and_lets_pathways_go_on(site: Site, pair: Pair, ines: Visitor) -> None:
    arm = post_form(ines, f"/pathways/listening-again/arm?couple={pair.couple_id}")
    flag = worry(site.records, pair)
    ines.post(arm.action, arm.fields)
    with site.records.within(pair.therapist, read_only=True) as scope:
        before = scope.count(scope.select(Assignment))
    path = f"/flags/{flag}"
    form = post_form(ines, path)
    missing = ines.post(path, form.fields | {"decision": [" "]})
    assert missing.status_code == 422
    assert "Please write down what you decided" in missing.get_data(as_text=True)
    long = ines.post(path, form.fields | {"decision": ["x" * 4001]})
    assert long.status_code == 422
    assert "x" * 4001 in long.get_data(as_text=True)
    done = ines.post(path, form.fields | {"decision": [WORDS]})
    assert done.headers["Location"] == f"/couples/{pair.couple_id}"
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(Assignment)) > before
    past = words(ines.get(f"/couples/{pair.couple_id}/flags").get_data(as_text=True))
    assert WORDS in past
    assert "by Ines Marlowe" in past


def test_of_two_who_decide_at_once_the_second_is_shown_both_texts(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = f"/flags/{by_hand(site.records, pair)}"
    first, second = post_form(ines, path), post_form(ines, path)
    ines.post(path, first.fields | {"decision": [WORDS]})
    answer = ines.post(path, second.fields | {"decision": ["My own view of it."]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert WORDS in told
    assert "My own view of it." in told


def test_raising_one_by_hand_asks_whom_it_is_about(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/couples/{pair.couple_id}/flags/raise"
    form = post_form(ines, path)
    assert ines.post(path, form.fields).status_code == 422
    assert ines.post(path, form.fields | {"about": [pair.a.account_id]}).status_code == 303
    page = words(ines.get(f"/couples/{pair.couple_id}").get_data(as_text=True))
    assert "Raised by hand, about Sam" in page


@pytest.mark.parametrize("who", ["a", "b", "admin", "desk"])
def test_nobody_else_opens_these_pages(site: Site, who: str) -> None:
    pair, viewers = furnish(site.records)
    flag = by_hand(site.records, pair)
    visitor = site.sign_in_as(viewers[who])
    for path in (
        f"/couples/{pair.couple_id}/flags",
        f"/couples/{pair.couple_id}/flags/raise",
        f"/flags/{flag}",
    ):
        assert visitor.get(path).status_code == 404, path


def test_the_house_itself_raises_none_by_hand(records: Records, world: World) -> None:
    house = House(world.sample.a.practice_id)
    with records.within(house) as scope, pytest.raises(Refused):
        safety.raise_by_hand(scope, world.sample.couple_id)
