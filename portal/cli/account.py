"""``portal account``: the accounts of people who work in a practice."""

from typing import Any

import click

from portal.cli.opening import plainly, records_to_work_on, settings

STAFF_ROLES = ("admin", "therapist", "desk")


@click.group()
def account() -> None:
    """Invite people who work in a practice."""


@account.command()
@click.option("--practice", "practice_id", help="Its id; needed where there are several practices.")
@click.option("--name", prompt="Name")
@click.option("--email", prompt="E-mail address")
@click.option(
    "--role", "roles", type=click.Choice(STAFF_ROLES), multiple=True, required=True, help="May be repeated."
)
@plainly
def invite(*, practice_id: str | None, name: str, email: str, roles: tuple[str, ...]) -> None:
    """Invite somebody; prints the link to set the account up. Couples are added by their therapist."""
    from portal.access.viewer import House, Role
    from portal.people.addresses import NotAnAddress
    from portal.people.invitation_commands import AddressTaken, NewPerson
    from portal.people.practice_commands import invite_staff

    records = records_to_work_on()
    chosen = _practice(records, practice_id)
    try:
        with records.within(House(chosen)) as scope:
            _account, link = invite_staff(
                scope, NewPerson(name, email), roles=frozenset(Role(role) for role in roles)
            )
    except NotAnAddress:
        raise click.ClickException(f"{email} is not an e-mail address.") from None
    except AddressTaken:
        raise click.ClickException("This address already leads to an account of the practice.") from None
    click.echo(f"{settings().base_url}{link}")


def _practice(records: Any, wanted: str | None) -> str:
    from portal.people.practice_queries import practice_ids

    found = practice_ids(records)
    if wanted is None and len(found) == 1:
        return found[0]
    if wanted is None:
        raise click.ClickException("Name the practice with --practice; portal practice list shows them.")
    if wanted not in found:
        raise click.ClickException("There is no practice with this id; portal practice list shows them.")
    return wanted
