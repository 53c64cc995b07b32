"""The calendar of a draft follows the rules by which journeys really open."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.exercises.own_pathways.calendar import Supposed, lay_out, weeks_of
from portal.exercises.own_pathways.source import sketch
from portal.exercises.pathway import pathways
from portal.exercises.shelf import library
from tests.exercises.own_pathways.writing import short_way, with_values

START = date(2026, 11, 23)


def days(way: object, **supposed: int) -> list[tuple[int | None, int | None]]:
    placed = lay_out(way, library(), Supposed(start=START, **supposed))  # type: ignore[arg-type]  # a pathway
    return [tuple((day - START).days if day else None for day in (each.opens, each.done)) for each in placed]  # type: ignore[misc]  # pairs


def test_each_step_lies_where_its_rule_puts_it() -> None:
    # The list takes three days, the touch opens three later and is done after four; then comes a session, and a day.
    assert days(sketch(short_way(), library()), pace=3) == [(0, 3), (6, 10), (15, 18)]


def test_all_the_days_that_a_step_has_are_supposed_if_that_is_asked_for() -> None:
    assert days(sketch(short_way(), library()), pace=0)[0] == (0, 7)


def test_a_step_that_waits_for_a_session_is_not_reached_without_one() -> None:
    placed = days(sketch(short_way(), library()), session_every=0)
    assert placed[:2] == [(0, 3), (6, 10)]
    assert placed[2] == (None, None)


def test_a_journal_counts_by_its_days() -> None:
    draft = with_values(short_way(), "step_1", exercise="my-part", due_days="9")
    draft = with_values(draft, "step_2", exercise="check-in", matches_of="", times="")
    assert days(sketch(draft, library()), pace=1)[0] == (0, 9)


@pytest.mark.parametrize("slug", sorted(pathways()))
def test_every_built_in_pathway_comes_to_an_end(slug: str) -> None:
    way = pathways()[slug]
    placed = lay_out(way, library(), Supposed(start=START))
    assert all(each.opens and each.done for each in placed)
    opens = [each.opens for each in placed if each.opens]
    assert opens == sorted(opens)
    assert weeks_of(way, library(), Supposed()) <= 2 * way.weeks


def test_nothing_is_laid_out_of_no_steps() -> None:
    way = replace(sketch(short_way(), library()), steps=())
    assert lay_out(way, library(), Supposed(start=START)) == ()
    assert weeks_of(way, library(), Supposed()) == 0


def test_the_end_of_the_year_is_a_day_like_any_other() -> None:
    placed = lay_out(sketch(short_way(), library()), library(), Supposed(start=date(2026, 12, 30)))
    assert placed[0].done == date(2026, 12, 30) + timedelta(days=3)
