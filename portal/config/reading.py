"""From the file to frozen values. Secrets are read from the folder that the file names, never from the file itself."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path

from crypto import checkpoints
from crypto.errors import CryptoError
from crypto.kdf import RECEIPT_COST, KdfCost
from crypto.receipts import SiteSecrets
from portal.config import toml
from portal.config.toml import BadSettings, Section
from portal.kernel import secretfiles
from portal.kernel.secretfiles import BadSecret, Secret
from portal.kernel.site import ContactChannel, DataLicence, Footer, Limits, Mode, Site
from portal.rewards.disclosure import LEAST
from portal.web.settings import N_, NATIONAL_CHANNELS, Channel, FooterItem, Side, WebSettings

SALT_FILE, COOKIE_FILE, PEPPER_FILE = "receipt-salt", "cookie-public", "receipt-pepper-{version}"
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?/?")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the public process is told."""

    path: Path
    site: Site
    database_url: str = field(repr=False)  # may hold a password
    shred_url: str = field(repr=False)
    sessions_url: str = field(repr=False)
    secrets_dir: Path
    secret_key: bytes = field(repr=False)
    demo_secrets: bool  # some secret was made by a demonstration
    debug: bool = False
    testing: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the settings file, which relative paths in it start from."""
        return self.path.parent

    def web(self, side: Side = Side.PUBLIC, secret_key: bytes | None = None) -> WebSettings:
        """What the web layer of one side is told."""
        return web_settings(self.site, side, secret_key or self.secret_key, testing=self.testing)


def load(path: Path) -> Settings:
    """Read and check a settings file. Raises BadSettings with every reason; a weak production is refused elsewhere."""
    path = path.resolve()
    problems: list[str] = []
    top = toml.read(path, problems)
    secrets_dir = path.parent / top.text("secrets", "secrets/public")
    salt = secret_in(secrets_dir / SALT_FILE, "receipt-salt", problems)
    cookie = secret_in(secrets_dir / COOKIE_FILE, "cookie-public", problems)
    receipts = top.section("receipts")
    current = receipts.number("current_pepper", 1)
    peppers = {
        version: secret_in(secrets_dir / PEPPER_FILE.format(version=version), "receipt-pepper", problems)
        for version in sorted({current, *receipts.numbers("older_peppers", ())})
    }
    database = top.section("database")
    urls = [toml.database_url(database.text(key), path.parent) for key in ("url", "shred_url", "sessions_url")]
    database.finish()
    debug = top.flag("debug", False)
    site = _site(top, receipts, path.parent, salt, peppers, current, problems)
    top.finish()
    if problems or site is None:
        raise BadSettings(problems)
    made_by_demo = any(secret.demo for secret in (salt, cookie, *peppers.values()))
    return Settings(path, site, urls[0], urls[1], urls[2], secrets_dir, cookie.value, made_by_demo, debug)


def secret_in(path: Path, name: str, problems: list[str]) -> Secret:
    """The secret in a file; when it cannot be read, an empty one, and a line more in *problems*."""
    try:
        return secretfiles.read(path, name)
    except BadSecret as error:
        problems.append(str(error))
        return Secret(name, b"", False)


def _site(
    top: Section,
    receipts: Section,
    folder: Path,
    salt: Secret,
    peppers: dict[int, Secret],
    current: int,
    problems: list[str],
) -> Site | None:
    cost = _cost(receipts, problems)
    receipts.finish()
    ledger = top.section("ledger")
    origin, vkey = ledger.text("origin"), ledger.text("vkey")
    hours = ledger.numbers("publish_hours", (6, 12, 18))
    witnesses = ledger.words("witnesses", ())
    ledger.finish()
    smallest_cell = _smallest_cell(top, problems)
    web = top.section("web")
    common = {
        "exit_url": web.text("exit_url", ""),
        "trusted_proxies": web.number("trusted_proxies", 0),
        "secure_cookies": web.flag("https", True),
        "rate_limit_storage": web.text("rate_limit_storage", "memory://"),
        "languages": web.words("languages", ("zh", "en")),
    }
    address = _address(web.text("address", ""), problems)
    web.finish()
    mode = _mode(top.text("mode"), problems)
    name, name_en = top.text("name", "明镜"), top.text("name_en", "Mingjing")
    region, blobs = top.text("region", ""), folder / top.text("blobs", "blobs")
    limits, footer, channels = _limits(top), _footer(top), _channels(top)
    _check_ledger(origin, vkey, witnesses, problems)
    try:
        secrets = SiteSecrets(salt.value, {version: one.value for version, one in peppers.items()}, current)
    except CryptoError as error:
        problems.append(f"receipts: {error}")
        return None
    if mode is None:
        return None
    return Site(
        mode,
        name,
        secrets,
        blobs,
        vkey,
        origin,
        name_en=name_en,
        region=region,
        receipt_cost=cost,
        channels=channels,
        footer=footer,
        limits=limits,
        publish_hours=hours,
        witnesses=witnesses,
        smallest_cell=smallest_cell,
        address=address,
        data_licence=_data_licence(top),
        **common,  # type: ignore[arg-type]  # one dict of differently typed values
    )


def _mode(text: str, problems: list[str]) -> Mode | None:
    try:
        return Mode(text)
    except ValueError:
        problems.append(f"mode: must be one of {', '.join(Mode)}")
        return None


def cost_of(section: Section, default: KdfCost, problems: list[str]) -> KdfCost:
    """The cost of Argon2id from ``memory_kib``, ``iterations`` and ``lanes``."""
    try:
        return KdfCost(
            section.number("memory_kib", default.memory_kib),
            section.number("iterations", default.iterations),
            section.number("lanes", default.lanes),
        )
    except CryptoError as error:
        problems.append(str(error))
        return default


def _cost(receipts: Section, problems: list[str]) -> KdfCost:
    return cost_of(receipts, RECEIPT_COST, problems)


def _check_ledger(origin: str, vkey: str, witnesses: tuple[str, ...], problems: list[str]) -> None:
    for number, witness in enumerate(witnesses):
        try:
            checkpoints.read_vkey(witness, checkpoints.COSIGNATURE)
        except CryptoError:
            problems.append(f"ledger.witnesses[{number}]: is not the verifier key of a witness")
    try:
        name, _ = checkpoints.read_vkey(vkey)
    except CryptoError:
        problems.append("ledger.vkey: is not a verifier key")
        return
    if name != origin:
        problems.append("ledger.origin: is not the name in ledger.vkey")


def _smallest_cell(top: Section, problems: list[str]) -> int:
    section = top.section("rewards")
    least = section.number("smallest_cell", 10)
    section.finish()
    if least < LEAST:
        problems.append(f"rewards.smallest_cell: must be at least {LEAST}")
    return least


def _address(text: str, problems: list[str]) -> str:
    if text and not _ADDRESS.fullmatch(text):
        problems.append("web.address: must be like https://report.example.org, without a path")
        return ""
    return text.rstrip("/")


def _data_licence(top: Section) -> DataLicence:
    section, default = top.section("open_data"), DataLicence()
    code, name = section.text("licence", default.code), section.text("licence_name", default.name)
    name_en = section.text("licence_name_en", default.name_en if name == default.name else "")
    licence = DataLicence(code, name, name_en)
    section.finish()
    return licence


def _limits(top: Section) -> Limits:
    section, default = top.section("limits"), Limits()
    limits = Limits(
        section.number("file_bytes", default.file_bytes),
        section.number("total_bytes", default.total_bytes),
        section.number("files", default.files),
        section.number("clean_bytes", default.clean_bytes),
    )
    section.finish()
    return limits


def _footer(top: Section) -> Footer:
    section = top.section("footer")
    footer = Footer(*(section.text(key, "") for key in Footer.__dataclass_fields__))
    section.finish()
    return footer


def _channels(top: Section) -> tuple[ContactChannel, ...]:
    found = []
    for section in top.sections("channels"):
        name, value = section.text("name"), section.text("value")
        texts = [section.text(key, "") for key in ("name_en", "hours", "hours_en")]
        found.append(ContactChannel(name, texts[0], value, texts[1], texts[2]))
        section.finish()
    return tuple(found)


def web_settings(site: Site, side: Side, secret_key: bytes, *, testing: bool = False) -> WebSettings:
    """The web layer's view of a site."""
    footer = site.footer
    lines = {
        N_("主办单位"): footer.body,
        N_("地址"): footer.address,
        N_("备案号"): footer.record_number,
        N_("公安备案号"): footer.police_number,
        N_("网站标识码"): footer.site_code,
    }
    redis = site.rate_limit_storage if site.rate_limit_storage.startswith("redis") else None
    return WebSettings(
        side=side,
        secret_key=base64.b64encode(secret_key).decode(),
        https=site.secure_cookies,
        demo=site.is_demo,
        site_name=site.name,
        site_name_en=site.name_en,
        trusted_proxies=site.trusted_proxies,
        exit_url=site.exit_url or None,
        address=site.address,
        redis_url=redis,
        languages=site.languages if side is Side.PUBLIC else site.languages[:1],
        footer=tuple(
            FooterItem(label, text, text_en=footer.body_en if text == footer.body else "")
            for label, text in lines.items()
            if text
        ),
        channels=tuple(Channel(one.name, one.value, one.hours, one.name_en, one.hours_en) for one in site.channels)
        or NATIONAL_CHANNELS,
        testing=testing,
    )
