"""Makes portal/exposures/fonts/han.woff2: the letters of share pictures, cut out of a font whose licence allows it.

    python deploy/data/build_han_font.py NotoSansCJK-Regular.ttc Unihan_OtherMappings.txt

Needs fonttools and brotli, in an environment of its own. Sources: Noto Sans CJK SC 2.004 (SIL Open Font License 1.1, no
reserved name), as the Debian package fonts-noto-cjk brings it, and the Unihan database (Unicode 11 or later), whose
field kTGH is the 通用规范汉字表 of 2013: 8,105 characters, those of names and places among them. Kept: these, GB 2312,
ASCII, every character of the names of divisions, and the empty box for whatever else. Hinting and layout tables are
left out. The same sources make the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[2]
NAMES = ROOT / "portal" / "directory" / "data"
OUT = ROOT / "portal" / "exposures" / "fonts" / "han.woff2"
SC = 2  # the place of Simplified Chinese in the collection


def wanted(unihan: Path) -> set[int]:
    """Code points to keep."""
    kept = {*range(0x20, 0x7F), *(ord(char) for char in "·—…“”‘’￥×"), *listed(unihan)}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            kept |= {ord(char) for char in bytes((row, cell)).decode("gb2312", "ignore")}
    for path in sorted(NAMES.glob("*")):
        if path.suffix in (".tsv", ".csv", ".toml", ".json"):
            kept |= {ord(char) for char in path.read_text("utf-8") if ord(char) > 0x2000}
    return kept


def listed(unihan: Path) -> Iterator[int]:
    """The characters of the 通用规范汉字表."""
    for line in unihan.read_text("utf-8").splitlines():
        if "\tkTGH\t" in line:
            yield int(line.partition("\t")[0].removeprefix("U+"), 16)


def main() -> None:
    font = TTFont(sys.argv[1], fontNumber=SC, recalcTimestamp=False)
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.layout_features = []
    options.drop_tables += ["vhea", "vmtx", "VORG", "GPOS", "GSUB", "GDEF", "BASE"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted(Path(sys.argv[2])))
    cutter.subset(font)
    font.flavor = "woff2"
    font.save(OUT)
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(font.getBestCmap())} characters")


if __name__ == "__main__":
    main()
