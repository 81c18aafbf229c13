from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto import checkpoints, signing, tree
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, Malformed, Tampered, WrongKey
from tests.crypto.test_tree import LEAVES, NODES

NAME = "mingjing.example/ledger/1"


@pytest.fixture(scope="module")
def signer() -> tuple[str, str]:
    return signing.generate_signer(NAME)


@pytest.fixture
def checkpoint() -> Checkpoint:
    return Checkpoint(NAME, 13, tree.root(13, NODES.read))


def test_a_signed_checkpoint_verifies_under_its_pinned_key(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    assert checkpoints.verify(signing.sign(checkpoint, signer[0]), signer[1]) == checkpoint


def test_the_note_has_the_lines_of_the_specification(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    lines = signing.sign(checkpoint, signer[0]).split("\n")
    assert lines[:4] == [NAME, "13", base64.b64encode(checkpoint.root).decode(), ""]
    dash, name, signature = lines[4].split(" ")
    assert (dash, name, lines[5:]) == ("\u2014", NAME, [""])
    raw = base64.b64decode(signature)
    _, public = checkpoints.read_vkey(signer[1])
    assert raw[:4] == checkpoints.key_id(NAME, public)
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], "\n".join(lines[:3]).encode() + b"\n")


def test_the_example_key_of_the_go_checksum_database_is_read() -> None:
    """The published verifier key of sum.golang.org has the same format, so ours can be checked against it."""
    name, public = checkpoints.read_vkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert name == "sum.golang.org"
    assert checkpoints.vkey(name, public) == "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_another_key_of_the_same_name_is_not_believed(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    other, _ = signing.generate_signer(NAME)
    with pytest.raises(WrongKey):
        checkpoints.verify(signing.sign(checkpoint, other), signer[1])


def test_signatures_of_unknown_keys_beside_the_pinned_one_are_ignored(
    signer: tuple[str, str], checkpoint: Checkpoint
) -> None:
    note = signing.sign(checkpoint, signer[0])
    other, _ = signing.generate_signer(NAME)
    witness = f"— witness.example {base64.b64encode(bytes(80)).decode()}\n"
    stranger = signing.sign(checkpoint, other).split("\n\n")[1]
    assert checkpoints.verify(note + witness + stranger, signer[1]) == checkpoint


def test_no_character_of_a_note_can_be_changed(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    note = signing.sign(checkpoint, signer[0])
    for at, character in enumerate(note):
        changed = note[:at] + ("A" if character != "A" else "B") + note[at + 1 :]
        with pytest.raises(CryptoError):
            checkpoints.verify(changed, signer[1])


def test_a_note_cut_short_or_lengthened_is_refused(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    note = signing.sign(checkpoint, signer[0])
    for cut in range(len(note)):
        with pytest.raises(CryptoError):
            checkpoints.verify(note[:cut], signer[1])
    for more in ("x", "\n", "x\n", "\n\n"):
        with pytest.raises(CryptoError):
            checkpoints.verify(note + more, signer[1])


def test_a_signature_moved_to_another_checkpoint_is_seen(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    signature = signing.sign(checkpoint, signer[0]).split("\n\n")[1]
    other = Checkpoint(NAME, 14, tree.root(14, NODES.read))
    with pytest.raises(Tampered):
        checkpoints.verify(other.text + "\n" + signature, signer[1])


def test_a_key_signs_only_for_its_own_ledger(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    foreign = Checkpoint("mingjing.example/ledger/2", 13, checkpoint.root)
    with pytest.raises(WrongKey):
        signing.sign(foreign, signer[0])


def test_a_note_whose_origin_is_not_the_pinned_name_is_refused_even_if_well_signed(
    signer: tuple[str, str], checkpoint: Checkpoint
) -> None:
    foreign = Checkpoint("mingjing.example/ledger/2", 13, checkpoint.root)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(signer[0].split("+", 4)[4])[1:])
    _, public = checkpoints.read_vkey(signer[1])
    signature = checkpoints.key_id(NAME, public) + key.sign(foreign.text.encode())
    with pytest.raises(WrongKey):
        checkpoints.verify(f"{foreign.text}\n— {NAME} {base64.b64encode(signature).decode()}\n", signer[1])


def test_a_note_with_endless_signatures_is_refused(signer: tuple[str, str], checkpoint: Checkpoint) -> None:
    note = signing.sign(checkpoint, signer[0])
    line = f"— witness.example {base64.b64encode(bytes(68)).decode()}\n"
    assert checkpoints.verify(note + line * 63, signer[1]) == checkpoint
    long = f"— witness.example {base64.b64encode(bytes(3 * 20_000)).decode()}\n"
    for more in (line * 64, long):
        with pytest.raises(Malformed):
            checkpoints.verify(note + more, signer[1])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "a\u200eb"])
def test_names_that_would_break_a_note_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint(name, 0, bytes(32))
    with pytest.raises(Malformed):
        signing.generate_signer(name)


@pytest.mark.parametrize(("size", "root"), [(-1, bytes(32)), (1, bytes(31)), (1, b"")])
def test_checkpoints_of_another_shape_are_refused(size: int, root: bytes) -> None:
    with pytest.raises(Malformed):
        Checkpoint(NAME, size, root)


@pytest.mark.parametrize("size", ["013", "+13", "-1", "1.0", "", "１３", "9" * 20, "0x1", " 13"])
def test_sizes_that_are_not_plain_numbers_are_refused(size: str) -> None:
    note = (
        f"{NAME}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n\n— {NAME} {base64.b64encode(bytes(68)).decode()}\n"
    )
    with pytest.raises(Malformed):
        checkpoints.parse(note)


@pytest.mark.parametrize("text", ["", "x", "a+b", "a+00000000+AQ==", "a+zz+AQ==", "a+b+c+d", "a+033de0ae+!!!!"])
def test_texts_that_are_no_keys_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        checkpoints.read_vkey(text)
    with pytest.raises(Malformed):
        signing.verifier_of("PRIVATE+KEY+" + text)


def test_a_key_text_with_one_wrong_character_is_refused(signer: tuple[str, str]) -> None:
    for text, read in ((signer[1], checkpoints.read_vkey), (signer[0], signing.verifier_of)):
        for at in range(0, len(text), 3):
            changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
            with pytest.raises(Malformed):
                read(changed)


def test_a_private_text_names_its_verifier_key(signer: tuple[str, str]) -> None:
    assert signing.verifier_of(signer[0]) == signer[1]
    assert signing.verifier_of(signer[0] + "\n") == signer[1]


# --- proof files


def proof_of(index: int, size: int, signer: tuple[str, str], extra: bytes = b"") -> str:
    note = signing.sign(Checkpoint(NAME, size, tree.root(size, NODES.read)), signer[0])
    return checkpoints.proof_text(index, tree.inclusion_proof(index, size, NODES.read), note, extra)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (5, 13), (12, 13), (69, 70)])
@pytest.mark.parametrize("extra", [b"", b"\x00\x01extra"])
def test_a_proof_file_shows_an_entry_in_the_signed_tree(
    index: int, size: int, extra: bytes, signer: tuple[str, str]
) -> None:
    text = proof_of(index, size, signer, extra)
    assert checkpoints.verify_proof(text, LEAVES[index], signer[1]).size == size
    parsed = checkpoints.parse_proof(text)
    assert (parsed.index, parsed.extra) == (index, extra)
    assert list(parsed.path) == tree.inclusion_proof(index, size, NODES.read)


def test_a_proof_file_does_not_serve_for_another_entry(signer: tuple[str, str]) -> None:
    with pytest.raises(Tampered):
        checkpoints.verify_proof(proof_of(5, 13, signer), LEAVES[6], signer[1])


def test_no_character_of_a_proof_file_can_be_changed(signer: tuple[str, str]) -> None:
    text = proof_of(5, 13, signer)
    for at, character in enumerate(text):
        changed = text[:at] + ("A" if character != "A" else "B") + text[at + 1 :]
        with pytest.raises(CryptoError):
            checkpoints.verify_proof(changed, LEAVES[5], signer[1])


@pytest.mark.parametrize(
    "text",
    ["", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2\nindex 0\n\nx", "c2sp.org/tlog-proof@v1\nextra AA==\n\nx"],
)
def test_texts_that_are_no_proofs_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        checkpoints.parse_proof(text)


def test_base64_has_one_form_only() -> None:
    for text in ("AA", "AB==", "AA==\n", "A A=", "AA=="[:-1], "_-8="):
        with pytest.raises(Malformed):
            checkpoints.unbase64(text)
    assert checkpoints.unbase64("AA==") == b"\0"
