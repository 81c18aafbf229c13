"""``mingjing disclosures``: a file is checked without database or settings, and the table to fill in is written."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from openpyxl import load_workbook

from portal.cli import commands
from portal.disclosures.cells import EXAMPLE
from portal.disclosures.reading import TEMPLATE, read_figures
from portal.disclosures.template import DATA, PERMITTED, permitted, template

ROOT = Path(__file__).parents[2]
BULLETINS = Path(str(files("admin.demo") / "data" / "fund_bulletins.csv"))
HEAD = "year,region,fund,measure,value,unit,source_title,confidence,period,edition,note\n"
GOOD = "2025,南京市,职工医保,收入,428.10,亿元,演示公告（虚构）,high,全年,市级公告,\n"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["disclosures", *arguments])


def written(folder: Path, text: str) -> str:
    path = folder / "演示.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_bulletins_are_one_json_object_in_utf_8_without_database_settings_or_locale(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C"}
    line = [sys.executable, "-m", "admin.cli", "disclosures", "import", str(BULLETINS), "--check"]
    done = subprocess.run(line, env=environment, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    answer: Mapping[str, Any] = json.loads(done.stdout.decode("utf-8"))
    assert (answer["rows"], answer["errors"]) == (335, [])
    assert {"name", "item", "computed", "published", "difference", "verdict"} == set(answer["checks"][0])
    assert not list(tmp_path.iterdir())


def test_ten_thousand_rows_are_read_and_checked_in_half_a_gigabyte_at_most(tmp_path: Path) -> None:
    rows = (GOOD.replace("2025,南京市", f"{2000 + at % 25},未标明{at}") for at in range(10_000))
    line = [
        sys.executable,
        "-m",
        "admin.cli",
        "disclosures",
        "import",
        written(tmp_path, HEAD + "".join(rows)),
        "--check",
    ]
    bound = f'ulimit -v {512 * 1024} && exec "$@"'
    done = subprocess.run(["sh", "-c", bound, "sh", *line], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["rows"] == 10_000


def test_a_fault_is_said_with_row_and_column_and_the_rest_is_read_all_the_same(tmp_path: Path) -> None:
    done = call(
        "import", written(tmp_path, HEAD + GOOD + GOOD.replace("428.10", '"4,28"').replace("收入", "支出")), "--check"
    )
    answer = json.loads(done.stdout)
    assert done.exit_code == 1
    assert answer["rows"] == 1
    assert [(one["row"], one["column"]) for one in answer["errors"]] == [(3, "value")]


def test_a_file_that_is_no_table_is_one_error_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "演示.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    done = call("import", str(path), "--check")
    assert done.exit_code == 1
    assert [one["row"] for one in json.loads(done.stdout)["errors"]] == [0]


def test_wrong_usage_says_so_and_ends_with_two(tmp_path: Path) -> None:
    not_checked = call("import", written(tmp_path, HEAD + GOOD))
    assert (not_checked.exit_code, not_checked.stdout) == (2, "")
    assert "two people" in not_checked.stderr
    assert call("import", str(tmp_path / "nothing.csv"), "--check").exit_code == 2
    assert call("import", "--check").exit_code == 2


def test_the_template_is_written_once_and_never_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert json.loads(call("template", str(path)).stdout) == {"written": str(path)}
    path.write_bytes(b"filled in")
    again = call("template", str(path))
    assert again.exit_code == 2
    assert path.read_bytes() == b"filled in"


def test_the_template_is_the_same_bytes_every_time_and_has_every_heading() -> None:
    assert template() == template()
    sheet = load_workbook(io.BytesIO(template()))[DATA]
    assert [cell.value for cell in sheet[1]] == [names[0] for names in TEMPLATE.values()]


def test_the_example_of_the_template_is_never_taken_for_a_figure_and_is_right_but_for_that() -> None:
    reading = read_figures(template(), "模板.xlsx")
    assert [(one.row, one.column) for one in reading.errors] == [(2, "备注")]
    assert not reading.lines
    book = load_workbook(io.BytesIO(template()))
    note = next(cell for cell in book[DATA][2] if cell.value == EXAMPLE)
    note.value = None
    (line,) = read_figures(saved(book), "模板.xlsx").lines
    assert (line.figure.amount, line.figure.unit, line.figure.series.region) == ("1234.50", "万元", "320100")


def test_every_word_that_the_template_permits_is_read() -> None:
    sheet = load_workbook(io.BytesIO(template()))[PERMITTED]
    offered = {column[0].value: tuple(cell.value for cell in column[1:] if cell.value) for column in sheet.columns}
    assert offered == {TEMPLATE[field][0]: words for field, words in permitted().items()}
    book = load_workbook(io.BytesIO(template()))
    example = [cell.value or "" for cell in book[DATA][2]]
    for field, words in permitted().items():
        at = list(TEMPLATE).index(field)
        for word in (*words, "没有的词"):
            book[DATA].append([*example[:at], word, *example[at + 1 : -1]])
    named = [
        one
        for one in read_figures(saved(book), "模板.xlsx").errors
        if re.search("没有这个|要写下面|要写“", one.message)
    ]
    assert len(named) == len(permitted()), "a word that is not there is the only one that is turned away"


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
