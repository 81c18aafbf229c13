"""Names of people: by the word list of rjieba, by surnames, by the words around them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from portal.exposures.redaction.data import surnames, words
from portal.exposures.redaction.guessing import alone, guessed, in_place, strange
from portal.exposures.redaction.numbers import Found
from portal.exposures.redaction.reading import NEVER, Reading, counted, fits, is_surname, is_word, may_end, read, tagged
from portal.exposures.redaction.values import Kind
from portal.exposures.redaction.written import written

TITLE = (
    "(?:护士长|副?主任|副?院长|医生|医师|护士|大夫|药师|老师|女士|先生|阿姨|师傅|会计|出纳|"
    "科长|局长|所长|店长|经理|老板|教授|处长|书记|主管|"
    "司机|站长|厂长|校长|乡长|镇长|行长|队长|组长|班长|股长|总监|总经理|干事|秘书|助理|顾问|律师|警官|法官|检察官|记者|技师|护工|"
    "保安|店员|营业员|村医|老太|老汉|伯伯|大伯|舅舅|大嫂|嫂子|伯|"
    "收费员|同学|同志|大姐|大爷|大妈|大叔|奶奶|爷爷|姐|哥|嫂|叔|婶|姨|总(?![共计额数量是之体院局站部店的]))"
)
_CUE = (
    "(?:患者|病人|参保人员|参保人|医生|医师|院长|主任|护士长|护士|收费员|药师|会计|我叫|名叫|"
    "叫做|叫|姓名[:：是为]?|举报人|反映人|投诉人|证人|被告人|"
    "同事|邻居|家属|实习生|职工|员工|法定代表人|负责人|经办人|联系人|老板|店长|店员|妻子|丈夫|儿子|"
    "女儿|父亲|母亲|我是|本人|嫌疑人|当事人|村民|居民|药贩子?|中间人|老人|产妇|"
    "户名|收款人|收件人|寄件人|签字人|经手人|复核人|记录人|制单人?|审核人?|复核|经手|业务员|安全员|岳父|岳母|外婆|外公|奶奶|爷爷|家父|家母|"
    "其父|其母|其妻|其夫|哥哥?|姐姐?|弟弟?|妹妹?|妹夫|姐夫|弟媳妇?|儿媳妇?|舅舅|姑姑|叔叔|"
    "找到|联系|询问|告诉|听|问|签名[:：]?|经手[:：]?)"
)
_AFTER = (
    "[，。；：、！？,.;:!?）)（(\\s”“]|"
    "[的和与及在到说把被将从向对给让又也都已曾于去来就是系称为因用持以有没等跟同]|$|(?:签|住|"
    "刷|办|拿|开|指|介绍|经|患|出|入|冒|伪|多|反|举|虚|收|发|做|要|不|当|找|多次|一|两|先|后|"
    "却|还|帮|犯|教|替|代|传|提|未|走|写|交|送|退|承|管|负|利|电话|手机|身份证|医|护|主|院|药|女|男)"
)
_STOP = "的了和与及在到说把被将从向对给让也都又已曾去来是称以有没就持拿开签看住院主医护等找"
_HAN = "[一-鿿]"
_GIVEN = f"(?![{''.join(sorted(NEVER))}]){_HAN}"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    sur = "(?:" + "|".join(sorted(words("compound_surnames"))) + "|[" + "".join(sorted(surnames())) + "])"
    tib = "(?:" + "|".join(sorted(words("tibetan_parts"))) + ")"
    oth = "(?:" + "|".join(sorted(words("other_parts"), key=lambda word: (-len(word), word))) + ")"
    return {
        "cued": re.compile(rf"{_CUE}[:：\s“]{{0,3}}({sur}{_HAN}{{1,2}}?)(?={_AFTER})"),
        "titled": re.compile(rf"(?=({sur}(?:{_GIVEN}){{0,2}}?)({TITLE}))"),
        "rank": re.compile(rf"({sur})[队科局处院工爷](?=[，。；：、！？\s说让叫问给拿签在和的点打批]|$)"),
        "small": re.compile(rf"((?:小|老|阿){sur})(?={_AFTER}|{_HAN})"),
        "compound": re.compile(
            "(?:"
            + "|".join(sorted(words("compound_surnames")))
            + rf")(?:{_HAN}{{2}}?(?<![{_STOP}])|{_HAN}(?<![{_STOP}]))"
        ),
        "tibetan": re.compile(rf"{tib}{tib}{{0,2}}"),
        "other": re.compile(rf"(?:{oth})+(?:[江汗罕](?!苏|西|湖|边|水|北|南|宁))?"),
    }


_OF_A_PLACE = re.compile(r"(?:[路街村镇乡市县区巷局院店站桥]|附近|外面?|口)$")
_ROADS = frozenset("路街村镇市县区巷")
_PLACES = frozenset("路街村镇市县区巷店院所部站")
_FOLLOWS = re.compile(_AFTER)


def names(text: str) -> Iterator[Found]:
    """What looks like a name; what is less sure is put before a person."""
    reading, tokens = read(text), tagged(text)
    begins = {start for start, _, _ in tokens} | alone(reading)
    patterns = _patterns()
    yield from written(reading)
    for match in patterns["tibetan"].finditer(text):
        yield Found(*match.span(), Kind.NAME, sure=len(match[0]) >= 4)
    for match in patterns["other"].finditer(text):
        if len(match[0]) >= 3:
            yield Found(*match.span(), Kind.NAME)
    for match in patterns["compound"].finditer(text):
        if not _OF_A_PLACE.search(match[0]) and not reading.no_person(match.end()):
            yield Found(*match.span(), Kind.NAME)
    yield from _by_the_words_around(reading, begins)
    yield from _tagged(reading, tokens)
    yield from guessed(reading)
    yield from in_place(reading)
    yield from strange(reading)


def _by_the_words_around(reading: Reading, begins: set[int]) -> Iterator[Found]:
    """A word before it that says that a person follows, a title behind it, 小 or 老 before a surname."""
    patterns, text = _patterns(), reading.text
    for match in patterns["cued"].finditer(text):
        if not reading.is_kept(*match.span(1)):
            yield Found(*match.span(1), Kind.NAME, sure=_surely(match[1]))
    for match in patterns["titled"].finditer(text):
        start, end = match.span(1)
        if (
            reading.is_kept(start, match.end(2))
            or reading.in_kept(start)
            or (len(match[2]) == 1 and counted(text, start))
        ):
            continue
        sure = start in begins and not is_word(match[1][0])
        if sure or (is_surname(match[1]) and (start in reading.cut or len(match[2]) > 1)):
            yield Found(start, end, Kind.NAME, sure=sure)
    for match in patterns["rank"].finditer(text):
        start = match.start(1)
        if start in reading.cut and not (reading.in_kept(start) or is_word(match[1]) or counted(text, start)):
            yield Found(start, match.end(1), Kind.NAME, sure=False)
    for match in patterns["small"].finditer(text):
        if reading.kept[match.start()] or _strong(text[match.start() - 1 : match.start()]):
            continue
        yield Found(*match.span(), Kind.NAME, sure=not is_word(match[0][1:]))


def _surely(name: str) -> bool:
    """Whether *name*, behind a word that leads to a person, is one: its surname is no word, or the rest fits."""
    given = name[1:]
    return not is_word(name[0]) or (len(given) == 2 and fits(given) and not NEVER & set(given))


def _strong(sign: str) -> bool:
    return is_surname(sign) and not is_word(sign)


def _third(reading: Reading, end: int) -> int:
    """1 when the character at *end* is the third of a name that the word list cut short."""
    text, cut = reading.text, reading.cut
    following = text[end : end + 1]
    cut_off = (cut.get(end) == following and following not in _STOP) or cut.get(end - 1) == text[end - 1 : end + 1]
    return int(cut_off and may_end(following))


def _tagged(reading: Reading, tokens: list[tuple[int, str, str]]) -> Iterator[Found]:
    """Names that the word list knows or puts together; a surname inside a word of the dictionary is none."""
    text, before, before_word = reading.text, -1, ""
    ends = {*reading.cut, len(text)}
    for start, word, tag in tokens:
        end, single = start + len(word), before >= 0 and before + 1 == start and before_word in surnames()
        begin = before if single else start
        if (
            counted(text, begin)
            or reading.is_kept(begin, end)
            or reading.in_kept(start)
            or word[-1] in _PLACES
            or text[end : end + 1] in _ROADS
        ):
            pass
        elif single and tag.startswith("nr") and len(word) <= 2:
            yield Found(before, end, Kind.NAME, sure=before in reading.cut and end in ends)
        elif tag.startswith("nr") and 2 <= len(word) <= 4 and (is_surname(word[0]) or is_surname(word[:2])):
            if len(word) == 4 and word[:2] not in words("compound_surnames"):
                end -= 1
            if len(word) == 2:
                end += _third(reading, end)
            in_dictionary = len(word) == 2 and reading.cut.get(start) == word
            likely = not in_dictionary or fits(word[1])
            if likely and not (len(word) == 2 and is_word(word[0])) and not reading.no_person(end):
                yield Found(start, end, Kind.NAME, sure=start in reading.cut and end in ends and not in_dictionary)
        elif single and not is_word(before_word) and len(word) == 2 and _FOLLOWS.match(text, end):
            yield Found(before, end, Kind.NAME, sure=False)
        before, before_word = start, word
