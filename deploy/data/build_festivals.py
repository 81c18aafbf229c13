"""Prints portal/workdays/data/festivals.tsv for 2027-2060. Needs borax and holidays, which the product does not.

pip install borax holidays chinesecalendar
python deploy/data/build_festivals.py > portal/workdays/data/festivals.tsv
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

import holidays
from borax.calendars.lunardate import LunarDate
from chinese_calendar import get_solar_terms

NAMES = ("Chinese New Year (Spring Festival)", "Tomb-Sweeping Day", "Dragon Boat Festival", "Mid-Autumn Festival")


def festivals(year: int) -> tuple[date, ...]:
    """The four days of *year*. Raises SystemExit when the two libraries disagree."""
    qingming = next(day for day, name in get_solar_terms(date(year, 4, 1), date(year, 4, 30)) if name == "清明")
    lunar = [LunarDate(year, month, day).to_solar_date() for month, day in ((1, 1), (5, 5), (8, 15))]
    days = (lunar[0], qingming, lunar[1], lunar[2])
    other = holidays.China(years=year, language="en_US")
    for day, name in zip(days, NAMES, strict=True):
        if name not in other.get(day, ""):
            raise SystemExit(f"{name} {year}: {day} is not confirmed by the second library")
    return days


def main() -> None:
    made = f"borax {version('borax')}; every date agrees with holidays {version('holidays')} (both MIT)."
    print(
        "# Festivals that move: first day of the lunar year (春节), 清明, 端午, 中秋. "
        "Used only for years whose State Council"
    )
    print(f"# calendar is not out. Computed {date.today()} with {made}")  # noqa: DTZ011
    print("# Remade by deploy/data/build_festivals.py.")
    print("year", "spring", "qingming", "dragon_boat", "mid_autumn", sep="\t")
    for year in range(2027, 2061):
        print(year, *festivals(year), sep="\t")


if __name__ == "__main__":
    main()
