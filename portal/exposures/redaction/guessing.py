"""What may be a name by its surname, its characters or its place in the sentence; put before a person. Pure.

The dictionary leaves the characters of a name as words of one character. A surname that stands so, with one or two
characters behind it, is put before a person; where more is known, :mod:`portal.exposures.redaction.names` masks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from portal.exposures.redaction.data import surnames, words
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.reading import HAN, NEVER, Reading, counted, fits, is_word, word_surnames
from portal.exposures.redaction.values import Kind

_DOES = (
    r"(?:说|讲|问|让我|叫我|叫人|告诉|签[字名的收]|写[的了]|打印的|拿[着走喇出来]?|带[着人来]?|领[着了人]|收[的卡走]|开[车的]|押车|负责|"
    r"保管|作证|承认|承包|"
    r"指使|记[的账]|介绍|经手|代[签写]|垫|转[给来]|手[上里中]|本人|家[里四三五六]|他[爹妈爸娘]|她[爹妈爸娘]|的(?:卡|名字|名义|账户|"
    r"账号|儿子|女儿|丈夫|妻子|病历|微信|电话|手机|生日|工号|签[名字]|医保卡|社保卡|车|手|弟|哥|姐|妹|爱人|同学|女婿|媳妇|侄)|今年|才[\d一二三四五六七八九十]|"
    r"[（(，,]\s?[男女][，,）)]|不是[病医]|死[了的]|去世|已经|在外地|可以作证|等\s?\d+人|这个[人货]|那个[人货]|呀|啊|就是例子|三个字|"
    r"做的|派的|删的|弄的|管的|替|帮|把|被抓|跟我|和我|请假|没来|没有[来做]|活着|夜里)"
)
_BEFORE = re.compile(
    r"(?:^|[，。；：！？\s“”\"（(、找问跟和给替由被叫是写走派据让把说等与及有的上了着请可使见识听个员工弟姐哥妹嫂夫妻父母爸妈娘爷奶公婆姨姑舅叔伯"
    r"人属友伴儿孙侄户科家处组子]|医生|医师|大夫|护士|护士长|主任|院长|店长|老板|会计|出纳|邻居|司机|保安|学生|老师|师傅|姓名|户名|在)$"
)
_AFTER = re.compile(
    r"[，。；：、！？）)（(\s”“]|$|[的和与及在到说把被将从向对给让又也都已于去来就是因用以有没三]|" + _DOES
)
_STREET = "[大二三四五六幺]|麻子|瘸子|胖子|寡妇|秃子|瞎子|串子|铁蛋|狗蛋|二嫂|大嫂|二娃|家媳妇"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    sur = "[" + "".join(sorted(surnames())) + "]"
    return {
        "does": re.compile(rf"(?=({sur}[一-鿿]{{1,2}}?){_DOES})"),
        "kin": re.compile(
            r"(?:舅妈|大[姑姨舅伯叔]|[二三四小][姑姨舅叔爷]|姑妈|姨妈|侄[女子儿]|外甥女?|孙[女子]|妹妹|妹夫|姐姐|弟弟|哥哥|嫂子|媳妇|"
            r"女婿|小名|绰号|外号|人称|都叫[他她]?|喊[他她]|护工|大姐|村医|牧民|会计|寨子的|家的)([一-鿿]{2,3}?)"
            rf"(?=[，。；、！？\s和跟与]|$|{_DOES})"
        ),
        "nick": re.compile(r"阿[一-鿿](?![一-鿿]{0,3}(?:片|胶囊|颗粒|酸|林|汀|糖|素|霉|平|沙|莫|奇|司|托|替|立))"),
        "dear": re.compile(
            r"小[娟丽红芳燕霞玲梅兰英敏静洁琴萍莉婷娜艳凤菊慧颖倩琳薇蓉强军刚勇伟涛杰鹏辉斌磊](?=[，。；：、！？\s（(说的和跟与在也都把被给让是每从]|$)"
        ),
        "by-name": re.compile(
            rf"({sur})(?:老[大二三四五六幺]|(?:{_STREET})(?=[，。；、！？\s的说让把和跟给]|$|{_DOES}))"
        ),
    }


def alone(reading: Reading) -> set[int]:
    """Where a surname stands as a piece of its own."""
    return {start for start, word in reading.cut.items() if _surname(word)}


def guessed(reading: Reading) -> Iterator[Found]:
    """Names by a surname that is a piece of its own, or by a word that is a surname and half a given name; unsure."""
    text = reading.text
    for start, word in reading.cut.items():
        if word[0] not in surnames() and word not in words("compound_surnames"):
            continue
        if reading.kept[start] or counted(text, start):
            continue
        weak = word[0] in word_surnames() and len(word) == 1
        place = start + (len(word) if len(word) == 1 or word in words("compound_surnames") else 1)
        given = _given(text, place)
        end = place + given
        if not given or "某" in text[start : end + 1] or reading.no_person(end):
            continue
        if (weak or place < start + len(word) or reading.in_kept(place)) and not _fits_here(
            reading, start, place, given
        ):
            continue
        yield Found(start, end, Kind.NAME, sure=False)


def _fits_here(reading: Reading, start: int, place: int, given: int) -> bool:
    """Whether given name and place in the sentence are those of a person, though the surname is part of a word."""
    text, end = reading.text, place + given
    if not fits(text[place:end]) or not (_BEFORE.search(text, max(0, start - 4), start)):
        return False
    return (given == 2 and reading.kept[place] != 2) or _AFTER.match(text, end) is not None


def in_place(reading: Reading) -> Iterator[Found]:
    """Names by their place in the sentence: before what only a person does, after what a relative is called."""
    text, patterns = reading.text, _patterns()
    for match in patterns["does"].finditer(text):
        start, end = match.span(1)
        whole = start in reading.cut and end in reading.cut and (not is_word(match[1][0]) or fits(match[1][1:]))
        if whole and _free(reading, start, end) and _BEFORE.search(text, max(0, start - 4), start):
            yield Found(start, end, Kind.NAME, sure=False)
    for match in patterns["kin"].finditer(text):
        start, end = match.span(1)
        doubled = match[1][0] == match[1][1]
        if _free(reading, start, end) and (fits(match[1]) or doubled) and end - start < 4:
            yield Found(start, end, Kind.NAME, sure=False)
    for match in patterns["nick"].finditer(text):
        if reading.cut.get(match.start()) == "阿" and not reading.in_kept(match.start()):
            yield Found(*match.span(), Kind.NAME, sure=False)
    for match in patterns["dear"].finditer(text):
        if _free(reading, *match.span()):
            yield Found(*match.span(), Kind.NAME, sure=False)
    for match in patterns["by-name"].finditer(text):
        if match.start() in reading.cut and not is_word(match[1]) and _free(reading, *match.span()):
            yield Found(*match.span(), Kind.NAME)


def strange(reading: Reading) -> Iterator[Found]:
    """Four to seven neighbouring characters that are no words, as a name from another language is; unsure."""
    begin, end = 0, 0
    for start, word in (*reading.cut.items(), (len(reading.text), "")):
        single = len(word) == 1 and HAN.match(word) and word not in NEVER and word not in word_surnames()
        if single and start == end:
            end += 1
            continue
        if 4 <= end - begin <= 7 and not reading.in_kept(begin):
            yield Found(begin, end, Kind.NAME, sure=False)
        begin, end = (start, start + 1) if single else (start, start)


def _free(reading: Reading, start: int, end: int) -> bool:
    return not reading.is_kept(start, end) and not reading.in_kept(start) and not reading.no_person(end)


def _surname(word: str) -> bool:
    if len(word) == 1:
        return word in surnames() and word not in word_surnames()
    return word in words("compound_surnames")


def _given(text: str, place: int) -> int:
    """How many characters from *place* on may be a given name."""
    first, second = text[place : place + 1], text[place + 1 : place + 2]
    if not HAN.match(first) or first in NEVER:
        return 0
    if second == "某" or not HAN.match(second) or second in NEVER:
        return int(second != "某")
    return 2
