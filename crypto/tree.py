"""The Merkle tree of the ledger (RFC 9162, section 2.1, SHA-256), as pure functions over a reader of stored nodes.

A node (level, index) is the hash of the complete subtree over the leaves index·2^level … (index+1)·2^level − 1; only
complete subtrees are stored, and they never change. Roots and proofs read O(log n) of them (at most about 40 at a
million leaves).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from crypto._fields import joined
from crypto.errors import Malformed, Tampered

HASH_SIZE = 32
NONCE_SIZE = 32
Node = tuple[int, int]
Reader = Callable[[int, int], bytes]


def entry_leaf(nonce: bytes, payload: bytes) -> bytes:
    """The leaf data of a ledger entry: SHA-256 over label, 32-byte nonce and payload, length-prefixed.

    The nonce keeps anyone from guessing a payload out of the published leaf; destroying it makes the leaf mute.
    """
    if len(nonce) != NONCE_SIZE:
        raise Malformed("a nonce is 32 bytes")
    return hashlib.sha256(joined("mingjing/ledger-entry", nonce, payload)).digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data), RFC 9162 2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 9162 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, read: Reader) -> bytes:
    """The tree head over the first `size` leaves; SHA-256 of nothing for an empty tree."""
    if size < 0:
        raise Malformed("a tree has no negative size")
    return _range_hash(0, size, read) if size else hashlib.sha256(b"").digest()


def new_nodes(size: int, leaf_hashes: Iterable[bytes], read: Reader) -> list[tuple[int, int, bytes]]:
    """The nodes (level, index, hash) that appending `leaf_hashes` to a tree of `size` leaves completes, in order."""
    made: dict[Node, bytes] = {}
    for offset, leaf in enumerate(leaf_hashes):
        level, index, current = 0, size + offset, leaf
        made[level, index] = current
        while index % 2:
            left = made.get((level, index - 1))
            current = node_hash(read(level, index - 1) if left is None else left, current)
            level, index = level + 1, index // 2
            made[level, index] = current
    return [(level, index, value) for (level, index), value in made.items()]


def inclusion_proof(index: int, size: int, read: Reader) -> list[bytes]:
    """The hashes from the leaf's sibling up to the root's child (RFC 9162 2.1.3.1)."""
    if not 0 <= index < size:
        raise Malformed("no such leaf in a tree of that size")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read: Reader) -> list[bytes]:
    """The hashes that show the tree of `old` leaves to be a prefix of that of `new` (RFC 9162 2.1.4.1).

    Empty when the sizes are equal. Malformed unless 1 <= old <= new.
    """
    if not 1 <= old <= new:
        raise Malformed("a consistency proof goes from a smaller to a larger tree")
    path: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, read))
            end = middle
        else:
            path.append(_range_hash(start, middle, read))
            start = middle
    if start:  # the old tree's last subtree is not the whole old tree, so its hash must be given
        path.append(_range_hash(start, end, read))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Tampered unless the leaf hash stands at `index` in the tree of `size` leaves with that root (2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        raise Tampered("no such leaf in a tree of that size")
    number, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_SIZE:
            raise Tampered("an inclusion proof has the wrong length")
        if number % 2 or number == last:
            current = node_hash(sibling, current)
            number, last = _up_past_left_edges(number, last)
        else:
            current = node_hash(current, sibling)
        number, last = number >> 1, last >> 1
    if last or current != root:
        raise Tampered("an inclusion proof does not lead to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Tampered unless the tree `old_root` over `old` leaves is a prefix of `new_root` over `new` (2.1.4.2)."""
    if not 1 <= old <= new or any(len(step) != HASH_SIZE for step in proof):
        raise Tampered("not a consistency proof")
    if old == new:
        if proof or old_root != new_root:
            raise Tampered("two trees of one size differ")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        raise Tampered("a consistency proof is empty")
    number, last = old - 1, new - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    from_old = from_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Tampered("a consistency proof is too long")
        if number % 2 or number == last:
            from_old, from_new = node_hash(step, from_old), node_hash(step, from_new)
            number, last = _up_past_left_edges(number, last)
        else:
            from_new = node_hash(from_new, step)
        number, last = number >> 1, last >> 1
    if last or from_old != old_root or from_new != new_root:
        raise Tampered("a consistency proof does not hold")


def _up_past_left_edges(number: int, last: int) -> tuple[int, int]:
    """Skip the levels where the rightmost node has no sibling (it is a left child there)."""
    while number and number % 2 == 0:
        number, last = number >> 1, last >> 1
    return number, last


def _split(width: int) -> int:
    """The largest power of two smaller than `width` (k of RFC 9162 2.1.1)."""
    return 1 << ((width - 1).bit_length() - 1)


def _range_hash(start: int, end: int, read: Reader) -> bytes:
    """The hash over leaves start … end − 1; `start` is a multiple of the power of two not below the width."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(width)
    return node_hash(_range_hash(start, middle, read), _range_hash(middle, end, read))
