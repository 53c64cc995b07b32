"""The leak crawl: marked words in every private place, then every page, form, paper and mail as everybody else."""

import logging
import pickle
from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, LargeBinary, String, Text, select

from portal.access.scope import Records
from portal.access.viewer import House
from portal.kit.mail import OutboxFolder
from portal.people import post_jobs
from portal.tables import METADATA, MODULES
from portal.web.render import templates_folder
from tests.databases import Engine
from tests.house.baits import words_in, words_in_paper
from tests.house.crawl import Crawl, papers_text
from tests.house.leak_world import LeakWorld, build
from tests.portal_app import Site, Sites, Visitor

SHORT = 60
"""Texts of up to so many characters are ids, names of states, and the like."""
WITHOUT_BAIT = {
    "account.password_hash": "a hash, which is never shown and can't be turned back",
    "answer.item": "the key of a question",
    "safety_flag.item": "the key of a question",
    "kept_form.path": "one of our own addresses, shown to nobody else because the row isn't",
    "invitation.token_hash": "a hash",
    "login_name.email_key": "a keyed fingerprint",
    "login_session.token_hash": "a hash",
    "agreement_event.clause": "the key of a clause",
    "ladder_event.step": "the key of a step",
    "overlap_match.option": "the key of an option",
    "solo_ladder_event.step": "the key of a step",
    "practice.time_zone": "a name out of a fixed list",
    "recovery_code.code_hash": "a hash",
    "sign_in_attempt.bucket": "a keyed fingerprint",
    "practice_key.wrapped": "a key, itself sealed",
    "person_key.wrapped": "a key, itself sealed",
    "audit_entry.previous_hash": "a hash",
    "audit_entry.entry_hash": "a hash",
}
MUST_FIND = {
    "a": (
        "draft.values",
        "answer.value private",
        "answer.value couple",
        "feedback.body reply",
        "agreement_event.text wording",
        "talk_move.text said",
    ),
    "b": (
        "talk_move.text said",
        "draft.values out of turn",
        "draft.values never sent",
        "agreement_event.text wording",
        "draft.values remark",
        "draft.values",
        "answer.value couple",
        "answer.value letter-now",
        "answer.value shared",
        "answer.value log-couple",
        "answer.value card",
        "answer.value years",
    ),
    "therapist": (
        "answer.value therapist",
        "answer.value held",
        "feedback.body note",
        "safety_flag.decision",
        "instruction_template.body",
        "couple.goals",
        "report_words",
        "agreement_event.text note",
        "talk_move.text said",
        "own_card.text",
        "answer.value log alone",
        "answer.value card alone",
        "answer.value years alone",
    ),
    "colleague": ("answer.value therapist", "feedback.body note", "instruction_template.title"),
    "owner": ("answer.value therapist", "account.name"),
    "neighbour": ("draft.values", "answer.value private", "exercise_copy.translations"),
    "admin": ("account.name", "account.email"),
    "desk": ("account.name",),
    "outsider": ("draft.values", "answer.value private"),
    "outside therapist": ("answer.value therapist",),
    "outside admin": ("account.name",),
}
"""What each person does find of their own, so that a crawl that reads nothing can't pass."""
NOBODYS = "anonymous"
MOST_ON_POSTGRESQL = 50
MOST_FOR_STRANGERS = 60
HIDDEN_FOR_STRANGERS = 2


def world_in(sites: Sites, engine: Engine = Engine.SQLITE) -> tuple[Site, LeakWorld]:
    """Return a copy of the baited world, and what is known of it; it is built once in a run for each engine."""
    note = sites.shared / f"leak-world-{engine}.pickle"

    def fill(records: Records) -> None:
        note.write_bytes(pickle.dumps(build(records)))

    site = sites.copy_of("leak-world", fill, engine=engine)
    return site, pickle.loads(note.read_bytes())  # noqa: S301 - written by this very run


def visitor_for(site: Site, world: LeakWorld, name: str) -> Visitor:
    if name == NOBODYS:
        return site.sign_in_as(None)
    return site.sign_in_as(world.people[name], token=world.tokens[name])


def leaks(crawl: Crawl, world: LeakWorld) -> list[str]:
    """Return what was handed to somebody who may not read it, with the first place where that happened."""
    allowed = world.baits.allowed(crawl.name)
    return [
        f"{world.baits.places([word])[0]} at {places[0]} and {len(places) - 1} more"
        for word, places in sorted(crawl.found.items())
        if word not in allowed and not world.baits.is_earned(word, crawl.name, places)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MUST_FIND, NOBODYS])
def test_nobody_is_handed_what_is_not_for_them(
    sites: Sites, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    site, world = world_in(sites)
    caplog.set_level(logging.INFO)
    crawl = Crawl(visitor_for(site, world, name), name, world.knows, world.cared_for_by(name))
    if name not in {"a", "b", "therapist"}:
        # Their own pages are like those of the first three; what matters is what they ask for beyond them.
        crawl.most_links, crawl.most_hidden = MOST_FOR_STRANGERS, HIDDEN_FOR_STRANGERS
    before = site.state()
    crawl.read_everything()
    assert site.state() == before, "looking at pages changed something"
    crawl.ask_for_hidden()
    assert site.state() == before, "asking for other people's things changed something"
    crawl.send_everything()
    assert leaks(crawl, world) == []
    assert crawl.differences == []
    assert crawl.faults == []
    assert words_in(caplog.text.encode()) == set(), "a log holds what somebody wrote"
    found = {world.baits.laid[word].place for word in crawl.found}
    missing = [
        place for place in MUST_FIND.get(name, ()) if not any(each.startswith(place) for each in found)
    ]
    assert missing == [], f"{name} does not even find what is their own"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["b", "neighbour", "outside therapist"])
def test_postgresql_hands_out_no_more_than_sqlite(
    sites: Sites, name: str, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--engine") == Engine.SQLITE:
        pytest.skip("only SQLite was asked for")
    site, world = world_in(sites, Engine.POSTGRESQL)
    crawl = Crawl(
        visitor_for(site, world, name),
        name,
        world.knows,
        world.cared_for_by(name),
        most_links=MOST_ON_POSTGRESQL,
        most_hidden=HIDDEN_FOR_STRANGERS,
    )
    crawl.read_everything()
    crawl.ask_for_hidden()
    assert leaks(crawl, world) == []
    assert crawl.differences == []
    assert crawl.faults == []
    assert len(crawl.found) > 5


@pytest.mark.parametrize("copy", ["joint", "clinician"])
def test_a_paper_holds_what_all_its_readers_may_read(sites: Sites, copy: str) -> None:
    site, world = world_in(sites)
    visitor = visitor_for(site, world, "therapist")
    path = f"/couples/{world.pairs['one'].couple_id}/reports/progress?copy={copy}&first=2026-11-01&last=2026-11-30"
    words = [word for word, bait in world.baits.laid.items() if bait.place == f"report_words.comment {copy}"]
    fields = {"csrf_token": visitor.csrf, "comment": words[0], "go": "download"}
    answer = visitor.post(path, fields)
    assert answer.mimetype == "application/pdf", answer.get_data(as_text=True)[:500]
    found = words_in_paper(papers_text(answer.get_data())) | words_in(answer.get_data())
    readers = ("a", "b", "therapist") if copy == "joint" else ("therapist",)
    # The comment is the therapist's own word, which they put on this paper themselves.
    allowed = set.intersection(*(world.baits.allowed(reader) for reader in readers)) | {words[0]}
    assert world.baits.places(found - allowed) == []
    assert words[0] in found
    assert any(world.baits.laid[word].place == "couple.goals" for word in found)


def test_a_mail_tells_nothing_but_its_own_link(sites: Sites) -> None:
    site, world = world_in(sites)
    office = post_jobs.open_office(
        templates=templates_folder(), translations=Path("nowhere"), smtp_url="", outbox=site.folder / "outbox",
        base_url="http://localhost",
    )  # fmt: skip
    assert isinstance(office.transport, OutboxFolder)
    post_jobs.deliver_due(site.records, office)
    mails = list((site.folder / "outbox").glob("*.eml"))
    assert len(mails) >= len(world.links)
    for mail in mails:
        found = words_in(mail.read_bytes().replace(b"=\r\n", b"").replace(b"=\n", b""))
        addresses = [each for each in found if world.baits.laid[each].place == "account.email"]
        assert len(addresses) == 1
        own_link = world.links[world.baits.laid[addresses[0]].owner]
        allowed = {*addresses, *words_in(own_link.encode())}
        assert world.baits.places(found - allowed) == []


def private_columns() -> dict[str, Column[object]]:
    """Return every column that can hold somebody's words."""
    found = {}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            kind = column.type
            sealed = isinstance(kind, LargeBinary)
            wide = isinstance(kind, String) and (isinstance(kind, Text) or (kind.length or SHORT + 1) > SHORT)
            if sealed or wide or isinstance(kind, JSON):
                found[f"{table.name}.{column.name.removesuffix('_sealed')}"] = column
    return found


def test_every_place_that_can_hold_words_holds_bait(sites: Sites) -> None:
    site, world = world_in(sites)
    places = {place.split(" ")[0] for place in (bait.place for bait in world.baits.laid.values())}
    columns = private_columns()
    assert sorted(columns.keys() - places - WITHOUT_BAIT.keys()) == [], (
        "give it bait, or say why it needs none"
    )
    assert sorted(WITHOUT_BAIT.keys() - columns.keys() - {"answer.item", "overlap_match.option"}) == []
    opened = _opened(site.records, world, columns)
    for name in columns.keys() - WITHOUT_BAIT.keys():
        assert any(world.baits.laid[word].place.startswith(name) for word in opened[name]), name


def _opened(records: Records, world: LeakWorld, columns: dict[str, Column[object]]) -> dict[str, set[str]]:
    """Return the marked words that each column really holds, opened with the portal's keys."""
    mapped = {mapper.local_table.name: mapper.class_ for module in MODULES for mapper in _mappers(module)}
    found: dict[str, set[str]] = {name: set() for name in columns}
    practices = {pair.a.practice_id for pair in world.pairs.values()}
    for practice in practices:
        couples = frozenset(pair.couple_id for pair in world.pairs.values())
        with records.within(House(practice, couples), read_only=True) as scope:
            for name in columns:
                table, _dot, attribute = name.partition(".")
                for row in scope.session.scalars(select(mapped[table])):
                    found[name] |= words_in(repr(getattr(row, attribute)).encode())
    return found


def _mappers(module: object) -> list[object]:
    models = [
        each for each in vars(module).values() if isinstance(each, type) and hasattr(each, "__mapper__")
    ]
    return [model.__mapper__ for model in models if hasattr(model, "__table__")]
