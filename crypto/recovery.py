"""A seed on paper: SLIP-39 words, 33 of them for 32 bytes, any `threshold` of `count` sheets give it back.

The library is pure Python and not constant in time: this runs once at set-up and at a recovery, never per request.
"""

from __future__ import annotations

from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from crypto.errors import Malformed, QuorumNotMet

SEED_SIZE = 32
WORDS = 33


def to_words(seed: bytes, threshold: int = 2, count: int = 3) -> list[str]:
    """`count` sheets of 33 words; QuorumNotMet unless 2 <= threshold <= count <= 16 (the format's most)."""
    if len(seed) != SEED_SIZE:
        raise Malformed("a seed is 32 bytes")
    if not 2 <= threshold <= count <= 16:
        raise QuorumNotMet(f"{threshold} of {count} sheets is not allowed")
    return [str(sheet) for sheet in generate_mnemonics(1, [(threshold, count)], seed)[0]]


def from_words(sheets: Sequence[str]) -> bytes:
    """The seed from as many sheets as the threshold asks for; more of the same set are welcome.

    Malformed for a word or checksum that is wrong or sheets of different sets, QuorumNotMet for too few.
    """
    try:
        shares = [Share.from_mnemonic(" ".join(sheet.lower().split())) for sheet in sheets]
    except MnemonicError as error:
        raise Malformed("a recovery sheet has a wrong word") from error
    distinct = {share.index: share for share in shares}
    needed = shares[0].member_threshold if shares else 2
    if len(distinct) < needed:
        raise QuorumNotMet(f"{needed} different sheets are needed")
    try:
        return bytes(combine_mnemonics([share.mnemonic() for share in list(distinct.values())[:needed]]))
    except MnemonicError as error:
        raise Malformed("the recovery sheets do not belong together") from error
