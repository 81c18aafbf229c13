"""Sums of money as people write them. Pure; no float touches money."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from portal.kernel.errors import Refused
from portal.kernel.values import Fen

MOST_YUAN = Decimal(10) ** 13
_UNITS = {"": 1, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_SUM = re.compile(
    r"(?:约|大约|大概|人民币|rmb|¥|￥)*([0-9]{1,16}(?:\.[0-9]{1,8})?)(百万|十万|千万|百|千|万|亿)?(?:元|块钱?|yuan|rmb)?(?:左右|上下)?",
    re.I,
)

_PLAIN = re.compile(
    r"(?:人民币|¥)?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16})(\.[0-9]{1,8})?(百万|十万|千万|百|千|万|亿)?元?"
)


def parse_amount(text: str) -> Fen | None:
    """Fen from ``3000``, ``３，０００元``, ``1.5万`` …; None for nothing. Raises Refused ("bad_amount")."""
    plain = re.sub(r"[\s,，_]", "", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    found = _SUM.fullmatch(plain)
    yuan = Decimal(found[1]) * _UNITS[found[2] or ""] if found else None
    if yuan is None or yuan > MOST_YUAN:
        raise Refused("bad_amount", "金额要写数字，单位是元，例如 3000 或 1.5万；不清楚可以不填。")
    return Fen(int(yuan * 100))


def parse_exact(text: str) -> Fen | None:
    """Fen from a sum that a decision states, written as in :func:`parse_amount` but never "约"; None for nothing.

    Raises Refused: "negative_amount", "amount_below_fen" (more than two decimals: nothing is rounded), "bad_amount".
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("，", ",")
    if not plain:
        return None
    if plain[0] in "-−负":
        raise Refused("negative_amount", "金额不能是负数。")
    found = _PLAIN.fullmatch(plain)
    if found is None:
        raise Refused("bad_amount", "金额要写准确的数字，单位是元，例如 52300.50，不写“约”；没有的填 0。")
    fen = Decimal(found[1].replace(",", "") + (found[2] or "")) * _UNITS[found[3] or ""] * 100
    if fen != int(fen):
        raise Refused("amount_below_fen", "金额最多写到分，也就是小数点后两位。")
    if fen > MOST_YUAN * 100:
        raise Refused("bad_amount", "金额太大了，请检查单位是不是元。")
    return Fen(int(fen))


def amount_words(fen: int, grouped: bool = False) -> str:
    """The sum in yuan as a form shows it again: ``3000`` or ``0.50``; *grouped* for reading: ``3,000``."""
    yuan, rest = divmod(fen, 100)
    whole = f"{yuan:,}" if grouped else str(yuan)
    return f"{whole}.{rest:02d}" if rest else whole
