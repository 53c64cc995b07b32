"""A therapist's caseload and one couple at a glance; and who is led where."""

import re
from datetime import timedelta

import pytest

from portal.access.audit import Action, AuditEntry
from portal.access.policy import Refused
from portal.access.privacy import Audience
from portal.access.viewer import House, Role, Viewer
from portal.exercises import care_commands
from portal.exercises.domain import Recurrence
from portal.exercises.mechanics.base import Delivery, DeliveryKind
from portal.exercises.models import Whom
from portal.exercises.shelf import library
from portal.home.commands import set_goals
from portal.kit.ids import new_id
from portal.people.couple_commands import add_couple
from portal.people.invitation_commands import NewPerson
from portal.people.models import MailState, OutgoingMail
from tests.exercises.doing import fill, give, send, type_in
from tests.factories import Pair
from tests.pages import read
from tests.portal_app import Site, Visitor, furnish, open_session

SIGNS, LETTER, TOUCH, HABIT, HELD = (
    "warning-signs",
    "i-statements",
    "touch-menu",
    "daily-five",
    "honest-account",
)


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple that has agreed to everything."""
    return furnish(site.records)[0]


@pytest.fixture
def ines(site: Site, pair: Pair) -> Visitor:
    """The couple's therapist, signed in."""
    return site.sign_in_as(pair.therapist)


def main(visitor: Visitor, path: str = "/couples") -> str:
    """Open a page and return its main part, without tags and doubled spaces."""
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    found = re.search(r"<main.*?</main>", answer.get_data(as_text=True), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def invite(site: Site, therapist: Viewer) -> str:
    """Add a couple whose invitations are still open; return its id."""
    people = (NewPerson("Hana Ito", "hana@post.example"), NewPerson("Milo Reyes", "milo@post.example"))
    with site.records.within(therapist) as scope:
        return add_couple(scope, people, once_key=new_id())


def refreshed(site: Site, visitor: Visitor) -> Visitor:
    """Sign somebody in anew, after time has passed or their couples have changed."""
    assert visitor.viewer is not None
    visitor.take(open_session(site.records, visitor.viewer))
    return visitor


def test_with_nothing_to_do_the_caseload_says_so(ines: Visitor) -> None:
    told = main(ines)
    assert "Nothing needs you right now" in told
    assert "Sam and Alex" in told


def test_without_couples_there_is_one_thing_to_do(site: Site, pair: Pair) -> None:
    practice = pair.a.practice_id
    new = Viewer(
        practice, site.world.account(practice, "Noor Vale", Role.THERAPIST), frozenset({Role.THERAPIST})
    )
    told = main(site.sign_in_as(new))
    assert "No couples yet" in told
    assert "Sam" not in told


def test_what_is_new_to_read_comes_with_the_act(site: Site, pair: Pair, ines: Visitor) -> None:
    signs, letter = give(site.records, pair, SIGNS), give(site.records, pair, LETTER)
    send(site.records, pair.a, signs, fill(library()[SIGNS], "Words"))
    send(site.records, pair.b, signs, fill(library()[SIGNS], "Words"))
    send(site.records, pair.b, letter, fill(library()[LETTER], "Words"))
    told = main(ines)
    assert "Two things need you" in told
    assert "Five signs of distance, both answered Sam and Alex. For you alone Compare" in told
    assert "answered by Alex" in told
    assert "3 of 4 in" in told


def test_much_from_one_couple_is_one_line(site: Site, pair: Pair, ines: Visitor) -> None:
    for slug in (SIGNS, LETTER, "more-help", "stressors"):
        send(site.records, pair.a, give(site.records, pair, slug), fill(library()[slug], "Words"))
    told = main(ines)
    assert "One thing needs you" in told
    assert "4 new answers to read" in told


def test_drafts_and_quick_notes_need_nobody(site: Site, pair: Pair, ines: Visitor) -> None:
    type_in(site.records, pair.a, give(site.records, pair, SIGNS), {"anything_else": "Half a line"})
    send(
        site.records,
        pair.a,
        give(site.records, pair, HABIT, recurrence=Recurrence.DAILY),
        fill(library()[HABIT], "x"),
    )
    assert "Nothing needs you right now" in main(ines)


def test_what_is_prepared_or_held_is_pointed_out(site: Site, pair: Pair, ines: Visitor) -> None:
    give(site.records, pair, TOUCH, release=False)
    held = give(site.records, pair, HELD, whom=Whom.A)
    send(site.records, pair.a, held, fill(library()[HELD], "As it was"), delivery=Delivery(DeliveryKind.HELD))
    with site.records.within(pair.therapist) as scope:
        care_commands.mark_read(scope, held)
    told = main(ines)
    assert f"Held by you: {library()[HELD].title}" in told
    assert f"Ready for your release: {library()[TOUCH].title}" in told


def test_an_invitation_is_pointed_out_once_it_has_lain_for_a_while(
    site: Site, pair: Pair, ines: Visitor
) -> None:
    invite(site, pair.therapist)
    assert "Nothing needs you right now" in main(refreshed(site, ines))
    site.clock.move(timedelta(days=4))
    told = main(refreshed(site, ines))
    assert "Hana has not joined yet Hana and Milo. The link works until" in told
    site.clock.move(timedelta(days=14))
    assert "The invitation has ended" in main(refreshed(site, ines))


def test_a_mail_that_came_back_stands_first(site: Site, pair: Pair, ines: Visitor) -> None:
    send(site.records, pair.a, give(site.records, pair, SIGNS), fill(library()[SIGNS], "Words"))
    invite(site, pair.therapist)
    with site.records.within(House(pair.a.practice_id)) as scope:
        for mail in scope.all(scope.select(OutgoingMail).where(OutgoingMail.message == "invitation")):
            mail.state = MailState.FAILED
    told = main(refreshed(site, ines))
    assert told.index("A message could not be delivered") < told.index("Five signs of distance")


def test_the_list_can_be_narrowed(site: Site, pair: Pair, ines: Visitor) -> None:
    invite(site, pair.therapist)
    refreshed(site, ines)
    send(site.records, pair.a, give(site.records, pair, SIGNS), fill(library()[SIGNS], "Words"))
    couples = {
        "/couples": 2,
        "/couples?show=joining": 1,
        "/couples?show=needs-you": 1,
        "/couples?q=MILO": 1,
        "/couples?q=nobody": 0,
    }
    for path, count in couples.items():
        links = {
            link
            for link in read("/couples", ines.get(path).get_data(as_text=True)).links
            if re.fullmatch(r"/couples/[a-z2-7]{26}", link)
        }
        assert len(links) == count, path
    assert "No couple fits this" in main(ines, "/couples?q=nobody")


def test_a_page_that_is_not_there_becomes_the_last_one(ines: Visitor) -> None:
    assert "Sam and Alex" in main(ines, "/couples?page=99")
    assert "Sam and Alex" in main(ines, "/couples?page=x&show=whatever")


def test_other_therapists_couples_are_not_there(site: Site, pair: Pair, ines: Visitor) -> None:
    other = site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes"))
    assert "Hana" not in main(ines)
    for path in ("", "/answers", "/goals"):
        assert ines.get(f"/couples/{other.couple_id}{path}").status_code == 404


def test_a_therapist_who_also_manages_sees_their_own_couples_here(site: Site, pair: Pair) -> None:
    practice = pair.a.practice_id
    roles = (Role.ADMIN, Role.THERAPIST)
    both = Viewer(practice, site.world.account(practice, "Ada Quill", *roles), frozenset(roles))
    visitor = site.sign_in_as(both)
    assert "Sam and Alex" not in main(visitor)
    assert visitor.get(f"/couples/{pair.couple_id}").status_code == 404


@pytest.mark.parametrize("role", ["admin", "desk"])
def test_others_are_led_to_the_directory_of_names(site: Site, role: str) -> None:
    pair, viewers = furnish(site.records)
    visitor = site.sign_in_as(viewers[role])
    assert visitor.get("/couples").headers["Location"] == "/practice/couples"
    assert visitor.get(f"/couples/{pair.couple_id}").status_code == 404


def test_the_couples_page_says_how_far_each_of_them_is(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, fill(library()[SIGNS], "Words"))
    type_in(site.records, pair.b, given, {"anything_else": "Half a line"})
    give(site.records, pair, LETTER, whom=Whom.B)
    give(site.records, pair, TOUCH, release=False)
    told = main(ines, f"/couples/{pair.couple_id}")
    assert "Each with you Sent 19 Nov Draft Read" in told.replace("Who can see this: ", "")
    assert "Both and you Not asked Not started" in told.replace("Who can see this: ", "")
    assert "Not released. They don’t see it yet Release" in told
    assert "Half a line" not in told
    assert "Sam sent Five signs of distance" in told


def test_the_signs_show_each_partners_own_newest_weights(site: Site, pair: Pair, ines: Visitor) -> None:
    first = give(site.records, pair, SIGNS)
    heavy = fill(library()[SIGNS], "Words") | {"loneliness_hurt": 10, "loneliness_often": "nearly_always"}
    send(site.records, pair.a, first, heavy)
    send(site.records, pair.b, first, heavy)
    site.clock.move(timedelta(days=2))
    send(site.records, pair.a, give(site.records, pair, SIGNS), fill(library()[SIGNS], "Words"))
    page = refreshed(site, ines).get(f"/couples/{pair.couple_id}").get_data(as_text=True)
    loneliness = page[page.index(">Loneliness<") :]
    assert "Sam 0, Alex 10." in loneliness[: loneliness.index("</svg>")]
    assert "Sam 0, Alex 10 of 50" in main(ines, f"/couples/{pair.couple_id}")


def test_a_sign_without_a_weight_is_left_open(site: Site, pair: Pair, ines: Visitor) -> None:
    given = give(site.records, pair, SIGNS)
    values = fill(library()[SIGNS], "Words")
    values["talking_hurt"] = {"declined": True}
    send(site.records, pair.a, given, values)
    told = main(ines, f"/couples/{pair.couple_id}")
    assert "Talking No weight" in told
    assert "Sam –, Alex – of 50" in told


def test_all_answers_of_a_couple_are_listed(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/couples/{pair.couple_id}/answers"
    assert "No answers yet" in main(ines, path)
    given = give(site.records, pair, LETTER, recurrence=Recurrence.WEEKLY)
    send(site.records, pair.a, given, fill(library()[LETTER], "Words"))
    assert "1 round 19 Nov New" in main(ines, path)


def test_what_they_want_is_written_down_in_their_words(site: Site, pair: Pair, ines: Visitor) -> None:
    path = f"/couples/{pair.couple_id}/goals"
    form = next(
        form for form in read(path, ines.get(path).get_data(as_text=True)).forms if form.method == "post"
    )
    answer = ines.post(path, form.fields | {"goals": ["A dinner without phones\nLess silence"]})
    assert answer.headers["Location"] == f"/couples/{pair.couple_id}"
    assert "What they want Change A dinner without phones Less silence" in main(
        ines, f"/couples/{pair.couple_id}"
    )
    assert ines.post(path, form.fields | {"goals": ["x" * 2001]}).status_code == 422
    with site.records.within(House(pair.a.practice_id)) as scope:
        changed = scope.select(AuditEntry).where(AuditEntry.action == Action.GOALS_CHANGED)
        assert scope.one(changed).detail == {}


def test_only_their_therapist_writes_down_what_they_want(site: Site, pair: Pair) -> None:
    stranger = site.world.pair(pair.a.practice_id, ("Hana Ito", "Milo Reyes")).therapist
    for viewer in (pair.a, stranger):
        with site.records.within(viewer) as scope, pytest.raises(Refused):
            set_goals(scope, pair.couple_id, goals="Not theirs")


def test_the_practices_secrets_policy_stands_on_the_page(pair: Pair, ines: Visitor) -> None:
    assert "Secrets policy Not decided." in main(ines, f"/couples/{pair.couple_id}")


FIRST = {
    "a": "/today",
    "b": "/today",
    "therapist": "/couples",
    "admin": "/practice/people",
    "desk": "/practice/couples",
}


@pytest.mark.parametrize("who", FIRST)
def test_the_front_door_leads_everybody_to_their_own_page(site: Site, who: str) -> None:
    visitor = site.sign_in_as(furnish(site.records)[1][who])
    assert visitor.get("/").headers["Location"] == FIRST[who]
    assert visitor.get(FIRST[who]).status_code == 200


def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    assert site.sign_in_as(None).get("/").headers["Location"].startswith("/sign-in")


NAV = {
    "therapist": ["Caseload", "Answers", "Library"],
    "admin": ["Couples", "People", "Offers", "Settings"],
    "desk": ["Couples"],
}


@pytest.mark.parametrize("who", NAV)
def test_the_side_panel_holds_what_a_role_can_open(site: Site, who: str) -> None:
    visitor = site.sign_in_as(furnish(site.records)[1][who])
    page = visitor.get(FIRST[who]).get_data(as_text=True)
    panel = page[page.index('class="side-nav"') : page.index('class="side-foot"')]
    entries = re.findall(r'<a href="([^"]+)"( aria-current="page")?>.*?<span>([^<]+)</span>', panel)
    assert [label for _url, _current, label in entries] == NAV[who]
    assert sum(bool(current) for _url, current, _label in entries) == 1
    assert all(visitor.get(url).status_code == 200 for url, _current, _label in entries)


def test_answers_to_read_are_counted_in_the_side_panel(site: Site, pair: Pair, ines: Visitor) -> None:
    assert 'class="count"' not in ines.get("/library").get_data(as_text=True)
    send(site.records, pair.a, give(site.records, pair, SIGNS), fill(library()[SIGNS], "Words"))
    assert '<span class="count">1</span>' in ines.get("/library").get_data(as_text=True)


def test_a_partners_pages_never_count_anything_of_the_other(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, SIGNS)
    send(site.records, pair.a, given, fill(library()[SIGNS], "Words"))
    with site.records.within(pair.therapist) as scope:
        care_commands.give_feedback(scope, given, "For both.", to=Audience.REPLY_BOTH, once_key=new_id())
    alex = site.sign_in_as(pair.b)
    for path in ("/today", "/together", "/just-me", "/more"):
        page = alex.get(path).get_data(as_text=True)
        assert 'class="count"' not in page
        assert "waiting for" not in page.casefold()
