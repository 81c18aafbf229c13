"""Words that staff write straight for the public: a preamble, a reason. The assistant reads them; nothing is masked for
the writer, who rewrites them instead."""

from __future__ import annotations

from collections.abc import Sequence

from portal.exposures import wording
from portal.exposures.redaction.assistant import redact
from portal.kernel.errors import Refused
from portal.tips.values import clean_text

LIMIT = 1_000
"""Characters of a preamble or of what the public is told of a withdrawal."""


def public_words(text: str, label: str, known: Sequence[str] = (), limit: int = LIMIT, *, lines: bool = True) -> str:
    """*text*, cleaned. Refused: "words_missing" without any, "private_words" with what must not be printed, said by
    kind; *known*: names of the case record."""
    clean = clean_text(text, limit, label, lines=lines)
    if not clean:
        raise Refused("words_missing", f"请填写{label}。")
    kinds = dict.fromkeys(str(wording.KINDS[one.kind]) for one in redact(clean, known).spans)
    if kinds:
        raise Refused("private_words", f"{label}里有不能公开的内容（{'、'.join(kinds)}），请改写。")
    return clean
