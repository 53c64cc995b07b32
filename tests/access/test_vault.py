"""Sealed values: readable only in their own place, with the right keys, and gone when a key is gone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from portal.access.keys import PersonKey, PracticeKey, Strongbox
from portal.access.scope import Records
from portal.access.vault import (
    CannotOpen,
    KeyFileError,
    create_key_file,
    kid_of,
    read_key_file,
    seal,
    unseal,
)
from portal.exercises.models import Assignment, Draft, ExerciseCopy, Response
from tests.factories import Pair, World

KEY = bytes(range(32))


@given(st.binary(max_size=3000), st.text(min_size=1, max_size=40))
def test_what_is_sealed_can_be_opened_in_its_place_and_its_length_is_rounded(
    plain: bytes, place: str
) -> None:
    sealed = seal(KEY, "k", plain, bound_to=place)
    assert unseal(KEY, sealed, bound_to=place) == plain
    assert kid_of(sealed) == "k"
    assert (len(sealed) - 2 - 1 - 12 - 16) in {64, 256, 1024, 2048, 3072, 4096}
    with pytest.raises(CannotOpen):
        unseal(KEY, sealed, bound_to=place + "x")


@given(st.binary(max_size=200), st.data())
def test_a_flipped_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, "k", plain, bound_to="here"))
    at = data.draw(st.integers(3, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotOpen):
        unseal(KEY, bytes(sealed), bound_to="here")


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02ab", b"plain text"])
def test_what_was_never_sealed_is_refused(broken: bytes) -> None:
    with pytest.raises(CannotOpen):
        unseal(KEY, broken, bound_to="here")
    if broken[:1] != b"\x01" or len(broken) < 2:
        with pytest.raises(CannotOpen):
            kid_of(broken)


def test_a_secrets_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "secrets.toml"
    create_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    keys = read_key_file(path)
    assert keys.blind("a") == keys.blind("a") != keys.blind("b")
    with pytest.raises(FileExistsError):
        create_key_file(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is missing"),
        ("signing = ", "can't be read"),
        ('signing = "00"', "lacks a key"),
        ('signing = "00"\nindex = "00"\ncurrent = "a"\n[masters]\nb = "00"', "lacks its current"),
        ('signing = "00"\nindex = "00"\ncurrent = "a"\n[masters]\na = "00"', "wrong length"),
        ('signing = "00"\nindex = "xx"\ncurrent = "a"\n[masters]\na = "00"', "hexadecimal"),
    ],
)
def test_a_broken_secrets_file_is_named_in_a_plain_sentence(
    tmp_path: Path, content: str | None, says: str
) -> None:
    path = tmp_path / "secrets.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeyFileError, match=says):
        read_key_file(path)


def a_draft(records: Records, pair: Pair, words: str) -> str:
    """Write a draft of partner A; return its id."""
    with records.within(pair.therapist) as scope:
        copy = scope.add(ExerciseCopy(slug="x", source="", created_at=scope.now))
        assignment = scope.add(
            Assignment(
                couple_id=pair.couple_id, copy_id=copy.id, slug="x", whom="both", recurrence="once",
                opens_at=scope.now, author_id=pair.therapist.account_id, created_at=scope.now, once_key=words,
            )
        )  # fmt: skip
    with records.within(pair.a) as scope:
        response = scope.add(
            Response(
                couple_id=pair.couple_id, author_id=pair.a.account_id, assignment_id=assignment.id, part="letter", period="1",
                started_at=scope.now,
            )
        )  # fmt: skip
        draft = Draft(
            couple_id=pair.couple_id, author_id=pair.a.account_id, response_id=response.id, saved_at=scope.now
        )
        draft.values = {"moment": words}
        assert draft.values == {"moment": words}
        return scope.add(draft).id


def read(records: Records, pair: Pair, draft_id: str) -> object:
    with records.within(pair.a, read_only=True) as scope:
        return scope.find(Draft, draft_id).values


def test_a_sealed_column_reads_back_and_its_row_holds_no_plain_text(records: Records, world: World) -> None:
    pair = world.sample
    draft_id = a_draft(records, pair, "canary words")
    assert read(records, pair, draft_id) == {"moment": "canary words"}
    with records.within(pair.a, read_only=True) as scope:
        assert b"canary" not in scope.find(Draft, draft_id).values_sealed


def test_sealed_values_cannot_be_swapped_between_rows(records: Records, world: World) -> None:
    pair = world.sample
    first, second = a_draft(records, pair, "one"), a_draft(records, pair, "two")
    with records.within(pair.a) as scope:
        stolen = scope.find(Draft, second).values_sealed
        scope.session.execute(update(Draft).where(Draft.id == first).values(values_sealed=stolen))
    with pytest.raises(CannotOpen):
        read(records, pair, first)


def test_deleting_a_persons_key_makes_their_words_unreadable_and_nobody_elses(
    records: Records, world: World
) -> None:
    pair = world.sample
    draft_id = a_draft(records, pair, "to be forgotten")
    with records.within(pair.a) as scope:
        scope.session.execute(delete(PersonKey).where(PersonKey.owner_id == pair.a.account_id))
    fresh = Records.open(records.engine, records.ring.masters, records.clock)
    with pytest.raises(CannotOpen):
        read(fresh, pair, draft_id)


def test_without_the_right_master_key_nothing_opens(records: Records, world: World, tmp_path: Path) -> None:
    pair = world.sample
    draft_id = a_draft(records, pair, "locked away")
    create_key_file(tmp_path / "other.toml")
    stranger = Records.open(records.engine, read_key_file(tmp_path / "other.toml"), records.clock)
    with pytest.raises(CannotOpen):
        read(stranger, pair, draft_id)


def test_a_key_made_in_an_undone_transaction_is_forgotten(records: Records, world: World) -> None:
    pair = world.sample
    scope = records.scope(pair.b)
    draft = Draft(
        practice_id=pair.b.practice_id,
        id="x",
        couple_id=pair.couple_id,
        author_id=pair.b.account_id,
        response_id="x",
    )
    box: Strongbox = scope.session.info["strongbox"]
    box.seal(draft, "values", {"a": 1})
    scope.rollback()
    box.seal(draft, "values", {"a": 2})
    scope.commit()
    found = list(scope.session.scalars(select(PersonKey).where(PersonKey.owner_id == pair.b.account_id)))
    scope.close()
    assert len(found) == 1


def test_one_practice_has_one_key_of_its_own(records: Records, world: World) -> None:
    pair = world.sample
    with records.within(pair.therapist, read_only=True) as scope:
        assert scope.count(scope.select(PracticeKey)) == 1


def test_a_sealed_value_opens_only_within_its_transaction(records: Records, world: World) -> None:
    pair = world.sample
    draft_id = a_draft(records, pair, "inside")
    with records.within(pair.a, read_only=True) as scope:
        draft = scope.find(Draft, draft_id)
        scope.session.expunge(draft)
    with pytest.raises(CannotOpen):
        _ = draft.values
