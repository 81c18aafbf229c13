"""What a mailbox session holds, sealed: what opens the mailbox, and what its owner is in the middle of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from crypto.keys import SEED_SIZE, scrub
from crypto.receipts import ReceiptCode
from portal.attachments.upload import Taken
from portal.attachments.values import FileEntry

TAG_SIZE, LEAF_SIZE = 32, 32


@dataclass(slots=True)
class Held:
    """``leaf`` stands in the public ledger and comes from the code alone. ``code`` is a new receipt code that its owner
    has not yet said to have saved. ``words`` and ``files`` belong to a letter that was not sent: what was typed when a
    session ended, and files of a letter that came back with an error.
    """

    tag: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    leaf: bytes = field(repr=False)
    code: ReceiptCode | None = field(default=None, repr=False)
    words: str = field(default="", repr=False)
    files: list[Taken] = field(default_factory=list, repr=False)

    def to_bytes(self) -> bytes:
        """For the sealed row of the session store: tag, seed and leaf as they are (seed to be wiped), then JSON."""
        rest = {
            "code": self.code.digits if self.code else None,
            "words": self.words,
            "files": [{"entry": one.entry.to_json(), "sealed": one.sealed_size} for one in self.files],
        }
        return self.tag + self.seed + self.leaf + json.dumps(rest).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> Held:
        """What :meth:`to_bytes` wrote. Raises ValueError or KeyError on anything else."""
        seed, leaf, ends = TAG_SIZE, TAG_SIZE + SEED_SIZE, TAG_SIZE + SEED_SIZE + LEAF_SIZE
        rest: dict[str, Any] = json.loads(payload[ends:])
        return cls(
            payload[:seed],
            payload[seed:leaf],
            payload[leaf:ends],
            ReceiptCode(rest["code"]) if rest["code"] else None,
            rest["words"],
            [Taken(FileEntry.from_json(one["entry"]), int(one["sealed"])) for one in rest["files"]],
        )

    def wipe(self) -> None:
        """Overwrite the seed."""
        scrub(self.seed)
