"""What a production may not be, and what the public process may not see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from crypto.kdf import RECEIPT_COST
from portal.config.reading import Settings
from portal.config.toml import BadSettings
from portal.kernel import secretfiles
from portal.kernel.site import Mode

LEAST_SECRET = 32


def refuse_weak(settings: Settings, environment: Mapping[str, str] | None = None) -> None:
    """Raise BadSettings with every weakness when *settings* are for production."""
    if settings.site.mode is Mode.PRODUCTION:
        found = weaknesses(settings, environment)
        if found:
            raise BadSettings(found)


def weaknesses(settings: Settings, environment: Mapping[str, str] | None = None) -> list[str]:
    """Every reason why these settings are too weak for real reports; empty when there is none."""
    site = settings.site
    found = [
        *_secret_weaknesses(settings),
        *_store_weaknesses(settings.database_url, settings.shred_url, settings.sessions_url),
    ]
    if settings.debug or is_debugging(environment):
        found.append("debug is on: error pages would show what people wrote")
    if not site.receipt_cost.at_least(RECEIPT_COST):
        found.append("receipts: the slow hash is cheaper than 19 MiB and 2 passes")
    if not site.secure_cookies:
        found.append("web.https is off: cookies would travel in clear")
    if site.ledger_origin.startswith(("demo.", "test.")):
        found.append("ledger.origin is that of a demonstration")
    if site.trusted_proxies < 0:
        found.append("web.trusted_proxies is negative")
    return found


def is_debugging(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment switches Flask's debugger on."""
    value = (environment if environment is not None else os.environ).get("FLASK_DEBUG", "")
    return value.lower() not in ("", "0", "false", "no")


def weak_secret(value: bytes) -> bool:
    """Whether a secret is short or visibly not random."""
    return len(value) < LEAST_SECRET or len(set(value)) < 8


def _secret_weaknesses(settings: Settings) -> list[str]:
    found = []
    if settings.demo_secrets:
        found.append("secrets: were made by a demonstration")
    if weak_secret(settings.secret_key):
        found.append("secrets: cookie-public is short or not random")
    if any(weak_secret(pepper) for pepper in settings.site.receipts.peppers.values()):
        found.append("secrets: a receipt pepper is short or not random")
    if len(set(settings.site.receipts.salt)) < 8:
        found.append("secrets: receipt-salt is not random")
    return found + open_files(settings.secrets_dir)


def open_files(folder: Path) -> list[str]:
    """Secret files that others on the machine may read."""
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return [f"{path}: others may read it (chmod 640, or 600)" for path in files if secretfiles.is_open_to_others(path)]


def _store_weaknesses(main: str, shred: str, sessions: str) -> list[str]:
    found = []
    if shred == main:
        found.append("database.shred_url: the shred store must not be the main database")
    if main.startswith("sqlite") and sessions == main:
        found.append("database.sessions_url: on SQLite sessions need a file of their own")
    if any(url in ("sqlite://", "sqlite:///:memory:") for url in (main, shred)):
        found.append("database: a store in memory forgets every report")
    return found


def refuse_inner_material(settings: Settings, environment: Mapping[str, str] | None = None) -> None:
    """Raise BadSettings when the public process can see a private key or secret of the staff side.

    Always: in its own settings file, its secrets folder and its environment. In production also anywhere below the
    folder of its settings file.
    """
    places = [settings.folder] if settings.site.mode is Mode.PRODUCTION else [settings.secrets_dir]
    found = {path: what for place in places for path, what in secretfiles.inner_files_below(place)}
    in_file = secretfiles.inner_material(settings.path.read_bytes())
    if in_file:
        found[settings.path] = in_file
    reasons = [f"{path}: {what} is where the public process can see it" for path, what in found.items()]
    for name, value in (environment if environment is not None else os.environ).items():
        what = secretfiles.inner_material(value.encode(errors="replace"))
        if what:
            reasons.append(f"environment variable {name}: {what} is where the public process can see it")
    if reasons:
        raise BadSettings(reasons)
