"""What this deployment is, as every verb may know it: secrets of the receipt code, limits, the pinned checkpoint key.

Made from the settings file by ``portal.config`` and bound once at start, like the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from crypto.kdf import RECEIPT_COST, KdfCost
from crypto.receipts import SiteSecrets

MIB = 1024 * 1024


class Mode(StrEnum):
    """``demo`` shows itself on every page; ``production`` refuses weak settings."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of what a reporter may send, in bytes."""

    file_bytes: int = 200 * MIB
    total_bytes: int = 1024 * MIB
    files: int = 50
    clean_bytes: int = 20 * MIB  # up to here an image can be cleaned of its metadata, in memory


@dataclass(frozen=True, slots=True)
class ContactChannel:
    """Another way to report: shown on the contact page and wherever this site cannot serve."""

    name: str
    name_en: str
    value: str
    hours: str = ""
    hours_en: str = ""


@dataclass(frozen=True, slots=True)
class Footer:
    """Who answers for the site. Registration numbers are shown when they are set."""

    body: str = ""
    body_en: str = ""
    address: str = ""
    record_number: str = ""  # ICP备案号
    police_number: str = ""  # 公安备案号
    site_code: str = ""  # 政府网站标识码


@dataclass(frozen=True, slots=True)
class DataLicence:
    """Under which licence what is published may be used. ``code``: as SPDX lists it, "" for one that it does not."""

    code: str = "CC-BY-4.0"
    name: str = "知识共享 署名 4.0 国际许可协议（CC BY 4.0）"
    name_en: str = "Creative Commons Attribution 4.0 International (CC BY 4.0)"


@dataclass(frozen=True, slots=True)
class Site:
    """The deployment. Everything here is the same for the public, the staff and the worker process."""

    mode: Mode
    name: str
    receipts: SiteSecrets = field(repr=False)
    blob_dir: Path
    checkpoint_vkey: str
    ledger_origin: str
    name_en: str = "Mingjing"
    region: str = ""  # GB/T 2260 code of the area served; "" = all
    receipt_cost: KdfCost = RECEIPT_COST
    languages: tuple[str, ...] = ("zh", "en")
    channels: tuple[ContactChannel, ...] = ()
    footer: Footer = Footer()
    limits: Limits = Limits()
    exit_url: str = ""  # where quick exit leads; "" = a page of our own that shows nothing personal
    trusted_proxies: int = 0  # how many proxies in front may tell the visitor's address
    secure_cookies: bool = True
    rate_limit_storage: str = "memory://"
    publish_hours: tuple[int, ...] = (6, 12, 18)  # Beijing time, published checkpoints
    smallest_cell: int = 10  # of fewer rewards paid at a place in a year nothing is told
    address: str = ""  # where the public reaches this site: https://report.example.org, no final slash; "" = not told
    data_licence: DataLicence = DataLicence()
    witnesses: tuple[str, ...] = ()  # verifier keys of outside bodies whose cosignatures are taken in and shown

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO


_site: Site | None = None


def bind_site(site: Site | None) -> None:
    """Make *site* the one this process serves (once at start; tests bind one each)."""
    global _site
    _site = site


def site() -> Site:
    """The site of this process. Raises RuntimeError before :func:`bind_site`."""
    if _site is None:
        raise RuntimeError("no site bound")
    return _site
