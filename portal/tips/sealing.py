"""What of a tip is sealed under which key. The byte formats are crypto's; the labels and bindings are here.

Every key is derived from the report key (wrapped to the office and to the mailbox) and the shred key (in a store of
its own): with either gone nothing opens.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto import own
from crypto.errors import Malformed
from crypto.keys import PublicKey
from crypto.sealing import Padding, QuorumSealed, derive, new_key, seal, seal_for_quorum, wrap
from portal.attachments.values import FileEntry
from portal.kernel.errors import Refused
from portal.kernel.values import Id
from portal.tips.models import TipBody
from portal.tips.values import Identity, Report

REPORT_KEY = "report-key"
REPORT, MANIFEST, RECORD, FILE, IDENTITY = "report", "manifest", "record", "file", "identity"


def file_key(sealed_key: bytes, shred_key: bytes, file: Id) -> bytes:
    """The key of a file's stream from its own random key: the same before and after a draft becomes a report."""
    return derive(sealed_key, shred_key, FILE, file.bytes)


@dataclass(frozen=True, slots=True)
class ReportKeys:
    """The two keys of a report, in memory only while somebody reads or writes in it."""

    tip_id: Id
    report_key: bytes = field(repr=False)
    shred_key: bytes = field(repr=False)

    @classmethod
    def fresh(cls, tip_id: Id, shred_key: bytes) -> ReportKeys:
        return cls(tip_id, new_key(), shred_key)

    def report(self) -> bytes:
        return derive(self.report_key, self.shred_key, REPORT, self.tip_id.bytes)

    def manifest(self) -> bytes:
        return derive(self.report_key, self.shred_key, MANIFEST, self.tip_id.bytes)

    def letter(self, letter: Id) -> bytes:
        return derive(self.report_key, self.shred_key, "message", letter.bytes)

    def record(self, record: Id) -> bytes:
        return derive(self.report_key, self.shred_key, RECORD, record.bytes)

    def file(self, entry: FileEntry) -> bytes:
        return file_key(entry.key, self.shred_key, entry.id)

    def evidence_tag(self, entry: FileEntry) -> str:
        """HMAC of a file's hash for the ledger: binds the file without telling anyone what it was."""
        key = derive(self.report_key, self.shred_key, "evidence", self.tip_id.bytes)
        return hmac.digest(key, bytes.fromhex(entry.sha256), hashlib.sha256).hex()

    def wrapped_to(self, recipient: PublicKey) -> bytes:
        """The report key sealed to an office or a mailbox."""
        return wrap(self.report_key, recipient, REPORT_KEY, self.tip_id.bytes)


def seal_body(report: Report, files: Sequence[FileEntry], keys: ReportKeys) -> TipBody:
    """The report and the manifest of its files, each sealed and padded."""
    manifest = json.dumps([file.to_json() for file in files], ensure_ascii=False).encode()
    tip = keys.tip_id.bytes
    return TipBody(
        tip_id=keys.tip_id,
        report=seal(report.to_json().encode(), keys.report(), REPORT, tip, Padding.REPORT),
        manifest=seal(manifest, keys.manifest(), MANIFEST, tip, Padding.MESSAGE),
    )


def body_hash(body: TipBody) -> str:
    """SHA-256, in hex, that binds a sealed report in the ledger."""
    return hashlib.sha256(body.report + body.manifest).hexdigest()


def open_body(body: TipBody, keys: ReportKeys) -> tuple[Report, tuple[FileEntry, ...]]:
    """The report and its files. Raises crypto errors when a byte was changed."""
    tip = keys.tip_id.bytes
    report = Report.from_json(own.open_sealed(body.report, keys.report(), REPORT, tip).decode())
    manifest = json.loads(own.open_sealed(body.manifest, keys.manifest(), MANIFEST, tip))
    return report, tuple(FileEntry.from_json(entry) for entry in manifest)


def seal_words(text: str, keys: ReportKeys, record: Id) -> bytes:
    """What staff wrote (a note, findings, a reason), sealed for those who may open the report."""
    return seal(text.encode(), keys.record(record), RECORD, record.bytes, Padding.MESSAGE)


def open_words(sealed: bytes, keys: ReportKeys, record: Id) -> str:
    return own.open_sealed(sealed, keys.record(record), RECORD, record.bytes).decode()


def seal_identity(identity: Identity, seats: Sequence[PublicKey], k: int, record: Id, shred_key: bytes) -> QuorumSealed:
    """Who the reporter is, so that k seats must act together. Exactly 1 KiB: raises Refused when it does not fit."""
    payload = identity.to_json().encode()
    try:
        return seal_for_quorum(payload, seats, k, IDENTITY, record.bytes, shred_key)
    except Malformed as error:
        raise Refused("identity_too_long", "姓名、地址和共同举报人合起来太长，请写短一些。") from error
