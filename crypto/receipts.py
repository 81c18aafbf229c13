"""The receipt code: 24 digits that are the reporter's only key.

23 random digits (76 bits) and a Verhoeff check digit, which catches every wrong digit and every swap of neighbours
before anything slow is computed. What the code opens is derived in two steps: r = Argon2id(code, site salt), then
p = HMAC-SHA256(pepper, r), so that neither the database nor the salt alone allows guessing.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from stdnum import verhoeff

from crypto._fields import VERSION, heading, joined, scrub
from crypto.errors import Malformed, MistypedCode
from crypto.kdf import KdfCost, argon2id
from crypto.keys import OwnKey, Purpose, own_from_seed

DIGITS = 24
GROUP = 4
MOST_CANDIDATES = 2000
MOST_TYPED = 512
SEED_SIZE = 32
# Between the groups of a code people put spaces, dashes, dots or line ends; format characters (zero width, bidi)
# are dropped beforehand because nobody sees them.
_GAP = re.compile(r"[\s\-‐-―−_.·,，、。:/]{1,4}")
_RUN = re.compile(rf"[0-9]+(?:{_GAP.pattern}[0-9]+)*")


@dataclass(frozen=True)
class ReceiptCode:
    """A code whose check digit fits. The repr hides the digits."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.digits) != DIGITS or not (self.digits.isascii() and self.digits.isdigit()):
            raise Malformed(f"a receipt code is {DIGITS} digits")
        if verhoeff.checksum(self.digits) != 0:
            raise MistypedCode("the check digit does not fit")

    @property
    def grouped(self) -> str:
        """Six groups of four with spaces between, as it is shown and printed."""
        return " ".join(self.digits[i : i + GROUP] for i in range(0, DIGITS, GROUP))


def generate() -> ReceiptCode:
    """A fresh code: 23 digits from the system's generator and their check digit."""
    body = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return ReceiptCode(body + verhoeff.calc_check_digit(body))


def parse(text: str) -> ReceiptCode:
    """The code as somebody typed it: spaces, hyphens and full-width digits are accepted.

    Malformed for another length or other characters, MistypedCode when only the check digit does not fit.
    """
    if len(text) > MOST_TYPED:
        raise Malformed(f"a receipt code is {DIGITS} digits")
    return ReceiptCode(_GAP.sub("", _plain(text)))


def contains_code(text: str) -> bool:
    """Whether the text holds 24 digits with a valid check digit, in one run or in groups.

    In an unbroken run every stretch of 24 is tried. Groups are put together only whole and only while the same kind
    of gap stands between them (spaces, or dashes, or commas …), so that a table of dates and amounts is not mistaken
    for a code. One candidate in ten fits by chance; a text with more than 2,000 of them is taken to hold one
    without computing further.
    """
    for count, digits in enumerate(_candidates(_plain(text))):
        if count >= MOST_CANDIDATES or verhoeff.checksum(digits) == 0:
            return True
    return False


def _plain(text: str) -> str:
    """NFKC (full-width and circled digits), other scripts' decimal digits as ASCII, invisible characters dropped."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(c, c)) for c in folded if unicodedata.category(c) != "Cf")


def _candidates(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        pieces = re.split(f"({_GAP.pattern})", run.group())
        groups, gaps = pieces[::2], ["".join(gap.split()) for gap in pieces[1::2]]
        for start, group in enumerate(groups):
            for at in range(len(group) - DIGITS + 1):
                yield group[at : at + DIGITS]
            if len(group) < DIGITS:
                yield from _joined_from(groups, gaps, start)


def _joined_from(groups: list[str], gaps: list[str], start: int) -> Iterator[str]:
    together = groups[start]
    for after in range(start, min(start + DIGITS, len(gaps))):
        if gaps[after] != gaps[start]:
            return
        together += groups[after + 1]
        if len(together) == DIGITS:
            yield together
        if len(together) >= DIGITS:
            return


@dataclass(frozen=True)
class SiteSecrets:
    """What lives outside the database: the site's salt, its peppers by version, and the version new codes use.

    Losing them loses every mailbox. Malformed when the salt or a pepper is short or the current one is missing.
    """

    salt: bytes = field(repr=False)
    peppers: Mapping[int, bytes] = field(repr=False)
    current: int

    def __post_init__(self) -> None:
        if len(self.salt) < 16 or any(len(pepper) < 32 for pepper in self.peppers.values()):
            raise Malformed("a site salt is at least 16 bytes and a pepper at least 32")
        if self.current not in self.peppers:
            raise Malformed("the current pepper is missing")


@dataclass(frozen=True)
class ReceiptSecrets:
    """What a code stands for: the lookup tag (32 bytes), the mailbox key, the receipt leaf (32 bytes), the pepper."""

    tag: bytes = field(repr=False)
    mailbox: OwnKey
    leaf: bytes = field(repr=False)
    version: int

    def wipe(self) -> None:
        """Overwrite the mailbox seed and the tag."""
        self.mailbox.wipe()
        scrub(self.tag)


def slow_hash(code: ReceiptCode, site: SiteSecrets, cost: KdfCost) -> bytes:
    """r = Argon2id(code, site salt): 32 bytes, about 37 ms at RECEIPT_COST. The only slow step."""
    return argon2id(code.digits.encode(), site.salt, cost)


def secrets_from(r: bytes, site: SiteSecrets, version: int | None = None) -> ReceiptSecrets:
    """The secrets of a slow hash under one pepper (the current one by default). Malformed for an unknown version.

    Signing in tries each pepper version that mailboxes still carry; this step costs microseconds, not another hash.
    """
    chosen, p = _peppered(r, site, version, "mingjing/receipt")
    try:
        return secrets_from_seed(p, chosen)
    finally:
        scrub(p)


def secrets_from_seed(p: bytes, version: int = 0) -> ReceiptSecrets:
    """The secrets of a 32-byte p; the bench's seeder draws p at random instead of hashing a code."""
    if len(p) != SEED_SIZE:
        raise Malformed("p is 32 bytes")
    seed = _expand(p, "mailbox")
    try:
        return ReceiptSecrets(_expand(p, "tag"), own_from_seed(Purpose.MAILBOX, seed), _expand(p, "leaf"), version)
    finally:
        scrub(seed)


@dataclass(frozen=True)
class ReturnSecrets:
    """What a return code of a saved draft stands for: the tag to find it by, and the key that wraps the draft key."""

    tag: bytes = field(repr=False)
    key: bytes = field(repr=False)
    version: int


def return_secrets(r: bytes, site: SiteSecrets, version: int | None = None) -> ReturnSecrets:
    """As `secrets_from`, for the code that leads back to a draft; nothing of it is shared with a mailbox's."""
    chosen, p = _peppered(r, site, version, "mingjing/return")
    try:
        return ReturnSecrets(_expand(p, "return-tag"), _expand(p, "return-key"), chosen)
    finally:
        scrub(p)


def _peppered(r: bytes, site: SiteSecrets, version: int | None, label: str) -> tuple[int, bytes]:
    chosen = site.current if version is None else version
    if chosen not in site.peppers:
        raise Malformed("unknown pepper version")
    if len(r) != SEED_SIZE:
        raise Malformed("a slow hash is 32 bytes")
    return chosen, hmac.digest(site.peppers[chosen], joined(label, VERSION, r), "sha256")


def _expand(p: bytes, label: str) -> bytes:
    info = heading("mingjing/receipt", VERSION, label)
    return HKDFExpand(algorithm=SHA256(), length=SEED_SIZE, info=info).derive(p)
