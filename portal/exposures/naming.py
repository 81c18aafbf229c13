"""Whether a text that is to be published says who the reporter is: one answer, and never where. Pure.

It is asked in the session of somebody to whom a board has granted it; nothing that comes in here is kept. It errs
towards a hit: four digits may be anybody's, and then a person looks at the text once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.exposures.redaction.folding import fold
from portal.exposures.redaction.known import known_values
from portal.tips.values import Identity

CHECKED = "identity-check"
"""The line of an exposure's history that an answer leaves, with HIT or NO_HIT as its code."""
HIT, NO_HIT = "hit", "no-hit"
TAIL = 4
"""The last digits of a telephone or a paper by which people are told apart."""
PIECE = 5
"""Characters of an address, below town and street office, that are enough."""
_ABOVE = re.compile(r"省|市|自治[区州县旗]|区|县|旗|镇|乡|街道")
_SUM_OR_DAY = "元万亿年月日号条倍%"


def gives_away(text: str, identity: Identity) -> bool:
    """Whether a name (also the given name alone, or with 小, 老 or a title), the last digits of a telephone or a paper,
    the mail box of an e-mail, or a piece of an address of *identity* stands in *text*, however it is spaced."""
    folded = fold(text).text
    names = [one for one in (identity.name, *identity.fellow_reporters) if one.strip()]
    return any(
        (
            any(True for _ in known_values(folded, names)),
            any(_tail_in(folded, number) for number in (identity.phone, identity.id_number)),
            _mail_in(folded, identity.email),
            any(piece in _plain(folded) for piece in _pieces(identity.address)),
        )
    )


def _plain(text: str) -> str:
    return "".join(one for one in fold(text).text.casefold() if one.isalnum())


def _tail_in(text: str, number: str) -> bool:
    """The last digits at the end of a run of digits, which may be spaced; not of a sum, a month or a year."""
    tail = _plain(number)[-TAIL:]
    if len(tail) < TAIL:
        return False
    spaced = r"[\s\-_.]{0,3}".join(re.escape(one) for one in tail)
    return re.search(rf"{spaced}(?![\s]?[0-9.{_SUM_OR_DAY}])", text, re.IGNORECASE) is not None


def _mail_in(text: str, email: str) -> bool:
    box = email.partition("@")[0].strip().casefold()
    return len(box) >= TAIL and box in text.casefold()


def _pieces(address: str) -> Iterator[str]:
    plain = _plain(_ABOVE.split(fold(address).text)[-1])
    if len(plain) < PIECE:
        yield from filter(None, [plain] if len(plain) >= 3 else [])
    yield from (plain[at : at + PIECE] for at in range(len(plain) - PIECE + 1))
