from __future__ import annotations

import hashlib
from collections.abc import Callable

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import tree
from crypto.errors import Malformed, Tampered
from tests.crypto.test_sealing import flipped

MOST = 70
LEAVES = [tree.leaf_hash(f"entry {i}".encode()) for i in range(MOST)]


class Nodes:
    """A store of complete subtrees, filled by `new_nodes` and counting its reads."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        self.reads = 0
        self.append(0, leaves)

    def append(self, size: int, leaves: list[bytes]) -> None:
        for level, index, value in tree.new_nodes(size, leaves, self.read):
            assert (level, index) not in self.rows
            self.rows[level, index] = value

    def read(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self.rows[level, index]


NODES = Nodes(LEAVES)


def oracle(size: int) -> pymerkle.InmemoryTree:
    made = pymerkle.InmemoryTree(algorithm="sha256")
    for i in range(size):
        made.append_entry(f"entry {i}".encode())
    return made


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1 word for word, over a list."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def refuses(check: Callable[[], None]) -> None:
    with pytest.raises(Tampered):
        check()


def test_roots_agree_with_an_independent_tree() -> None:
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for size in range(1, MOST + 1):
        theirs.append_entry(f"entry {size - 1}".encode())
        assert tree.root(size, NODES.read) == theirs.get_root() == plain_root(LEAVES[:size])


def test_the_known_vectors_of_certificate_transparency_hold() -> None:
    """The leaves and roots that the reference implementations of RFC 6962 test with."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [tree.leaf_hash(bytes.fromhex(text)) for text in inputs]
    nodes = Nodes(leaves)
    assert tree.root(0, nodes.read).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root(1, nodes.read).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.root(8, nodes.read).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_appending_in_batches_makes_the_same_nodes() -> None:
    other = Nodes([])
    for start, end in ((0, 1), (1, 8), (8, 8), (8, 40), (40, MOST)):
        other.append(start, LEAVES[start:end])
    assert other.rows == NODES.rows


def test_only_complete_subtrees_are_stored_and_each_is_right() -> None:
    for (level, index), value in NODES.rows.items():
        width = 1 << level
        assert (index + 1) * width <= MOST
        assert value == plain_root(LEAVES[index * width : (index + 1) * width])
    assert len(NODES.rows) == sum(MOST >> level for level in range(7))


@given(st.data())
def test_inclusion_proofs_hold_and_equal_the_independent_ones(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, NODES.read)
    tree.verify_inclusion(LEAVES[index], index, size, proof, tree.root(size, NODES.read))
    theirs = oracle(size).prove_inclusion(index + 1, size).serialize()["path"]
    assert [LEAVES[index].hex(), *(step.hex() for step in proof)] == theirs


def test_every_consistency_proof_holds() -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = tree.consistency_proof(old, new, NODES.read)
            tree.verify_consistency(old, new, tree.root(old, NODES.read), tree.root(new, NODES.read), proof)


def test_the_independent_library_accepts_the_same_pairs_of_roots() -> None:
    theirs = oracle(MOST)
    for old, new in ((1, 2), (6, 7), (13, 64), (64, 70)):
        proof = theirs.prove_consistency(old, new)
        roots = tree.root(old, NODES.read), tree.root(new, NODES.read)
        pymerkle.verify_consistency(roots[0], roots[1], proof)


@given(st.data())
def test_a_wrong_leaf_place_size_step_or_root_breaks_an_inclusion_proof(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    leaf, root = LEAVES[index], tree.root(size, NODES.read)
    proof = tree.inclusion_proof(index, size, NODES.read)
    step = data.draw(st.integers(0, len(proof) - 1))
    bad = [*proof[:step], flipped(proof[step], data.draw(st.integers(0, 31))), *proof[step + 1 :]]
    refuses(lambda: tree.verify_inclusion(leaf, index, size, bad, root))
    refuses(lambda: tree.verify_inclusion(flipped(leaf, 3), index, size, proof, root))
    refuses(lambda: tree.verify_inclusion(leaf, index, size, proof, flipped(root, 3)))
    refuses(lambda: tree.verify_inclusion(leaf, index, size, proof[:-1], root))
    refuses(lambda: tree.verify_inclusion(leaf, index, size, [*proof, root], root))
    refuses(lambda: tree.verify_inclusion(leaf, index, size, [*proof[:-1], proof[-1][:31]], root))
    refuses(lambda: tree.verify_inclusion(leaf, (index + 1) % size, size, proof, root))
    refuses(lambda: tree.verify_inclusion(leaf, size, size, proof, root))
    refuses(lambda: tree.verify_inclusion(leaf, -1, size, proof, root))


@given(st.data())
def test_a_wrong_step_or_root_breaks_a_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    roots = tree.root(old, NODES.read), tree.root(new, NODES.read)
    proof = tree.consistency_proof(old, new, NODES.read)
    step = data.draw(st.integers(0, len(proof) - 1))
    bad = [*proof[:step], flipped(proof[step], data.draw(st.integers(0, 31))), *proof[step + 1 :]]
    refuses(lambda: tree.verify_consistency(old, new, *roots, bad))
    refuses(lambda: tree.verify_consistency(old, new, flipped(roots[0], 0), roots[1], proof))
    refuses(lambda: tree.verify_consistency(old, new, roots[0], flipped(roots[1], 0), proof))
    refuses(lambda: tree.verify_consistency(old, new, *roots, proof[:-1]))
    refuses(lambda: tree.verify_consistency(old, new, *roots, [*proof, roots[1]]))
    refuses(lambda: tree.verify_consistency(old, new, *roots, [proof[0][:31], *proof[1:]]))
    refuses(lambda: tree.verify_consistency(new, old, *roots, proof))
    refuses(lambda: tree.verify_consistency(0, new, *roots, proof))


def test_a_proof_cannot_be_passed_off_for_a_tree_of_another_size() -> None:
    """Each of these leads to the right root, and only its length betrays that the size is not the claimed one."""

    def root(size: int) -> bytes:
        return tree.root(size, NODES.read)

    shorter, longer = tree.inclusion_proof(0, 2, NODES.read), tree.inclusion_proof(3, 4, NODES.read)
    refuses(lambda: tree.verify_inclusion(LEAVES[0], 0, 4, shorter, root(2)))
    refuses(lambda: tree.verify_inclusion(LEAVES[3], 1, 2, longer, root(4)))
    small, large = tree.consistency_proof(1, 2, NODES.read), tree.consistency_proof(7, 8, NODES.read)
    refuses(lambda: tree.verify_consistency(1, 4, root(1), root(2), small))
    refuses(lambda: tree.verify_consistency(3, 4, root(7), root(8), large))


def test_bytes_cannot_be_moved_between_a_leaf_and_its_sibling() -> None:
    sibling = LEAVES[1]
    refuses(lambda: tree.verify_inclusion(LEAVES[0] + sibling[:1], 0, 2, [sibling[1:]], tree.root(2, NODES.read)))


def test_equal_trees_need_no_proof_and_different_ones_of_one_size_have_none() -> None:
    root = tree.root(7, NODES.read)
    assert tree.consistency_proof(7, 7, NODES.read) == []
    tree.verify_consistency(7, 7, root, root, [])
    refuses(lambda: tree.verify_consistency(7, 7, root, flipped(root, 0), []))
    refuses(lambda: tree.verify_consistency(7, 7, root, root, [root]))
    refuses(lambda: tree.verify_consistency(6, 7, root, root, []))


def test_a_changed_or_dropped_entry_cannot_be_proved_consistent() -> None:
    changed = Nodes([*LEAVES[:5], tree.leaf_hash(b"another"), *LEAVES[6:]])
    dropped = Nodes([*LEAVES[:5], *LEAVES[6:], tree.leaf_hash(b"late")])
    for other in (changed, dropped):
        proof = tree.consistency_proof(10, 40, other.read)
        with pytest.raises(Tampered):
            tree.verify_consistency(10, 40, tree.root(10, NODES.read), tree.root(40, other.read), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 3)])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(Malformed):
        tree.inclusion_proof(index, size, NODES.read)


def test_no_proof_is_made_from_nothing_or_backwards() -> None:
    for old, new in ((0, 3), (4, 3), (-1, 3)):
        with pytest.raises(Malformed):
            tree.consistency_proof(old, new, NODES.read)
    with pytest.raises(Malformed):
        tree.root(-1, NODES.read)


class Million:
    """A tree of 1,000,003 equal leaves: one hash per level, and it counts what is read."""

    size = 1_000_003

    def __init__(self) -> None:
        self.levels = [LEAVES[0]]
        for _ in range(20):
            self.levels.append(tree.node_hash(self.levels[-1], self.levels[-1]))
        self.reads = 0

    def read(self, level: int, index: int) -> bytes:
        self.reads += 1
        assert (index + 1) << level <= self.size  # only complete subtrees are ever asked for
        return self.levels[level]


@pytest.mark.parametrize("index", [0, 1, 524_287, 524_288, 999_999, 1_000_002])
def test_an_inclusion_proof_at_a_million_leaves_reads_few_nodes(index: int) -> None:
    million = Million()
    proof = tree.inclusion_proof(index, million.size, million.read)
    assert million.reads <= 40
    assert len(proof) <= 20
    root = tree.root(million.size, million.read)
    tree.verify_inclusion(LEAVES[0], index, million.size, proof, root)


@pytest.mark.parametrize("old", [1, 524_288, 777_777, 1_000_002])
def test_a_consistency_proof_at_a_million_leaves_reads_few_nodes(old: int) -> None:
    million = Million()
    proof = tree.consistency_proof(old, million.size, million.read)
    assert million.reads <= 40
    roots = tree.root(old, million.read), tree.root(million.size, million.read)
    tree.verify_consistency(old, million.size, *roots, proof)


def test_an_entry_leaf_hides_behind_its_nonce() -> None:
    leaf = tree.entry_leaf(bytes(32), b"payload")
    assert leaf == tree.entry_leaf(bytes(32), b"payload")
    assert leaf != tree.entry_leaf(b"\1" + bytes(31), b"payload")
    assert leaf != tree.entry_leaf(bytes(32), b"payloae")
    for length in (0, 31, 33):
        with pytest.raises(Malformed):
            tree.entry_leaf(bytes(length), b"payload")


def test_a_leaf_cannot_pass_for_a_node() -> None:
    assert tree.leaf_hash(LEAVES[0] + LEAVES[1]) != tree.node_hash(LEAVES[0], LEAVES[1])
