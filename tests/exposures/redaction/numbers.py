"""Numbers, addresses and days that are well formed and belong to nobody, and ways of disguising them."""

from __future__ import annotations

import random
from collections.abc import Callable

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from tests.exposures.redaction.pools import ESTATES, MAIL_HOSTS, MAIL_WORDS, STREETS, WECHAT, half

REGIONS = [
    "110105",
    "320102",
    "320106",
    "320583",
    "321002",
    "340104",
    "440304",
    "510107",
    "540102",
    "632122",
    "650102",
    "653201",
    "150702",
    "330106",
    "370203",
    "420106",
]
AREA_CODES = ["025", "010", "021", "0512", "0514", "0971", "0891", "0991"]
BANKS = ["621700", "622848", "622202", "621226", "622588", "621660", "623058"]
PROVINCES = "苏沪浙京粤鲁青藏新蒙川皖"
HANZI = "零一二三四五六七八九"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
LETTERS = str.maketrans({"0": "O", "1": "l", "5": "S"})
FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def id_number(rng: random.Random) -> str:
    """Eighteen places with a check digit that fits; the running number 000 is given to nobody."""
    day = f"{rng.randrange(1938, 2012)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    body = rng.choice(REGIONS) + day + "000"
    return body + mod_11_2.calc_check_digit(body)


def old_id_number(rng: random.Random) -> str:
    """Fifteen places, as until 1999; the running number 000 is given to nobody."""
    return rng.choice(REGIONS) + f"{rng.randrange(30, 99)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}000"


def mobile(rng: random.Random) -> str:
    return (
        rng.choice(
            ["135", "138", "139", "150", "152", "158", "170", "177", "180", "186", "189", "191", "198", "166", "147"]
        )
        + "0000"
        + digits(rng, 4)
    )


def landline(rng: random.Random) -> str:
    code = rng.choice(AREA_CODES)
    number = "5555" + digits(rng, 4 if len(code) == 3 else 3)
    return rng.choice(
        [f"{code}-{number}", f"({code}){number}", f"{code} {number}", f"{code}{number}", f"（{code}）{number}"]
    )


def card(rng: random.Random) -> str:
    body = rng.choice(BANKS) + "0000" + digits(rng, rng.choice([5, 8]))
    return body + luhn.calc_check_digit(body)


def email(rng: random.Random, which: int) -> str:
    return f"{rng.choice(half(MAIL_WORDS, which))}@{rng.choice(MAIL_HOSTS)}"


def wechat(rng: random.Random, which: int) -> str:
    return rng.choice(half(WECHAT, which))


def qq(rng: random.Random) -> str:
    return rng.choice("123456789") + digits(rng, rng.randrange(5, 10))


def plate(rng: random.Random) -> str:
    """Common, with a dot, new energy (small and large), and with a closing word."""
    head = rng.choice(PROVINCES) + rng.choice("ABCDEFGH")
    tail = rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + digits(rng, 4)
    return rng.choice(
        [
            head + tail,
            head + digits(rng, 5),
            f"{head}·{tail}",
            f"{head}D{digits(rng, 5)}",
            f"{head}{digits(rng, 5)}F",
            f"{head}{digits(rng, 4)}{rng.choice('学警领挂')}",
            f"粤Z{digits(rng, 4)}{rng.choice('港澳')}",
            f"{head}{digits(rng, 3)}{rng.choice('XKLT')}{digits(rng, 1)}",
        ]
    )


def record_number(rng: random.Random) -> str:
    """What a hospital calls 住院号, 门诊号 or 病历号."""
    return rng.choice(
        [digits(rng, 7), "ZY" + digits(rng, 10), "00" + digits(rng, 6), "M" + digits(rng, 8), f"2025{digits(rng, 6)}"]
    )


def insurance_number(rng: random.Random) -> str:
    return rng.choice(
        [
            digits(rng, 10),
            "A" + digits(rng, 8),
            digits(rng, 9),
            "32" + digits(rng, 10),
            rng.choice("BCDE") + digits(rng, 9),
        ]
    )


def address(rng: random.Random, which: int) -> str:
    street, estate = rng.choice(half(STREETS, which)), rng.choice(half(ESTATES, which))
    house, block, unit, room = (
        rng.randrange(1, 300),
        rng.randrange(1, 40),
        rng.randrange(1, 6),
        rng.randrange(101, 2500),
    )
    return rng.choice(
        [
            f"{street}{house}号{estate}{block}栋{unit}单元{room}室",
            f"{estate}{block}幢{unit}单元{room}室",
            f"{estate}{block}号楼{room}室",
            f"{street}{house}弄{block}号{room}室",
            f"{street}{house}号{room}室",
            f"{estate}{block}栋{room}",
            f"{street}{house}-{block}号",
            f"{estate}二期{block}幢{room}室",
            f"{estate}{HANZI[rng.randrange(1, 10)]}栋{HANZI[rng.randrange(1, 6)]}单元{room}",
        ]
    )


def day(rng: random.Random) -> str:
    """A day as people write it, often with the hour."""
    year, month, number = rng.choice([2025, 2026]), rng.randrange(1, 13), rng.randrange(1, 29)
    hour = rng.choice(["", "", "上午", "下午三点", "晚上8点多", "上午9点40分", "早上"])
    return rng.choice(
        [
            f"{year}年{month}月{number}日{hour}",
            f"{month}月{number}日{hour}",
            f"{month}月{number}号{hour}",
            f"{year}-{month:02}-{number:02}",
            f"{year}/{month}/{number}",
            f"{year}.{month}.{number}",
            f"{year}年{month:02}月{number:02}日",
            f"{_spelt(month)}月{_spelt(number)}日",
            f"{_spelt(month)}月{_spelt(number)}号{hour}",
            f"二〇二{HANZI[year % 10]}年{_spelt(month)}月{_spelt(number)}日",
            f"上周{rng.choice('一二三四五六日')}{hour}",
            f"昨天{hour or '中午'}",
            f"前天{hour or '夜里'}",
            f"本月{number}号",
            f"上个月{number}号{hour}",
            f"正月初{_spelt(rng.randrange(1, 10))}",
            f"{str(year)[2:]}年{month}月{number}号",
            f"今天{hour or '上午'}",
            f"{year}{month:02}{number:02}",
            f"这个月{number}日",
        ]
    )


def _spelt(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = ("", "十", "二十", "三十")[tens]
    return head + (HANZI[ones] if ones or not tens else "")


def full_width(value: str, rng: random.Random) -> str:
    return value.translate(FULL_WIDTH)


def zero_width(value: str, rng: random.Random) -> str:
    """Two or more invisible characters inside."""
    for _ in range(rng.randrange(2, 5)):
        at = rng.randrange(1, len(value))
        value = value[:at] + rng.choice(ZERO_WIDTH) + value[at:]
    return value


def _grouped(value: str, rng: random.Random, by: str) -> str:
    if rng.random() < 0.2:
        return by.join(value)
    size = rng.choice([3, 4, 6])
    return by.join(value[at : at + size] for at in range(0, len(value), size))


def spaced(value: str, rng: random.Random) -> str:
    return _grouped(value, rng, rng.choice([" ", " ", "  ", "\u3000", "\u00a0"]))


def broken(value: str, rng: random.Random) -> str:
    """A line break in the middle, as in text copied from a picture."""
    at = rng.randrange(2, len(value) - 1)
    return value[:at] + rng.choice(["\n", "\r\n", " \n"]) + value[at:]


def hyphened(value: str, rng: random.Random) -> str:
    return _grouped(value, rng, rng.choice("--–—_"))


def dotted(value: str, rng: random.Random) -> str:
    return _grouped(value, rng, rng.choice("..·．、"))


def lettered(value: str, rng: random.Random) -> str:
    """O for 0, l for 1, S for 5, as a scanner misreads."""
    places = [at for at, char in enumerate(value) if char in "015"]
    chosen = rng.sample(places, min(len(places), rng.randrange(1, 4)))
    return "".join(char.translate(LETTERS) if at in chosen else char for at, char in enumerate(value))


def in_hanzi(value: str, rng: random.Random) -> str:
    zero, one = rng.choice("零〇"), rng.choice("一幺")
    table = {"0": zero, "1": one, **{str(n): HANZI[n] for n in range(2, 10)}}
    return "".join(table.get(char, char) for char in value)


def at_in_words(value: str, rng: random.Random) -> str:
    return value.replace("@", rng.choice(["＠", " @ ", "(at)", "[at]", " at "]))


Disguise = Callable[[str, random.Random], str]
OF_NUMBERS: tuple[Disguise, ...] = (full_width, zero_width, spaced, broken, hyphened, dotted, lettered, in_hanzi)
OF_LABELLED: tuple[Disguise, ...] = (full_width, zero_width, spaced)
OF_NAMES: tuple[Disguise, ...] = (zero_width, spaced)
