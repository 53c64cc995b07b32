"""Tries a machine of two partners who do anything in any order, with a real database behind each step."""

from collections.abc import Callable
from typing import cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from portal.access.scope import Records
from tests.databases import Engine

FEWER_ON_POSTGRESQL = 4


def try_out(
    machine: Callable[[], RuleBasedStateMachine], records: Records, *, examples: int, steps: int
) -> None:
    """Run a machine a number of times with up to so many steps.

    The rules of the portal are the same on both databases, so on PostgreSQL a quarter of the examples shows that
    its transactions keep them too.
    """
    fewer = FEWER_ON_POSTGRESQL if records.engine.dialect.name == Engine.POSTGRESQL else 1
    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", machine),
        settings=settings(
            max_examples=-(-examples // fewer),
            stateful_step_count=steps,
            # With a database behind each step, making a failure smaller takes longer than reading it.
            phases=(Phase.generate,),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
