"""A name is asked for, two keepers consent, and the asker reads it: over HTTP, in real processes, with paper codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from crypto import custody, opening, sealing, shares
from crypto.keys import PublicKey, Purpose
from portal.custody.models import IdentityRequest
from portal.kernel.shred import read_shred_key
from portal.kernel.transaction import reading
from portal.tips.models import IdentityRecord, IdentityShare
from portal.tips.sealing import IDENTITY
from tests.benches.deployment import COUNTY, KEEPERS, Deployment
from tests.benches.keepers import own_key, seat_key
from tests.benches.served import Served
from tests.benches.staff_rows import signed_in
from tests.benches.visitor import Visitor

CONSENTING = KEEPERS[:2]


@dataclass
class Opened:
    """Everybody is still signed in, and the asker's page shows the name."""

    asker: Visitor
    keepers: list[Visitor]

    def sign_out(self) -> None:
        for visitor in (self.asker, *self.keepers):
            visitor.get("/sign-in/").post("/sign-in/out", follow=False)
            assert visitor.status == 303


def open_name(staff: Served, deployment: Deployment, number: str, why: str, asker: Visitor | None = None) -> Opened:
    """From the question to the name. *asker*: who is signed in already."""
    asker = asker or signed_in(staff, deployment.people[COUNTY])
    asker.get(f"/tips/{number}/")
    asker.get(f"/tips/{number}/identity/")
    asker.post(use="identity", reason="facts", words=why, code=_paper(deployment, COUNTY))
    found = re.search(rf"/tips/{number}/identity/([0-9a-f-]{{36}})/", asker.text)
    assert asker.status == 200 and found, f"asking answered {asker.status}"
    keepers = []
    for name in CONSENTING:
        keeper = signed_in(staff, deployment.people[name])
        keeper.get(f"/custody/{found[1]}/")
        assert why in keeper.words
        keeper.post(answer="consent", code=_paper(deployment, name))
        assert keeper.status == 200, f"the consent was answered {keeper.status}"
        keepers.append(keeper)
    asker.get(f"/tips/{number}/identity/{found[1]}/")
    asker.post(code=_paper(deployment, COUNTY), follow=False)
    assert asker.status == 200, f"looking was answered {asker.status}"
    return Opened(asker, keepers)


def _paper(deployment: Deployment, name: str) -> str:
    return deployment.people[name].codes.pop()


def keys_of_opening(deployment: Deployment) -> dict[str, bytes]:
    """Every secret on the way to the name, worked out once more: seat keys, one-time key, shares, identity key."""
    with deployment.opened(), reading() as session:
        request = session.scalars(select(IdentityRequest)).one()
        record = session.get_one(IdentityRecord, request.record_id)
        once_public = PublicKey(Purpose.OPENING, request.once_public or b"")
        asker = own_key(deployment, COUNTY)
        found = {
            "one-time key": opening.open_grant(request.once_sealed or b"", asker, once_public, request.id.bytes).seed
        }
        clear = []
        for name in CONSENTING:
            key = seat_key(deployment, session, name)
            assert key is not None
            share = session.scalars(
                select(IdentityShare).where(
                    IdentityShare.record_id == record.id, IdentityShare.key_id == key.public.key_id
                )
            ).one()
            clear.append(custody.open_share(share.sealed, key, share.position, share.digest, IDENTITY, record.id.bytes))
            found[f"seat key of {name}"] = key.seed
            found[f"share of {name}"] = clear[-1][1:]
        whole = shares.combine(clear, record.k)
        found["identity key"] = whole
        found["key of the name's body"] = sealing.quorum_key(
            whole, read_shred_key(record.tip_id), IDENTITY, record.id.bytes
        )
        return {name: bytes(secret) for name, secret in found.items()}
