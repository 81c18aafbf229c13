"""What a reporter was told of the own reward: figure or reason, rule and trace, sealed under the keys of the report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self

from portal.rewards.claims import step_data, step_from
from portal.rewards.values import Step
from portal.tips.sealing import ReportKeys, open_words, seal_words


@dataclass(frozen=True, slots=True)
class Told:
    """``code``: the rule that stands against a reward, "" where there is one."""

    fen: int
    code: str
    schedule: str
    steps: tuple[Step, ...] = field(repr=False)

    def to_json(self) -> str:
        data = {"v": 1, "fen": self.fen, "code": self.code, "schedule": self.schedule}
        return json.dumps({**data, "trace": [step_data(step) for step in self.steps]}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote. Raises ValueError or KeyError on anything else."""
        data = json.loads(text)
        return cls(data["fen"], data["code"], data["schedule"], tuple(step_from(one) for one in data["trace"]))


def seal_told(told: Told, keys: ReportKeys) -> bytes:
    """Bound to the report: there is one such text at a time."""
    return seal_words(told.to_json(), keys, keys.tip_id)


def open_told(sealed: bytes, keys: ReportKeys) -> Told:
    """What was sealed. Crypto errors when a byte was changed."""
    return Told.from_json(open_words(sealed, keys, keys.tip_id))
