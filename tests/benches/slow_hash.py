"""``python -m tests.benches.slow_hash``: milliseconds of CPU of one slow hash, in a process of its own."""

from __future__ import annotations

import time

from crypto.kdf import RECEIPT_COST, argon2id
from portal.web.serving import give_large_blocks_back

TIMES = 15


def main() -> None:
    """Memory is managed as gunicorn's workers have it, if this was started in their surroundings."""
    give_large_blocks_back()
    argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    begun = time.process_time()
    for _ in range(TIMES):
        argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    print((time.process_time() - begun) * 1000 / TIMES)


if __name__ == "__main__":
    main()
