"""Passphrases against locked seeds: the slow hash in its own slots, and the same work for a name that nobody has."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field

from crypto import passphrase
from crypto.errors import CryptoError
from crypto.kdf import KdfCost
from portal.signin.slots import Slots


@dataclass
class Vault:
    """Pepper and cost of passphrases, as the staff process was told."""

    pepper: bytes = field(repr=False)
    cost: KdfCost
    _decoy: bytes | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def lock(self, seed: bytes, words: str) -> bytes:
        """The seed under a passphrase. Raises Unavailable when no slot is free within two seconds."""
        with Slots.STAFF.held():
            return passphrase.lock(seed, words, self.pepper, self.cost)

    def unlock(self, locked: bytes | None, words: str) -> bytes | None:
        """The seed, or None for a wrong passphrase. Without a locked seed a decoy is tried, so that it takes as long.

        Raises Unavailable when no slot is free within two seconds.
        """
        blob = locked or self._decoy_blob()
        with Slots.STAFF.held():
            try:
                seed = passphrase.unlock(blob, words, self.pepper, self.cost)
            except CryptoError:
                return None
        return seed if locked else None

    def _decoy_blob(self) -> bytes:
        with self._lock:
            if self._decoy is None:
                self._decoy = passphrase.lock(secrets.token_bytes(32), passphrase.generate(), self.pepper, self.cost)
            return self._decoy
