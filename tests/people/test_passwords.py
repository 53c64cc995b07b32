"""Passwords: weak ones are refused, and the others are kept well."""

import threading
import time

import pytest
from argon2 import extract_parameters

from portal.people import passwords
from portal.people.passwords import LONGEST, Fault, Hasher, TooBusy, fault_of

NEARBY = ["Sam Wren", "Alexandra Holm", "Harbour Practice"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "  spaces at the ends count  ",
        "x9!kd-82kk.a0",
        "🙂" * 64,
        "تفاحة زرقاء على الطاولة",
        "Überraschung im Kühlschrank",
        "k" + "ab c" * 60,
    ],
)
def test_a_long_unusual_password_is_taken(password: str) -> None:
    assert fault_of(password, personal=NEARBY) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elevenchars", Fault.TOO_SHORT),
        ("k7" * (LONGEST // 2) + "k", Fault.TOO_LONG),
        ("password1234", Fault.COMMON),
        ("P@ssw0rd1234!", Fault.COMMON),
        ("iloveyou2024!!", Fault.COMMON),
        ("dragonmonkey12", Fault.COMMON),
        ("aaaaaaaaaaaa", Fault.COMMON),
        ("abcabcabcabc", Fault.COMMON),
        ("123456789012", Fault.COMMON),
        ("qwertyuiopas", Fault.COMMON),
        ("Alexandra2019", Fault.PERSONAL),
        ("sam-and-alexandra", Fault.PERSONAL),
        ("4lexandra-holm", Fault.PERSONAL),
        ("harbourpractice1", Fault.PERSONAL),
        ("lone surrogate \ud800", Fault.UNSUITABLE),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, fault: Fault) -> None:
    assert fault_of(password, personal=NEARBY) is fault


def test_names_matter_only_to_those_who_bear_them() -> None:
    assert fault_of("Bartholomew-Quist", personal=NEARBY) is None
    assert fault_of("Bartholomew-Quist", personal=["Bartholomew Quist"]) is Fault.PERSONAL


def test_the_list_of_common_words_is_worth_its_name() -> None:
    assert 2000 < len(passwords.common_words()) < 5000
    assert all(word == word.casefold() for word in passwords.common_words())


def test_a_hash_names_its_algorithm_and_its_cost() -> None:
    assert Hasher().hash("seven quiet herons").startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_a_password_fits_whichever_way_its_letters_were_composed() -> None:
    hasher = Hasher(cheap=True)
    assert hasher.verify(hasher.hash("caf\u00e9 at the corner"), "cafe\u0301 at the corner")


def test_a_space_at_the_end_matters() -> None:
    hasher = Hasher(cheap=True)
    assert not hasher.verify(hasher.hash("seven quiet herons "), "seven quiet herons")


def test_nothing_is_cut_off() -> None:
    hasher = Hasher(cheap=True)
    stored = hasher.hash("k" * LONGEST)
    assert hasher.verify(stored, "k" * LONGEST)
    assert not hasher.verify(stored, "k" * (LONGEST - 1))


def test_without_a_stored_hash_no_password_fits_and_it_takes_as_long() -> None:
    hasher = Hasher()
    stored = hasher.hash("seven quiet herons")
    started = time.perf_counter()
    assert not hasher.verify(stored, "another password")
    known = time.perf_counter() - started
    started = time.perf_counter()
    assert not hasher.verify(None, "another password")
    unknown = time.perf_counter() - started
    assert not hasher.verify(None, "nobody's password")
    assert unknown > known / 3


def test_a_far_too_long_password_never_reaches_the_hasher() -> None:
    hasher = Hasher()
    stored = hasher.hash("seven quiet herons")
    started = time.process_time()
    assert not any(hasher.verify(stored, "x" * 10_000) for _ in range(200))
    assert time.process_time() - started < 0.05
    with pytest.raises(ValueError, match="too long"):
        hasher.hash("x" * 10_000)


def test_a_hash_of_other_parameters_is_stale() -> None:
    weak, strong = Hasher(cheap=True), Hasher()
    assert strong.is_stale(weak.hash("seven quiet herons"))
    assert not strong.is_stale(strong.hash("seven quiet herons"))


def test_a_damaged_hash_fits_nothing() -> None:
    assert not Hasher(cheap=True).verify("$argon2id$damaged", "seven quiet herons")


def test_at_most_two_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    hasher = Hasher()
    outcomes: list[str] = []
    start = threading.Barrier(12)

    def check() -> None:
        start.wait()
        try:
            hasher.verify(None, "seven quiet herons")
            outcomes.append("checked")
        except TooBusy:
            outcomes.append("too busy")

    threads = [threading.Thread(target=check) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("checked") < 12
    assert outcomes.count("checked") + outcomes.count("too busy") == 12
    assert not hasher.verify(None, "the places are free again")


@pytest.mark.parametrize("cheap", [True, False])
def test_a_hash_that_nobody_has_takes_as_long_to_check_as_a_real_one(cheap: bool) -> None:
    hasher = Hasher(cheap=cheap)
    assert extract_parameters(hasher._nobodys) == extract_parameters(hasher.hash("seven quiet herons"))
    assert not hasher.verify(None, "seven quiet herons")
    assert hasher._nobodys != Hasher(cheap=cheap)._nobodys
