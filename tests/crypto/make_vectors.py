"""Makes the test vectors of the current format version: `python -m tests.crypto.make_vectors v1 [NAME…]`.

Run by hand once for each new version, or for one file that a version gets later. It never overwrites a file: vectors of
a version that has been used are a promise that its data stays readable, and the suite only reads them.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crypto import checkpoints, custody, kdf, opening, passphrase, receipts, sealing, signing, tree
from crypto.errors import MistypedCode
from crypto.keys import InnerKey, Purpose, inner_from_seed, own_from_seed
from crypto.sealing import Padding

VECTORS = Path(__file__).parent / "vectors"
RECORD = bytes(range(16))
CHEAP = kdf.KdfCost(64, 1, 1)


def fixed(label: str) -> bytes:
    return hashlib.sha256(b"mingjing test vector " + label.encode()).digest()


def keys() -> list[dict[str, str]]:
    rows = []
    for purpose in Purpose:
        seed = fixed(f"seed {purpose}")
        own = purpose in {Purpose.MAILBOX, Purpose.DRAFT, Purpose.SUPERVISOR}
        public = (own_from_seed(purpose, seed) if own else inner_from_seed(purpose, seed)).public
        rows.append(
            {
                "purpose": purpose.value,
                "seed": seed.hex(),
                "public_sha256": hashlib.sha256(public.raw).hexdigest(),
                "key_id": public.key_id.hex(),
                "fingerprint": public.fingerprint,
            }
        )
    return rows


def seats() -> list[InnerKey]:
    return [inner_from_seed(Purpose.SEAT, fixed(f"seat {i}")) for i in range(3)]


def sealed() -> dict[str, Any]:
    mailbox, office = fixed("seed mailbox"), fixed("seed office")
    staff = inner_from_seed(Purpose.STAFF, fixed("seed staff"))
    office_key = inner_from_seed(Purpose.OFFICE, office)
    mailbox_key = own_from_seed(Purpose.MAILBOX, mailbox)
    key, shred = fixed("key"), fixed("shred key")
    payload = "虚构的举报内容".encode()
    stream = io.BytesIO()
    sealer = sealing.seal_stream(key, "file", RECORD, stream)
    content = fixed("file") * 1025
    sealer.write(content)
    result = sealer.finish()
    quorum = sealing.seal_for_quorum(payload, [seat.public for seat in seats()], 2, "identity", RECORD, shred)
    return {
        "record": RECORD.hex(),
        "key": key.hex(),
        "shred_key": shred.hex(),
        "payload": payload.hex(),
        "derived_report": sealing.derive(key, shred, "report", RECORD).hex(),
        "derived_draft": sealing.derive(key, b"", "draft").hex(),
        "wrapped_to_mailbox": sealing.wrap(key, mailbox_key.public, "report-key", RECORD).hex(),
        "wrapped_to_office": sealing.wrap(key, office_key.public, "report-key", RECORD).hex(),
        "body": sealing.seal(payload, key, "message", RECORD, Padding.MESSAGE).hex(),
        "envelope": sealing.seal_to(
            payload, [office_key.public, mailbox_key.public], "letter", RECORD, Padding.MESSAGE
        ).hex(),
        "stream": {
            "sealed": stream.getvalue().hex(),
            "true_length": result.true_length,
            "sha256": result.sha256.hex(),
        },
        "quorum": {
            "k": 2,
            "seats": [seat.seed.hex() for seat in seats()],
            "body": quorum.body.hex(),
            "shares": [
                {"index": s.index, "seat": s.seat.hex(), "sealed": s.sealed.hex(), "digest": s.digest.hex()}
                for s in quorum.shares
            ],
        },
        "grant": opening.seal_grant(office_key, staff.public, RECORD).hex(),
        "locked": {
            "passphrase": "alpha bravo charlie delta echo foxtrot",
            "pepper": fixed("pepper").hex(),
            "blob": passphrase.lock(office, "alpha bravo charlie delta echo foxtrot", fixed("pepper"), CHEAP).hex(),
        },
        "session": {
            "cookie_secret": fixed("cookie").hex(),
            "boot_secret": fixed("boot").hex(),
            "blob": passphrase.lock_with_key(
                office, passphrase.session_key(fixed("cookie"), fixed("boot")), RECORD
            ).hex(),
        },
    }


def passed_on() -> dict[str, Any]:
    """The shares of the quorum in the version's `sealed` file: each passed on, and one sealed anew to a next key."""
    quorum = json.loads((VECTORS / f"{sys.argv[1]}-sealed.json").read_text("utf-8"))["quorum"]
    request = fixed("request")[:16]
    once, asker = inner_from_seed(Purpose.OPENING, fixed("once")), inner_from_seed(Purpose.STAFF, fixed("asker"))
    following = inner_from_seed(Purpose.SEAT, fixed("seat 0, next"))
    clear = [
        custody.open_share(
            bytes.fromhex(one["sealed"]), seat, one["index"], bytes.fromhex(one["digest"]), "identity", RECORD
        )
        for seat, one in zip(seats(), quorum["shares"], strict=True)
    ]
    return {
        "request": request.hex(),
        "once": once.seed.hex(),
        "asker": asker.seed.hex(),
        "passed": [custody.pass_share(share, once.public, asker.public, request).hex() for share in clear],
        "next_seat": following.seed.hex(),
        "sealed_anew": custody.seal_share(clear[0], following.public, "identity", RECORD).hex(),
    }


def codes() -> dict[str, Any]:
    body = "20461357980246135798024"
    digits = next(body + str(last) for last in range(10) if fits(body + str(last)))
    site = receipts.SiteSecrets(fixed("salt")[:16], {1: fixed("pepper 1"), 2: fixed("pepper 2")}, 2)
    r = receipts.slow_hash(receipts.parse(digits), site, CHEAP)
    rows = []
    for version in (1, 2):
        one, back = receipts.secrets_from(r, site, version), receipts.return_secrets(r, site, version)
        rows.append(
            {
                "version": version,
                "tag": one.tag.hex(),
                "mailbox_seed": one.mailbox.seed.hex(),
                "leaf": one.leaf.hex(),
                "return_tag": back.tag.hex(),
                "return_key": back.key.hex(),
            }
        )
    return {
        "digits": digits,
        "salt": site.salt.hex(),
        "peppers": {str(v): p.hex() for v, p in site.peppers.items()},
        "cost": [CHEAP.memory_kib, CHEAP.iterations, CHEAP.lanes],
        "slow_hash": r.hex(),
        "secrets": rows,
    }


def fits(digits: str) -> bool:
    try:
        receipts.ReceiptCode(digits)
    except MistypedCode:
        return False
    return True


def ledger() -> dict[str, Any]:
    leaves = [tree.leaf_hash(tree.entry_leaf(fixed(f"nonce {i}"), f'{{"seq":{i}}}'.encode())) for i in range(13)]
    nodes = {(level, index): value for level, index, value in tree.new_nodes(0, leaves, lambda _l, _i: b"")}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    private, verifier = signing.generate_signer("mingjing.example/vectors")
    note = signing.sign(checkpoints.Checkpoint("mingjing.example/vectors", 13, tree.root(13, read)), private)
    return {
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [tree.root(size, read).hex() for size in range(14)],
        "vkey": verifier,
        "note": note,
        "proof_of_5": checkpoints.proof_text(5, tree.inclusion_proof(5, 13, read), note),
        "consistency_6_13": [step.hex() for step in tree.consistency_proof(6, 13, read)],
    }


FILES: dict[str, Callable[[], Any]] = {
    "keys": keys, "sealed": sealed, "receipts": codes, "ledger": ledger, "custody": passed_on
}  # fmt: skip


def main() -> None:
    version, *names = sys.argv[1:]
    for name in names or FILES:
        with (VECTORS / f"{version}-{name}.json").open("x", encoding="utf-8") as file:
            json.dump(FILES[name](), file, indent=1, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    main()
