"""Puts the portal together: named steps, and the only place that lists the rooms."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.access.policy import Permission
from portal.access.scope import Records, Wake
from portal.access.vault import MasterKeys, read_key_file
from portal.config import Config, load_config
from portal.exercises import (
    assign_views,
    bulk_views,
    choices_views,
    coach_views,
    flag_views,
    follow_up_views,
    journey_jobs,
    journey_views,
    library_views,
    log_views,
    partner_views,
    review_views,
    template_views,
)
from portal.exercises import room as exercises
from portal.exercises.own import edition_views as own_edition_views
from portal.exercises.own import shelf_views as own_shelf_views
from portal.exercises.own import views as own_views
from portal.exercises.own_pathways import edition_views as own_pathway_edition_views
from portal.exercises.own_pathways import views as own_pathway_views
from portal.exercises.parts.agreements import signed_views as agreement_signed_views
from portal.exercises.parts.agreements import views as agreement_views
from portal.exercises.parts.decks import views as deck_views
from portal.exercises.parts.journals import views as journal_views
from portal.exercises.parts.ladders import views as ladder_views
from portal.exercises.parts.plans import views as plan_views
from portal.exercises.parts.talk import views as talk_views
from portal.exercises.parts.timelines import views as timeline_views
from portal.home import couple_frame, front_views, navigation
from portal.home import partner_views as partner_home
from portal.home import room as home
from portal.home import therapist_views as therapist_home
from portal.kit.clock import Clock, SystemClock
from portal.kit.db import open_engine
from portal.kit.jobs import Jobs
from portal.people import (
    account_views,
    admin_views,
    browser,
    couple_views,
    help_views,
    invitation_views,
    kept_views,
    post_jobs,
    sign_in_views,
    welcome_views,
)
from portal.people import room as people
from portal.reports import agreement_views as agreement_reports
from portal.reports import printing, worksheet_views
from portal.reports import room as reports
from portal.reports import views as report_views
from portal.web import errors, headers, language, render, styleguide
from portal.web.cookies import SignedOnce
from portal.web.current import Portal, attach
from portal.web.room import For, check_guards, open_to
from portal.web.routing import LateRule
from portal.web.writer import writer_token

MAX_FORM_BYTES = 4 * 1024 * 1024


class Notebook(Flask):
    """The app, with rules that cost nothing until they are used, one signer for its cookies, and plain functions."""

    url_rule_class = LateRule
    session_interface = SignedOnce()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook as it is: none of ours is a coroutine, which Flask would look for at each call."""
        return func


# A room's pages exist once the modules that hold them are imported.
PAGES = {
    people.room: (
        account_views,
        admin_views,
        couple_views,
        help_views,
        invitation_views,
        kept_views,
        sign_in_views,
        welcome_views,
    ),
    exercises.room: (
        agreement_signed_views,
        agreement_views,
        assign_views,
        bulk_views,
        choices_views,
        coach_views,
        deck_views,
        flag_views,
        follow_up_views,
        journal_views,
        journey_views,
        ladder_views,
        library_views,
        log_views,
        own_edition_views,
        own_pathway_edition_views,
        own_pathway_views,
        own_shelf_views,
        own_views,
        partner_views,
        plan_views,
        review_views,
        talk_views,
        template_views,
        timeline_views,
    ),
    home.room: (front_views, partner_home, therapist_home),
    reports.room: (agreement_reports, report_views, worksheet_views),
}


def create_app(config: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """Return the portal as a Flask app for these settings (by default those of the environment).

    Raises ConfigError, KeyFileError or UnsafeDatabase with plain sentences when it can't safely start.
    """
    config = config or load_config()
    keys = read_key_file(config.secrets_file)
    app = Notebook("portal", template_folder=str(render.templates_folder()), static_folder="static")
    _configure(app, config, keys)
    jobs = Jobs(config.database_url, folder=config.instance)
    portal = Portal(config=config, records=open_records(config, keys, clock=clock, wake=jobs.nudge))
    attach(app, portal)
    _add_extensions(app, config)
    _add_parts(app, portal)
    _add_jobs(portal, jobs)
    _add_rooms(app)
    check_guards(app)
    return app


def create_serving_app() -> Flask:
    """Return the app as a server process runs it: with its press already warm."""
    app = create_app()
    portal: Portal = app.extensions["portal"]
    portal.parts[report_views.PRESS].warm()
    return app


def open_records(
    config: Config, keys: MasterKeys, *, clock: Clock | None = None, wake: Wake | None = None
) -> Records:
    """Return the records that the settings name; ``wake`` is told of each job that a transaction asks for."""
    return Records.open(open_engine(config.database_url), keys, clock or SystemClock(), wake=wake)


def _configure(app: Flask, config: Config, keys: MasterKeys) -> None:
    app.config.update(
        SECRET_KEY=keys.signing,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        TRUSTED_HOSTS=[urlsplit(config.base_url).hostname or "localhost", "127.0.0.1", "localhost", "[::1]"],
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    browser.configure_cookies(app, config)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        inner = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = inner  # type: ignore[method-assign]  # Flask's documented place for middleware


def _add_extensions(app: Flask, config: Config) -> None:
    language.install(app)
    render.install(app)
    headers.install(app)
    CSRFProtect(app)
    app.jinja_env.globals.update(writer_token=writer_token, sample=config.demo)


def _add_parts(app: Flask, portal: Portal) -> None:
    browser.install(app, portal)
    portal.gates += [welcome_views.introduction_gate, welcome_views.consent_gate]
    portal.parts[browser.QUIET] |= {"exercises.autosave", "exercises.words", "exercises.talk_now"}
    portal.parts[browser.QUIET] |= {
        f"exercises.autosave_{piece}" for piece in ("years", "event", "questions")
    }
    portal.parts[report_views.PRESS] = printing.open_press()
    navigation.install(app)
    couple_frame.install(app)
    errors.install(app)


def _add_jobs(portal: Portal, jobs: Jobs) -> None:
    portal.parts[Jobs.__name__] = jobs
    office = post_jobs.open_office(
        templates=render.templates_folder(),
        translations=Path(__file__).parent / "translations",
        smtp_url=portal.config.smtp_url,
        outbox=portal.config.outbox,
        base_url=portal.config.base_url,
    )
    post_jobs.register(jobs, portal.records, office=office)
    journey_jobs.register(jobs, portal.records)


def _add_rooms(app: Flask) -> None:
    for room in PAGES:
        app.register_blueprint(room)
    if app.extensions["portal"].config.environment != "production":
        styleguide.register(app, guard=open_to(Permission.BE_ANYONE, For.ANYONE, gated=False))
