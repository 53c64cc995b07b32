"""``portal jobs``: the worker that does what requests leave behind."""

import click

from portal.cli.opening import close_parts, plainly


@click.group()
def jobs() -> None:
    """Run the job worker."""


@jobs.command()
@click.option("--workers", default=1, show_default=True, help="How many jobs may run at once.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process, which started it, is gone.")
@plainly
def work(*, workers: int, parent: int | None) -> None:
    """Send mails and do other jobs until SIGTERM; what was begun is finished first."""
    from portal.app import create_app
    from portal.cli.family import stop_with
    from portal.kit.jobs import Jobs

    if parent is not None:
        stop_with(parent)
    app = create_app()
    app.extensions["portal"].parts[Jobs.__name__].run_worker(workers=workers)
    close_parts(app)
