"""Puts the portal together: named steps, and the only place that lists the rooms."""

import sys
from collections.abc import Mapping

from flask import Flask
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.access.scope import Records
from portal.access.vault import read_key_file
from portal.config import Config, load_config
from portal.kit.clock import Clock, SystemClock
from portal.kit.db import open_engine
from portal.web import errors, headers, language, render
from portal.web.current import Portal, attach
from portal.web.room import check_guards

MAX_FORM_BYTES = 4 * 1024 * 1024


def create_app(config: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """Return the portal as a Flask app for these settings (by default those of the environment).

    Raises ConfigError, KeyFileError or UnsafeDatabase with plain sentences when it can't safely start.
    """
    config = config or load_config()
    app = Flask("portal", template_folder=str(render.templates_folder()), static_folder="static")
    _configure(app, config)
    portal = Portal(config=config, records=open_records(config, clock=clock))
    attach(app, portal)
    _add_extensions(app)
    _add_rooms(app, portal)
    check_guards(app)
    return app


def open_records(config: Config, *, clock: Clock | None = None) -> Records:
    """Return the records that the settings name."""
    masters = read_key_file(config.secrets_file)
    return Records.open(open_engine(config.database_url), masters, clock or SystemClock())


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=read_key_file(config.secrets_file).signing,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=True,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        TRUSTED_HOSTS=[urlsplit(config.base_url).hostname or "localhost", "127.0.0.1", "localhost", "[::1]"],
        TESTING=config.environment == "testing",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    login_pages.configure_cookies(app, config)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _add_extensions(app: Flask) -> None:
    language.install(app)
    render.install(app)
    headers.install(app)
    CSRFProtect(app)
    errors.install(app)


def _add_rooms(app: Flask, portal: Portal) -> None:
    for room in ROOMS:
        app.register_blueprint(room)
