"""``portal report``: reports as PDF files, from the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from portal.cli.opening import close_parts, plainly, settings

KINDS = {
    "progress": ("clinician", "joint"),
    "agreement": ("clinician", "joint", "partner-a", "partner-b"),
    "worksheet": ("clinician", "joint", "partner-a", "partner-b"),
}
"""The kinds of report, each with whom it can be made for."""

AUDIENCES = tuple(dict.fromkeys(audience for audiences in KINDS.values() for audience in audiences))
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("kind")
@click.option(
    "--couple",
    "ref",
    required=True,
    help="A couple's id; in the sample world also its ref, such as harbour-1.",
)
@click.option("--audience", required=True, help=f"Who will read it: {', '.join(AUDIENCES)}.")
@click.option("--from", "first", type=DAY, help="The first day, such as 2026-09-01; else the couple's first.")
@click.option("--to", "last", type=DAY, help="The last day; else today.")
@click.option(
    "--exercise",
    "slugs",
    multiple=True,
    help="Whose worksheet: an exercise by name, such as i-statements; again for more. Else whatever is open now.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@plainly
def report(
    *,
    kind: str,
    ref: str,
    audience: str,
    first: datetime | None,
    last: datetime | None,
    slugs: tuple[str, ...],
    out: Path,
) -> None:
    """Make a report of KIND about a couple, as far as its readers may read, and write it to a file.

    It is made in the name of the couple's therapist, whose audit trail says so.
    """
    from portal.app import create_app
    from portal.kit.pdf import PdfFailed

    if kind not in KINDS:
        raise click.ClickException(f"There is no report {kind}; there is: {', '.join(KINDS)}.")
    if audience not in KINDS[kind]:
        raise click.ClickException(
            f"The {kind} report can be made for {' or '.join(KINDS[kind])}, not for {audience}."
        )
    if first is not None and last is not None and first > last:
        raise click.ClickException("The first day comes after the last.")
    if slugs and kind != "worksheet":
        raise click.ClickException("Only a worksheet is made of an exercise.")
    order = Order(ref, audience, _day(first), _day(last), slugs)
    config = settings()
    app = create_app(config)
    try:
        with app.test_request_context(base_url=config.base_url):
            made = MAKERS[kind](app, order)
    except PdfFailed as error:
        raise click.ClickException(f"The {kind} report could not be made: {error}.") from None
    finally:
        close_parts(app)
    try:
        out.write_bytes(made)
    except OSError as error:
        raise click.ClickException(f"{out} can't be written: {error.strerror}.") from None


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: about whom, for whom, from when to when, and of which exercises."""

    ref: str
    audience: str
    first: date | None
    last: date | None
    slugs: tuple[str, ...]


def _progress(app: Any, order: Order) -> bytes:
    from portal.reports.base import Copy
    from portal.reports.printing import progress_page
    from portal.reports.views import PRESS
    from portal.reports.words import note_made

    portal = app.extensions["portal"]
    therapist, couple_id = couple_and_therapist(portal, order.ref)
    copy = Copy(order.audience)
    with portal.records.within(therapist) as scope:
        page = progress_page(scope, couple_id, copy, first=order.first, last=order.last)
        note_made(scope, couple_id, copy, number=page.paper.number)
        printed = portal.parts[PRESS].progress(page)
    return bytes(printed.pdf)


def _agreement(app: Any, order: Order) -> bytes:
    from portal.reports.agreement import KIND, NothingSigned, Wanted, gather
    from portal.reports.base import Copy
    from portal.reports.views import PRESS
    from portal.reports.words import note_made

    portal = app.extensions["portal"]
    therapist, couple_id = couple_and_therapist(portal, order.ref)
    wanted = Wanted(
        couple_id=couple_id,
        copy=Copy(order.audience),
        first=order.first or date.min,
        last=order.last or date.max,
    )
    with portal.records.within(therapist) as scope:
        try:
            page = gather(scope, wanted)
        except NothingSigned:
            raise click.ClickException(
                "There is no agreement that both have signed and that counts."
            ) from None
        note_made(scope, couple_id, wanted.copy, number=page.paper.number, kind=KIND)
        printed = portal.parts[PRESS].agreement(page)
    return bytes(printed.pdf)


def _worksheet(app: Any, order: Order) -> bytes:
    from portal.exercises.needs import Unmet
    from portal.exercises.safety import OnHold
    from portal.reports.base import Copy
    from portal.reports.views import PRESS
    from portal.reports.words import note_made
    from portal.reports.worksheet import KIND, NoSuchExercise, NothingToPrint, Wanted, gather

    portal = app.extensions["portal"]
    therapist, couple_id = couple_and_therapist(portal, order.ref)
    wanted = Wanted(couple_id=couple_id, copy=Copy(order.audience), slugs=order.slugs)
    with portal.records.within(therapist) as scope:
        try:
            page = gather(scope, wanted)
        except NothingToPrint:
            raise click.ClickException("Nothing is open for them at the moment.") from None
        except NoSuchExercise as error:
            raise click.ClickException(f"There is no exercise {error}.") from None
        except (OnHold, Unmet):
            raise click.ClickException(
                "This exercise can't be given to them now, on paper or otherwise; the portal says why when it is assigned."
            ) from None
        note_made(scope, couple_id, wanted.copy, number=page.paper.number, kind=KIND)
        printed = portal.parts[PRESS].worksheet(page)
    return bytes(printed.pdf)


MAKERS: dict[str, Callable[[Any, Order], bytes]] = {
    "progress": _progress,
    "agreement": _agreement,
    "worksheet": _worksheet,
}
"""What makes each kind of report."""


def couple_and_therapist(portal: Any, ref: str) -> tuple[Any, str]:
    """Return a couple's id and one of its therapists, in whose name the report is made."""
    from portal.access.viewer import House, Role, Viewer
    from portal.people.models import Caseload
    from portal.people.practice_queries import practice_ids
    from portal.sample.loading import couple_id_of

    couple_id = couple_id_of(portal.config, ref)
    for practice_id in practice_ids(portal.records):
        with portal.records.within(House(practice_id, frozenset({couple_id})), read_only=True) as scope:
            cares = scope.first(
                scope.select(Caseload).where(Caseload.couple_id == couple_id).order_by(Caseload.since)
            )
        if cares is not None:
            roles, couples = frozenset({Role.THERAPIST}), frozenset({couple_id})
            return Viewer(practice_id, cares.account_id, roles, couples), couple_id
    raise click.ClickException(f"There is no couple {ref}.")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
