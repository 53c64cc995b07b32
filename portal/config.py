"""The portal's settings, read once from ``instance/portal.toml`` and from ``PORTAL_*`` variables."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

KNOWN = frozenset({"database_url", "smtp_url", "base_url", "secrets_file", "trusted_proxies", "environment"})
ENVIRONMENTS = frozenset({"production", "development", "testing"})


class ConfigError(ValueError):
    """Every mistake found in the settings, one sentence a line."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one running portal. ``trusted_proxies`` is the number of proxies in front of it."""

    instance: Path
    database_url: str
    smtp_url: str
    base_url: str
    secrets_file: Path
    trusted_proxies: int
    environment: str

    @property
    def outbox(self) -> Path:
        """The folder that mails are written to while no SMTP server is set."""
        return self.instance / "outbox"

    @property
    def secure(self) -> bool:
        """Say whether people reach the portal by https, so that cookies must be marked secure."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def demo(self) -> bool:
        """Say whether this instance holds the sample world."""
        return (self.instance / "sample").exists()


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings. Raises ConfigError that lists every mistake at once."""
    found = os.environ if environ is None else environ
    instance = Path(found.get("PORTAL_INSTANCE") or "instance").resolve()
    mistakes: list[str] = []
    settings = _read_file(instance / "portal.toml", mistakes)

    def value(name: str, default: str) -> str:
        from_environment = found.get(f"PORTAL_{name.upper()}")
        return str(settings.get(name, default)) if from_environment is None else from_environment

    proxies = value("trusted_proxies", "0")
    if not (proxies.isascii() and proxies.isdigit()):
        mistakes.append(
            "trusted_proxies must be a whole number: how many proxies stand in front of the portal."
        )
        proxies = "0"
    config = Config(
        instance=instance,
        database_url=value("database_url", "") or f"sqlite:///{instance / 'portal.db'}",
        smtp_url=value("smtp_url", ""),
        base_url=value("base_url", "http://127.0.0.1:8000").rstrip("/"),
        secrets_file=Path(value("secrets_file", "") or instance / "secrets.toml"),
        trusted_proxies=int(proxies),
        environment=value("environment", "production"),
    )
    mistakes += _mistakes(config)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return config


def _read_file(path: Path, mistakes: list[str]) -> dict[str, object]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        mistakes.append(f"{path} can't be read: {error}.")
        return {}
    mistakes += [f"{path}: {name} is not a setting." for name in sorted(settings.keys() - KNOWN)]
    return settings


def _mistakes(config: Config) -> list[str]:
    mistakes = []
    base = urlsplit(config.base_url)
    if base.scheme not in {"http", "https"} or not base.hostname:
        mistakes.append("base_url must be the address people type, such as https://notebook.example.")
    elif base.scheme == "http" and not is_loopback(base.hostname):
        mistakes.append("base_url is plain http on an address that others can reach: use https.")
    if not config.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        mistakes.append("database_url must begin with sqlite:/// or postgresql+psycopg://.")
    if config.smtp_url and urlsplit(config.smtp_url).scheme not in {"smtp", "smtps"}:
        mistakes.append("smtp_url must begin with smtp:// or smtps://, or be empty.")
    if config.environment not in ENVIRONMENTS:
        mistakes.append("environment must be production, development or testing.")
    return mistakes


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
