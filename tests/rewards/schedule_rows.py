"""A schedule of the district with a version that waits for its answer: for whoever walks through every page."""

from __future__ import annotations

from portal.kernel.clock import today
from portal.kernel.transaction import transaction
from portal.kernel.values import Id, new_id
from portal.rewards.entries import digest, entry_of, shipped_texts, written
from portal.rewards.models import RewardSchedule
from portal.rewards.schedule_values import VersionState
from tests.admin_tips.world import DISTRICT


def waiting_schedule(name: str, proposed: int, by: Id | None) -> dict[str, object]:
    """The versions of *name* before *proposed* were adopted, and that one waits. Gives the parts of its address."""
    entry = {**entry_of(shipped_texts()["hebei-2023"]), "id": name, "region": DISTRICT, "effective_to": "2025-12-31"}
    with transaction() as session:
        for version in range(1, proposed + 1):
            waits = version == proposed
            text = written({**entry, "cap_fen": 20_000_000 - version})
            session.add(
                RewardSchedule(
                    name=name, version=version, text=text, sha256=digest(text), why="按新文件修改（虚构）",
                    state=(VersionState.PROPOSED if waits else VersionState.ADOPTED).value,
                    proposed_by=by or new_id(), proposed_on=today(),
                )
            )  # fmt: skip
    return {"schedule": name, "version": proposed, "shape": "flat"}
