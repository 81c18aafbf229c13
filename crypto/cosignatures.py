"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): what is signed, and checking it.

A cosignature says: at that second, this was the largest tree of this ledger that the witness had seen, and it continues
every tree that the witness saw before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto import checkpoints
from crypto.checkpoints import COSIGNATURE, Checkpoint
from crypto.errors import CryptoError, Malformed, Tampered, WrongKey

SIGNATURE_SIZE = 8 + 64
LAST_SECOND = 2**63 - 1
_LAST_DAY = 253_402_214_400  # 31 December 9999: a date beyond cannot be written


@dataclass(frozen=True)
class Cosignature:
    """A cosignature that held: whose, at which second since 1970, and its line word for word, with its line end."""

    witness: str
    at: int
    line: str

    @property
    def when(self) -> datetime:
        """The second at which it was made, as the witness says, in UTC."""
        return datetime.fromtimestamp(min(self.at, _LAST_DAY), UTC)


def cosigned_message(text: str, at: int) -> bytes:
    """The bytes that a witness signs: two lines of its own, then the three lines of the checkpoint."""
    if not 0 < at <= LAST_SECOND:
        raise Malformed("a cosignature carries the second at which it was made")
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def verify_line(line: str, checkpoint: Checkpoint, pinned: str) -> Cosignature:
    """The cosignature in a signature line, once the pinned witness key's signature on the checkpoint holds.

    WrongKey when the line is another key's, Tampered when the signature fails, Malformed when it is not a line.
    """
    name, public = checkpoints.read_vkey(pinned, COSIGNATURE)
    signer, hint, stamped = checkpoints.read_signature(line.removesuffix("\n"))
    if (signer, hint) != (name, checkpoints.key_id(name, public, COSIGNATURE)):
        raise WrongKey("this line is not signed by the pinned witness")
    if len(stamped) != SIGNATURE_SIZE:
        raise Malformed("a cosignature is a time and an Ed25519 signature")
    at = int.from_bytes(stamped[:8], "big")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(stamped[8:], cosigned_message(checkpoint.text, at))
    except InvalidSignature:
        raise Tampered("the signature of a witness does not hold") from None
    return Cosignature(name, at, f"{line.removesuffix(chr(10))}\n")


def verify_any(line: str, checkpoint: Checkpoint, pinned: Sequence[str]) -> Cosignature | None:
    """The cosignature, if any of the pinned witnesses made it on this checkpoint; None for everything else."""
    for vkey in pinned:
        try:
            return verify_line(line, checkpoint, vkey)
        except CryptoError:
            continue
    return None
