"""Signing checkpoints. The worker alone holds the signer; nothing of the public site may import this module."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto import checkpoints
from crypto.checkpoints import ED25519, Checkpoint
from crypto.errors import Malformed, WrongKey

PREFIX = "PRIVATE+KEY+"


def generate_signer(name: str) -> tuple[str, str]:
    """A fresh Ed25519 key for the ledger of that name: (private text to keep secret, verifier key text to pin)."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    verifier = checkpoints.vkey(name, public)
    seed = base64.b64encode(bytes((ED25519,)) + key.private_bytes_raw()).decode()
    return f"{PREFIX}{name}+{checkpoints.key_id(name, public).hex()}+{seed}", verifier


def sign(checkpoint: Checkpoint, signer: str) -> str:
    """The signed note of a checkpoint. Malformed when the private text cannot be read, WrongKey when the checkpoint
    is of another ledger: a key signs only under its own name."""
    name, key = _read(signer)
    if checkpoint.origin != name:
        raise WrongKey("this key does not sign for that ledger")
    public = key.public_key().public_bytes_raw()
    signature = checkpoints.key_id(name, public) + key.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n— {name} {base64.b64encode(signature).decode()}\n"


def verifier_of(signer: str) -> str:
    """The verifier key text that belongs to a private text."""
    name, key = _read(signer)
    return checkpoints.vkey(name, key.public_key().public_bytes_raw())


def _read(signer: str) -> tuple[str, Ed25519PrivateKey]:
    text = signer.strip()
    parts = text.removeprefix(PREFIX).split("+", 2)
    if not text.startswith(PREFIX) or len(parts) != 3:
        raise Malformed("not a signing key")
    raw = checkpoints.unbase64(parts[2])
    if len(raw) != 33 or raw[0] != ED25519:
        raise Malformed("not an Ed25519 signing key")
    key = Ed25519PrivateKey.from_private_bytes(raw[1:])
    if parts[1] != checkpoints.key_id(parts[0], key.public_key().public_bytes_raw()).hex():
        raise Malformed("the hash in a signing key does not fit")
    return parts[0], key
