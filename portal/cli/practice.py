"""``portal practice``: the practices of this portal."""

import click

from portal.cli.opening import plainly, records_to_work_on, settings


@click.group()
def practice() -> None:
    """Create practices, and list them."""


@practice.command()
@click.option("--name", prompt="Name of the practice")
@click.option(
    "--time-zone", prompt="Time zone", default="Europe/London", help="IANA name, such as Europe/London."
)
@click.option(
    "--country", prompt="Country", default="GB", help="Two letters, for the list of who can help now."
)
@click.option("--locale", prompt="Language of messages", default="en")
@click.option("--admin-name", prompt="Name of the first administrator")
@click.option("--admin-email", prompt="Their e-mail address")
@plainly
def create(
    *, name: str, time_zone: str, country: str, locale: str, admin_name: str, admin_email: str
) -> None:
    """Create a practice and invite its first administrator; prints the link to set the account up."""
    from portal.access.viewer import House
    from portal.kit.ids import new_id
    from portal.people.invitation_commands import NewPerson
    from portal.people.practice_commands import create_practice

    _check(name=name, time_zone=time_zone, country=country, email=admin_email, person=admin_name)
    records = records_to_work_on(first_practice=True)
    practice_id = new_id()
    with records.within(House(practice_id)) as scope:
        link = create_practice(
            scope,
            NewPerson(admin_name, admin_email),
            name=" ".join(name.split()),
            time_zone=time_zone,
            locale=locale,
            country=country.upper(),
        )
    click.echo(
        f"Practice {practice_id} is ready. Its administrator sets up their account here, within 14 days:"
    )
    click.echo(f"{settings().base_url}{link}")


@practice.command("list")
@plainly
def list_practices() -> None:
    """List the practices by id and name."""
    from portal.access.viewer import House
    from portal.people.practice_queries import practice_ids, practice_of

    records = records_to_work_on()
    for practice_id in practice_ids(records):
        with records.within(House(practice_id), read_only=True) as scope:
            click.echo(f"{practice_id}  {practice_of(scope).name}")


def _check(*, name: str, time_zone: str, country: str, email: str, person: str) -> None:
    from zoneinfo import available_timezones

    from portal.people.addresses import NotAnAddress, tidy

    if not name.strip() or not person.strip():
        raise click.ClickException("The practice and its administrator need names.")
    if time_zone not in available_timezones():
        raise click.ClickException(f"{time_zone} is not a time zone. An example is Europe/London.")
    if not (country.isascii() and country.isalpha() and len(country) == len("GB")):
        raise click.ClickException("The country must be two letters, such as GB.")
    try:
        tidy(email)
    except NotAnAddress:
        raise click.ClickException(f"{email} is not an e-mail address.") from None
