"""Schedules are data: what is wrong with one is said with its name and the field."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest

from portal.kernel.errors import Refused
from portal.rewards.schedule import parse, parse_all, shipped
from portal.rewards.values import Status

TEXT = (files("portal.rewards") / "data" / "schedules.json").read_text(encoding="utf-8")
ENTRIES: dict[str, dict[str, Any]] = {one["id"]: one for one in json.loads(TEXT)["schedules"]}


def changed(name: str, path: str, value: object) -> dict[str, Any]:
    entry = deepcopy(ENTRIES[name])
    at: Any = entry
    *way, last = path.split(".")
    for key in way:
        at = at[int(key) if key.isdigit() else key]
    at[int(last) if last.isdigit() else last] = value
    return entry


def test_forty_two_schedules_are_shipped_and_one_in_force_names_its_start() -> None:
    assert len(shipped()) == 42
    for one in shipped().values():
        if one.status is Status.IN_FORCE:
            assert one.tables and one.starts() is not None and one.cap_fen is not None, one.id


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        ("beijing-2023", "region", "11", "region"),
        ("beijing-2023", "status", "maybe", "status"),
        ("beijing-2023", "effective_from", "2023-11-31", "effective_from"),
        ("beijing-2023", "effective_to", "2023-11-15", "effective_to"),
        ("beijing-2023", "floor_fen", -1, "floor_fen"),
        ("beijing-2023", "floor_fen", 20_000_001, "floor_fen"),
        ("beijing-2023", "cap_fen", 1.5, "cap_fen"),
        ("beijing-2023", "tables", [], "正在施行"),
        ("beijing-2023", "tables.0.bands.0.rate", 0.02, "rate"),
        ("beijing-2023", "tables.0.bands.0.rate", "2%", "rate"),
        ("beijing-2023", "tables.0.bands.1.upper_fen", 1, "上限"),
        ("beijing-2023", "tables.0.bands.0.upper_inclusive", None, "upper_inclusive"),
        ("beijing-2023", "tables.0.when", {"subject": "dog"}, "when"),
        ("beijing-2023", "tables.1.when", {"subject": "institution"}, "适用条件"),
        ("beijing-2023", "confidence.rates", "sure", "confidence"),
        ("beijing-2023", "rounding.unit_fen", 0, "unit_fen"),
        ("beijing-2023", "surprise", 1, "不认识"),
        ("sichuan-2023", "tables.0.bands.1.base_fen", 200_001, "不连续"),
        ("sichuan-2023", "tables.0.bands.1.over_fen", 0, "起算"),
        ("sichuan-2023", "tables.0.bands.0.upper_fen", 100_000_100, "从小到大"),
        ("sichuan-2023", "tables.0.bands.0.upper_fen", 1_000_001, "整元"),
        ("gansu-2019", "tables.0.bands.0.rate_max", "0.01", "rate_max"),
        ("quanzhou-2019", "no_loss.max_fen", 1, "max_fen"),
        ("quanzhou-2019", "uplift.relations", ["outsider"], "relations"),
        ("quanzhou-2019", "uplift.kind", "square", "kind"),
    ],
)
def test_a_fault_is_named(name: str, path: str, value: object, said: str) -> None:
    with pytest.raises(Refused) as error:
        parse(changed(name, path, value))
    assert error.value.code == "bad_schedule"
    assert name in error.value.message and said in error.value.message


@pytest.mark.parametrize("field", sorted(ENTRIES["beijing-2023"]))
def test_a_missing_field_is_named(field: str) -> None:
    entry = {key: value for key, value in ENTRIES["beijing-2023"].items() if key != field}
    with pytest.raises(Refused) as error:
        parse(entry)
    assert field in error.value.message


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schedules": 1}', '{"schedules": [1]}', "[" * 100_000])
def test_what_is_no_set_of_schedules_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_all(text)


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(Refused):
        parse_all(json.dumps({"version": "1", "schedules": [ENTRIES["beijing-2023"]] * 2}))
