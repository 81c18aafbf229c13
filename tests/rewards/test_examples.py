"""83 worked figures, published or computed by hand, come out to the fen; what is marked as an error is refused."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from portal.rewards.lines import answer_line
from portal.rewards.schedule import shipped
from portal.rewards.values import Status

TODAY = date(2026, 9, 28)
ROWS = list(csv.DictReader((Path(__file__).parent / "data" / "examples.csv").open(encoding="utf-8")))


def line_of(row: dict[str, str], **more: object) -> bytes:
    circumstances = dict(pair.split("=", 1) for pair in row["circumstances"].split(";") if pair)
    circumstances.pop("expect", None)
    given = {
        "schedule": row["schedule_id"],
        "case_value_fen": int(row["case_value_fen"]),
        "subject_type": row["subject_type"],
        "grade": row["grade"] or None,
        "circumstances": circumstances,
        **more,
    }
    return json.dumps(given).encode()


def named(row: dict[str, str]) -> str:
    return "-".join(filter(None, (row["schedule_id"], row["case_value_yuan"], row["grade"], row["circumstances"])))


def test_there_are_83_examples() -> None:
    assert len(ROWS) == 83


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_figure_is_the_worked_one(row: dict[str, str]) -> None:
    found = answer_line(line_of(row, override=True), shipped(), TODAY)
    if "expect=error" in row["circumstances"]:
        assert "refused" in found and found["reason"]
    else:
        assert found["reward_fen"] == int(row["expected_reward_fen"]), found


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_without_override_only_a_schedule_in_force_gives_a_figure(row: dict[str, str]) -> None:
    plain, overridden = (answer_line(line_of(row, override=asked), shipped(), TODAY) for asked in (False, True))
    if shipped()[row["schedule_id"]].status is Status.IN_FORCE:
        assert plain == overridden and "official" not in plain
    else:
        assert "refused" in plain
        assert "refused" in overridden or overridden["official"] is False
