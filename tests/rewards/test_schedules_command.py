"""``mingjing reward schedules``: every shipped schedule in one line, with what it needs to be judged by."""

from __future__ import annotations

import json

from click.testing import CliRunner

from admin.cli import _mingjing
from portal.rewards.schedule import shipped


def test_every_shipped_schedule_is_one_line_by_region() -> None:
    told = CliRunner().invoke(_mingjing, ["reward", "schedules"])
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.exit_code == 0 and {line["id"] for line in lines} == set(shipped())
    assert [line["region"] for line in lines] == sorted(one.region for one in shipped().values())
    beijing = next(line for line in lines if line["id"] == "beijing-2023")
    assert (beijing["status"], beijing["from"], beijing["to"]) == ("in_force", "2023-11-16", None)
    assert (beijing["floor_fen"], beijing["cap_fen"], beijing["tables"]) == (50_000, 20_000_000, 2)
    assert beijing["confidence"]["effective_from"] == "inferred"
