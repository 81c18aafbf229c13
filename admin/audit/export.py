"""Taking entries away with their proofs: a file that can be checked without this site, and on record that it was made.

Form: docs/formats/entries.md. One JSON value a line; the first says under which signed tree and what was searched for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from admin.audit.queries import Found, Wanted, matching, names_of, persons
from crypto import checkpoints, tree
from crypto.errors import CryptoError
from portal.kernel.actors import Actor
from portal.kernel.clock import Utc
from portal.kernel.errors import Refused
from portal.ledger.book import append
from portal.ledger.events import LedgerExported
from portal.ledger.proofs import Signed, inclusions, latest_checkpoint

FORMAT = "mingjing-ledger-export/1"
MOST = 1000
"""Entries in one file; the next file continues below them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The lines, and the position below which there is more (None: that was all)."""

    lines: Sequence[dict[str, Any]]
    next: int | None

    @property
    def text(self) -> str:
        """The file: JSON lines in UTF-8."""
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)


def export(session: Session, wanted: Wanted, vkey: str, actor: Actor, now: Utc) -> Exported:
    """Up to :data:`MOST` of the entries found, each proven under the newest signed checkpoint. On record first.

    Entries that no checkpoint covers yet are left out. Raises Refused ("not_signed") while nothing is signed, and
    ("ledger_bent") when an entry does not stand where it should: nothing is given out that would not verify.
    """
    signed = latest_checkpoint(session, vkey)
    if signed is None:
        raise Refused("not_signed", "记录簿还没有签名，现在不能带证明导出。请过一会儿再试。")
    size = signed.checkpoint.size
    below = size if wanted.before is None else min(wanted.before, size)
    rows, more = matching(session, _below(wanted, below), actor, MOST)
    try:
        lines = _proven(session, rows, signed)
    except CryptoError as error:
        raise Refused(
            "ledger_bent", "这些记录里有对不上的地方，没有导出。请让系统管理员运行 mingjing ledger verify 查明。"
        ) from error
    said = _searched(session, wanted)
    append(session, LedgerExported(len(rows), size, **said), actor, now)
    head = {
        "format": FORMAT,
        "vkey": vkey,
        "checkpoint": signed.note,
        "searched": said,
        "entries": len(rows),
        "next": more,
    }
    return Exported([head, *lines], more)


def _below(wanted: Wanted, position: int) -> Wanted:
    return Wanted(wanted.kind, wanted.subject, wanted.person, wanted.since, wanted.until, position, wanted.reads)


def _proven(session: Session, rows: Sequence[Found], signed: Signed) -> list[dict[str, Any]]:
    paths = inclusions(session, [row.seq for row in rows], signed.checkpoint)
    names = names_of(session, {row.actor_id for row in rows if row.actor_id is not None})
    lines = []
    for row, path in zip(rows, paths, strict=True):
        # A nonce that was destroyed leaves the leaf mute: then only the place in the tree is proven.
        leaf: bytes = row.leaf if row.nonce is None else tree.entry_leaf(row.nonce, row.payload)
        proof = checkpoints.proof_text(row.seq, path, signed.note, leaf)
        tree.verify_inclusion(tree.leaf_hash(leaf), row.seq, signed.checkpoint.size, path, signed.checkpoint.root)
        lines.append(
            {
                "line": row.seq + 1,
                "payload": row.payload.decode(),
                "nonce": row.nonce.hex() if row.nonce else None,
                "leaf": leaf.hex(),
                "person": names.get(row.actor_id, ""),
                "proof": proof,
            }
        )
    return lines


def _searched(session: Session, wanted: Wanted) -> dict[str, str]:
    """The search in codes and ids, as it may stand on the ledger: a name becomes the id of its bearer."""
    ids = persons(session, wanted.person) if wanted.person else []
    return {
        "wanted": "reads" if wanted.reads else wanted.kind,
        "person": ",".join(one.hex for one in ids),
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
        "number": wanted.subject,
    }
