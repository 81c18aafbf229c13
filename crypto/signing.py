"""Signing checkpoints (the worker alone holds that key) and cosigning those of others (a witness, elsewhere).

Nothing of the public site may import this module.
"""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto import checkpoints
from crypto.checkpoints import COSIGNATURE, ED25519, Checkpoint
from crypto.cosignatures import cosigned_message
from crypto.errors import Malformed, WrongKey

PREFIX = "PRIVATE+KEY+"


def generate_signer(name: str, kind: int = ED25519) -> tuple[str, str]:
    """A fresh Ed25519 key for the ledger of that name: (private text to keep secret, verifier key text to pin).

    *kind* COSIGNATURE: for the witness of that name instead.
    """
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    verifier = checkpoints.vkey(name, public, kind)
    seed = base64.b64encode(bytes((kind,)) + key.private_bytes_raw()).decode()
    return f"{PREFIX}{name}+{checkpoints.key_id(name, public, kind).hex()}+{seed}", verifier


def sign(checkpoint: Checkpoint, signer: str) -> str:
    """The signed note of a checkpoint. Malformed when the private text cannot be read, WrongKey when the checkpoint
    is of another ledger: a key signs only under its own name."""
    name, key = _read(signer)
    if checkpoint.origin != name:
        raise WrongKey("this key does not sign for that ledger")
    public = key.public_key().public_bytes_raw()
    signature = checkpoints.key_id(name, public) + key.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n— {name} {base64.b64encode(signature).decode()}\n"


def cosign(checkpoint: Checkpoint, witness: str, at: int) -> str:
    """The signature line of a witness on a checkpoint, at *at* (seconds since 1970): tlog-cosignature, Ed25519.

    Malformed when the private text is not that of a witness. Whether the checkpoint may be cosigned is
    :func:`crypto.witness.judge`'s question.
    """
    name, key = _read(witness, COSIGNATURE)
    stamped = at.to_bytes(8, "big") + key.sign(cosigned_message(checkpoint.text, at))
    hint = checkpoints.key_id(name, key.public_key().public_bytes_raw(), COSIGNATURE)
    return f"— {name} {base64.b64encode(hint + stamped).decode()}\n"


def verifier_of(signer: str, kind: int = ED25519) -> str:
    """The verifier key text that belongs to a private text."""
    name, key = _read(signer, kind)
    return checkpoints.vkey(name, key.public_key().public_bytes_raw(), kind)


def _read(signer: str, kind: int = ED25519) -> tuple[str, Ed25519PrivateKey]:
    text = signer.strip()
    parts = text.removeprefix(PREFIX).split("+", 2)
    if not text.startswith(PREFIX) or len(parts) != 3:
        raise Malformed("not a signing key")
    raw = checkpoints.unbase64(parts[2])
    if len(raw) != 33 or raw[0] != kind:
        raise Malformed("not an Ed25519 signing key of this kind")
    key = Ed25519PrivateKey.from_private_bytes(raw[1:])
    if parts[1] != checkpoints.key_id(parts[0], key.public_key().public_bytes_raw(), kind).hex():
        raise Malformed("the hash in a signing key does not fit")
    return parts[0], key
