"""The settings of the staff side (site and worker): its own secrets beside everything the public process is told."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from admin.rendering.values import RenderingSettings, Walls
from crypto.kdf import PASSPHRASE_COST, KdfCost
from crypto.signing import verifier_of
from portal.config import BadSettings, Settings, load, toml
from portal.config.reading import cost_of, secret_in, web_settings
from portal.config.weak import open_files, weak_secret, weaknesses
from portal.kernel import secretfiles
from portal.kernel.site import Mode, Site
from portal.signin.passkeys import RelyingParty, relying_party
from portal.web.settings import Side, WebSettings

VARIABLE = "MINGJING_STAFF_SETTINGS"
COOKIE_FILE, PEPPER_FILE = "cookie-staff", "passphrase-pepper"


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """Everything the staff process and the worker are told. ``shared`` carries their own database addresses."""

    path: Path
    shared: Settings
    secrets_dir: Path
    secret_key: bytes = field(repr=False)
    passphrase_pepper: bytes = field(repr=False)
    passphrase_cost: KdfCost
    signer_path: Path
    demo_secrets: bool
    rendering: RenderingSettings = field(default_factory=RenderingSettings)
    passkeys: RelyingParty | None = None  # without an address of the site no passkey can be made

    @property
    def site(self) -> Site:
        """The site, as the public process knows it."""
        return self.shared.site

    def web(self) -> WebSettings:
        """What the web layer of the staff site is told."""
        return web_settings(self.site, Side.STAFF, self.secret_key, testing=self.shared.testing)

    def signer(self) -> str:
        """The private text of the checkpoint key: for the worker alone. Raises BadSettings when it is not there."""
        try:
            return self.signer_path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise BadSettings([f"{self.signer_path}: the checkpoint key cannot be read"]) from None


def staff_settings_path() -> Path:
    """The staff settings file: ``MINGJING_STAFF_SETTINGS``, else ``var/staff.toml`` under the working folder."""
    return Path(os.environ.get(VARIABLE) or "var/staff.toml")


def load_staff(path: Path) -> StaffSettings:
    """Read and check the staff settings and the shared ones. Raises BadSettings with every reason."""
    path = path.resolve()
    problems: list[str] = []
    top = toml.read(path, problems)
    shared = load(path.parent / top.text("shared", "public.toml"))
    database = top.section("database")
    stores = (("url", shared.database_url), ("shred_url", shared.shred_url), ("sessions_url", shared.sessions_url))
    main, shred, sessions = (toml.database_url(database.text(key, default), path.parent) for key, default in stores)
    database.finish()
    folder = path.parent / top.text("secrets", "secrets/staff")
    cookie = secret_in(folder / COOKIE_FILE, COOKIE_FILE, problems)
    pepper = secret_in(folder / PEPPER_FILE, PEPPER_FILE, problems)
    section = top.section("passphrase")
    cost = cost_of(section, PASSPHRASE_COST, problems)
    section.finish()
    signer = path.parent / top.text("signer", "secrets/worker/checkpoint-signer")
    rendering = _rendering(top, problems)
    passkeys = _passkeys(top, problems)
    top.finish()
    if problems:
        raise BadSettings(problems)
    return StaffSettings(
        path,
        replace(shared, database_url=main, shred_url=shred, sessions_url=sessions),
        folder,
        cookie.value,
        pepper.value,
        cost,
        signer,
        cookie.demo or pepper.demo,
        rendering,
        passkeys=passkeys,
    )


def _rendering(top: toml.Section, problems: list[str]) -> RenderingSettings:
    """How files are looked at. What is weaker than namespaces has to be written down, here and nowhere else."""
    section, default = top.section("rendering"), RenderingSettings()
    walls, office = section.text("sandbox", default.walls), section.text("office", default.office)
    clamd = section.text("clamd", default.clamd)
    section.finish()
    if walls not in list(Walls):
        problems.append(f"rendering.sandbox: must be one of {', '.join(Walls)}")
        return default
    for name, path in (("office", office), ("clamd", clamd)):
        if path and not Path(path).is_absolute():
            problems.append(f"rendering.{name}: must be an absolute path")
    return RenderingSettings(Walls(walls), office, clamd)


def _passkeys(top: toml.Section, problems: list[str]) -> RelyingParty | None:
    """The site as devices know it: the address in the browser, which no proxy changes and no request tells us."""
    section = top.section("passkeys")
    origin, rp_id = section.text("origin", ""), section.text("rp_id", "")
    section.finish()
    if not origin:
        return None
    try:
        return relying_party(origin, rp_id)
    except ValueError as error:
        problems.append(f"passkeys.origin: {error}")
        return None


def refuse_weak_staff(settings: StaffSettings) -> None:
    """Raise BadSettings with every weakness when the settings are for production."""
    if settings.site.mode is Mode.PRODUCTION:
        found = staff_weaknesses(settings)
        if found:
            raise BadSettings(found)


def staff_weaknesses(settings: StaffSettings) -> list[str]:
    """Every reason why the staff side is too weak for real reports."""
    found = weaknesses(settings.shared)
    if settings.demo_secrets:
        found.append("staff secrets: were made by a demonstration")
    if weak_secret(settings.secret_key):
        found.append("staff secrets: cookie-staff is short or not random")
    if weak_secret(settings.passphrase_pepper):
        found.append("staff secrets: passphrase-pepper is short or not random")
    if settings.secret_key == settings.shared.secret_key:
        found.append("staff secrets: cookie-staff is the same as cookie-public")
    if settings.passkeys is not None and not settings.passkeys.origin.startswith("https:"):
        found.append("passkeys.origin: is not an https address")
    if not settings.passphrase_cost.at_least(PASSPHRASE_COST):
        found.append("passphrase: the slow hash is cheaper than 64 MiB and 3 passes")
    return found + open_files(settings.secrets_dir)


def refuse_wrong_signer(settings: StaffSettings) -> None:
    """Raise BadSettings unless the checkpoint key is the one whose verifier the settings pin (worker only)."""
    if verifier_of(settings.signer()) != settings.site.checkpoint_vkey:
        raise BadSettings([f"{settings.signer_path}: is not the key that ledger.vkey pins"])
    if settings.site.mode is Mode.PRODUCTION and secretfiles.is_open_to_others(settings.signer_path):
        raise BadSettings([f"{settings.signer_path}: others may read it (chmod 640, or 600)"])
