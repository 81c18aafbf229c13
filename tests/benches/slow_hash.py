"""``python -m tests.benches.slow_hash``: ms of CPU of one slow hash, the best of some, in a process of its own."""

from __future__ import annotations

import time

from crypto.kdf import RECEIPT_COST, argon2id
from portal.web.serving import give_large_blocks_back

TIMES = 15


def main() -> None:
    """Memory is managed as gunicorn's workers have it, if this was started in their surroundings."""
    give_large_blocks_back()
    argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
    took = []
    for _ in range(TIMES):
        begun = time.process_time()
        argon2id(b"0" * 24, b"salt" * 8, RECEIPT_COST)
        took.append(time.process_time() - begun)
    print(min(took) * 1000)


if __name__ == "__main__":
    main()
