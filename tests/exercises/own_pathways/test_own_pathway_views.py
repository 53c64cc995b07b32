"""The editor in the browser: nothing typed is lost, drafts may be unfinished, and what is asked for is asked at the end."""

import re
from html import unescape

import pytest

from portal.exercises.own_pathways.drafts import Draft, from_plain
from portal.exercises.own_pathways.shelf import draft_in, my_pathways
from tests.exercises.own_pathways.writing import TALK, begin, form_at, page, press, publish, write_short_way
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish


@pytest.fixture
def pair(site: Site) -> Pair:
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    return site.sign_in_as(pair.therapist)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def draft(site: Site, pair: Pair) -> Draft:
    """Return the draft of the only pathway that there is."""
    with site.records.within(pair.therapist, read_only=True) as scope:
        (work,) = my_pathways(scope).values()
        return draft_in(work)


def test_a_pathway_begins_with_a_title_and_nothing_else(site: Site, pair: Pair, ines: Visitor) -> None:
    path = begin(ines)
    told = words(page(ines, path))
    assert "Slowly nearer" in told
    assert "No step yet" in told
    assert "Please add at least one step" in told
    assert draft(site, pair) == from_plain({"title": "Slowly nearer"})


def test_beginning_without_a_title_keeps_what_was_chosen(ines: Visitor) -> None:
    form = form_at(ines, "/own-pathways/new?of=repair")
    answer = ines.post(form.action, form.fields | {"title": [" "]})
    assert answer.status_code == 422
    assert "Please give the pathway a title" in answer.get_data(as_text=True)
    assert re.search(r'<option selected value="repair"', answer.get_data(as_text=True))


def test_beginning_twice_with_the_same_page_begins_once(site: Site, pair: Pair, ines: Visitor) -> None:
    form = form_at(ines, "/own-pathways/new")
    for _again in range(2):
        assert ines.post(form.action, form.fields | {"title": ["Once"], "origin": [""]}).status_code == 303
    assert draft(site, pair).title == "Once"


def test_a_copy_of_a_built_in_pathway_has_all_its_steps(site: Site, pair: Pair, ines: Visitor) -> None:
    path = begin(ines, "My repair", "repair")
    assert len(draft(site, pair).steps) >= 5
    assert "Opens once step 2 is sent, two days after a session" in words(page(ines, path))
    assert "Chosen when it is armed" in words(page(ines, path))
    assert "Before you publish" not in words(page(ines, path))


def test_steps_are_added_moved_taken_out_and_put_back(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    assert [step.exercise for step in draft(site, pair).steps] == [TALK, "i-statements"]
    assert press(ines, path, "up:step_2").endswith("#part-step_2")
    assert [step.key for step in draft(site, pair).steps] == ["step_2", "step_1"]
    press(ines, path, "down:step_2")
    press(ines, path, "remove:step_1")
    assert "was taken out" in words(page(ines, path))
    press(ines, path, "put-back")
    assert [step.key for step in draft(site, pair).steps] == ["step_1", "step_2"]


def test_a_step_that_is_moved_to_the_front_says_that_it_opens_at_the_start(ines: Visitor) -> None:
    path = write_short_way(ines)
    press(ines, path, "up:step_2")
    told = page(ines, f"{path}?open=step_2")
    assert [box for box in re.findall(r"<input[^>]*>", told) if 'value="at_once"' in box and "checked" in box]
    assert "Opens at the start." in words(told)


def test_whichever_button_is_pressed_what_was_typed_is_kept(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    for go in (
        "save",
        "close",
        "up:step_2",
        "remove:step_1",
        "find",
        "show",
        "publish",
        "open:step_1",
        "nonsense",
    ):
        press(ines, f"{path}?open=step_2", go, word=f"Before {go}")
        kept = draft(site, pair).step("step_2")
        assert kept is not None
        assert kept.word == f"Before {go}"
        if go == "remove:step_1":
            press(ines, path, "put-back")


def test_a_number_that_is_none_is_kept_and_said_at_its_field(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    led_to = press(ines, f"{path}?open=step_2", "save", release="after_delay", days="a few")
    told = page(ines, led_to)
    assert 'value="a few"' in told
    assert "Please write a whole number" in told
    assert "Opens some days after" in words(told)
    kept = draft(site, pair).step("step_2")
    assert kept is not None
    assert kept.days == "a few"


def test_what_is_missing_is_said_at_its_field_only_when_it_was_asked_for(ines: Visitor) -> None:
    path = begin(ines)
    assert 'id="purpose-error"' not in page(ines, f"{path}?open=about")
    assert 'id="purpose-error"' in page(ines, f"{path}?open=about&check=1")


def test_a_character_that_cannot_be_kept_is_said_and_the_text_stays(ines: Visitor) -> None:
    path = write_short_way(ines)
    form = form_at(ines, f"{path}?open=step_2")
    answer = ines.post(form.action, form.fields | {"word": ["Before you \x00 begin"], "go": ["save"]})
    assert answer.status_code == 422
    assert "can’t be kept" in answer.get_data(as_text=True)
    assert "Before you" in answer.get_data(as_text=True)


def test_adding_without_choosing_says_so_and_keeps_what_was_typed(ines: Visitor) -> None:
    path = write_short_way(ines)
    form = form_at(ines, f"{path}?open=step_2")
    answer = ines.post(form.action, form.fields | {"word": ["Slowly"], "add": [""], "go": ["add"]})
    assert answer.status_code == 422
    assert "Please choose an exercise first" in answer.get_data(as_text=True)
    assert "Slowly" in answer.get_data(as_text=True)


def test_a_search_narrows_the_exercises(ines: Visitor) -> None:
    path = write_short_way(ines)
    found = page(ines, press(ines, path, "find", find="boundaries"))
    assert found.count("<option") < page(ines, path).count("<option")
    assert "Nothing fits “qqq”." in words(page(ines, press(ines, path, "find", find="qqq")))
    live = page(ines, "/own-pathways/exercises?field=add&find=listening")
    assert 'id="choices-add"' in live
    assert "reflective-listening" in live


def test_for_whom_a_step_is_can_be_left_open_where_one_of_the_two_does_it(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = begin(ines)
    press(ines, path, "close", purpose="Say sorry.", not_when="While one is afraid.")
    opened = press(ines, path, "add", add="repair-script")
    choices = re.findall(r'<select[^>]*name="whom".*?</select>', page(ines, opened), re.DOTALL)[0]
    assert re.search(r'<option selected value="">Chosen when it is armed', choices)
    assert "Chosen when it is armed · 7 days for it" in words(page(ines, path))
    press(ines, f"{path}?open=step_1", "save", whom="b")
    assert "The second of the two" in words(page(ines, path))
    press(ines, f"{path}?open=step_1", "save", whom="")
    slug_path = publish(ines, path)
    assert "You choose for whom" in page(ines, slug_path)
    assert 'name="whom_step_1"' in page(ines, f"{slug_path}/arm?couple={pair.couple_id}")


def test_where_both_do_it_nothing_is_left_open(ines: Visitor) -> None:
    path = write_short_way(ines)
    press(ines, f"{path}?open=step_2", "save", exercise="i-statements")
    assert "Chosen when it is armed" not in page(ines, f"{path}?open=step_2")


def test_a_log_is_offered_no_rhythm_but_its_own(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    press(ines, f"{path}?open=step_2", "save", exercise="promises-kept", recurrence="weekly")
    told = page(ines, f"{path}?open=step_2")
    assert "It can’t come back like this" in told
    choices = re.findall(r'<select[^>]*name="recurrence".*?</select>', told, re.DOTALL)[0]
    assert re.findall(r'value="([a-z]*)"', choices) == ["", "daily", "weekly"]
    press(ines, f"{path}?open=step_2", "save", recurrence="")
    choices = re.findall(
        r'<select[^>]*name="recurrence".*?</select>', page(ines, f"{path}?open=step_2"), re.DOTALL
    )[0]
    assert re.findall(r'value="([a-z]*)"', choices) == ["", "daily"]


def test_a_step_can_be_left_out_while_a_flag_is_open(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    press(ines, f"{path}?open=step_2", "save", flag_skips="y")
    assert "It is left out if a safety flag is open then." in words(page(ines, path))
    assert "Left out if a safety flag is open when its time has come" in words(
        page(ines, publish(ines, path))
    )


def test_two_windows_get_both_texts_and_the_second_save_is_theirs(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    path = write_short_way(ines)
    behind = form_at(ines, f"{path}?open=step_2")
    press(ines, f"{path}?open=step_2", "save", word="From the other window")
    answer = ines.post(behind.action, behind.fields | {"word": ["From this one"], "go": ["save"]})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "From the other window" in told
    assert "From this one" in told
    fresh = re.findall(r'name="revision" value="(\d+)"', told)[-1]
    again = behind.fields | {"word": ["From this one"], "revision": [fresh], "go": ["save"]}
    assert ines.post(behind.action, again).status_code == 303
    kept = draft(site, pair).step("step_2")
    assert kept is not None
    assert kept.word == "From this one"


def test_a_step_that_another_window_took_out_leaves_its_words_to_be_copied(ines: Visitor) -> None:
    path = write_short_way(ines)
    behind = form_at(ines, f"{path}?open=step_2")
    press(ines, path, "remove:step_2")
    answer = ines.post(behind.action, behind.fields | {"word": ["Words that took long"], "go": ["save"]})
    assert answer.status_code == 409
    assert "Words that took long" in answer.get_data(as_text=True)


def test_a_double_press_does_its_work_once(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    form = form_at(ines, path)
    for _again in range(2):
        answer = ines.post(form.action, form.fields | {"add": [TALK], "go": ["add"]})
        assert answer.status_code == 303
    assert len(draft(site, pair).steps) == 3


def test_what_is_typed_is_kept_while_it_is_typed(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    form = form_at(ines, f"{path}?open=step_2")
    answer = ines.post(f"{path}/keep", form.fields | {"release": ["interval"], "days": ["4"]})
    assert answer.status_code == 200
    assert "Opens four days after step 1 opened" in words(answer.get_data(as_text=True))
    kept = draft(site, pair).step("step_2")
    assert kept is not None
    assert kept.days == "4"
    assert ines.post(f"{path}/keep", form.fields | {"days": ["5"]}).status_code == 409


def test_the_calendar_starts_on_the_day_that_is_chosen(ines: Visitor) -> None:
    path = write_short_way(ines)
    told = words(page(ines, press(ines, path, "show", start="2027-03-01", pace="1", every="14")))
    assert "1 Mar to 7 Mar" in told
    assert "Mon 1 Mar" in told


@pytest.mark.parametrize(
    "query", ["start=never", "start=9999-12-31", "pace=x&every=-1", "open=step_99", "find=%00"]
)
def test_an_address_that_makes_no_sense_shows_the_editor_as_usual(ines: Visitor, query: str) -> None:
    path = write_short_way(ines)
    usual = words(page(ines, path))
    assert "Slowly nearer" in usual
    assert words(page(ines, f"{path}?{query}")).startswith(usual[: usual.index("Slowly nearer") + 200])


def test_nobody_else_reads_writes_or_publishes_a_draft(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    colleague = site.sign_in_as(site.world.pair(pair.therapist.practice_id).therapist)
    for address in (path, f"{path}/publish", f"{path}/versions"):
        assert colleague.get(address).status_code == 404
        assert site.sign_in_as(pair.a).get(address).status_code == 404
    assert "Slowly nearer" not in page(colleague, "/pathways")
    assert publish(ines, path)
    assert "Slowly nearer" not in page(colleague, "/pathways")


def test_a_draft_of_which_nothing_was_published_can_be_deleted(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    found = re.search(r'href="(/own-works/[^"]+/delete)"', page(ines, f"{path}/versions"))
    assert found is not None
    form = next(form for form in read(found[1], page(ines, found[1])).forms if form.method == "post")
    assert ines.post(found[1], form.fields).status_code == 303
    with site.records.within(pair.therapist, read_only=True) as scope:
        assert not my_pathways(scope)


def test_a_step_can_be_added_in_the_middle_and_is_open_then(site: Site, pair: Pair, ines: Visitor) -> None:
    path = write_short_way(ines)
    led_to = press(ines, path, "add", add="tell-me-more", after="step_1")
    assert [step.exercise for step in draft(site, pair).steps] == [TALK, "tell-me-more", "i-statements"]
    assert led_to.endswith("#part-step_3")


def test_searching_for_another_exercise_leaves_the_chosen_one_chosen(ines: Visitor) -> None:
    live = page(ines, "/own-pathways/exercises?field=exercise&seek=boundaries&exercise=check-in")
    assert '<option selected value="check-in">' in live


def test_a_step_that_was_taken_out_can_be_left_out_for_good(ines: Visitor) -> None:
    path = write_short_way(ines)
    press(ines, path, "remove:step_2")
    press(ines, path, "forget")
    assert "was taken out" not in words(page(ines, path))
