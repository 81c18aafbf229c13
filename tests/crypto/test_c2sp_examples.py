"""The examples printed in the specifications whose formats we use: read as they say, and written back byte for byte.

They come without keys, except that of signed-note's first implementation, whose signature is checked too. Vectors with
keys and signatures of our own: ``tests/crypto/vectors/``.
"""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto import checkpoints
from crypto.cosignatures import SIGNATURE_SIZE
from crypto.witness import parse_request, request_text

CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG_LINE = (
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
SECOND_LINE = (
    "— example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)
WITNESS_LINE = (
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
STEPS = (
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=",
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=",
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=",
)
PROOF_STEPS = (
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=",
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=",
    "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=",
    "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=",
    "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=",
)


def test_the_checkpoint_of_tlog_checkpoint_and_its_cosignature_of_tlog_cosignature_are_read() -> None:
    note = checkpoints.parse(f"{CHECKPOINT}\n{LOG_LINE}{WITNESS_LINE}")
    read = note.checkpoint
    assert (read.origin, read.size, read.text) == ("example.com/behind-the-sofa", 20852163, CHECKPOINT)
    (log, log_id, signature), (witness, witness_id, stamped) = note.signatures
    assert (log, log_id.hex(), len(signature)) == ("example.com/behind-the-sofa", "033de0ae", 64)
    assert (witness, witness_id.hex(), len(stamped)) == ("witness.example.com/w1", "8d66cf3f", SIGNATURE_SIZE)
    assert int.from_bytes(stamped[:8], "big") == 1679315147


def test_the_request_of_tlog_witness_is_read_and_written_back() -> None:
    text = "\n".join(["old 20852014", *STEPS]) + f"\n\n{CHECKPOINT}\n{LOG_LINE}{SECOND_LINE}"
    read = parse_request(text)
    assert (read.old, len(read.path)) == (20852014, 4)
    assert request_text(read.old, read.path, read.note) == text
    assert len(checkpoints.parse(read.note).signatures) == 2


def test_the_file_of_tlog_proof_is_read_and_written_back() -> None:
    """The specification shortens its signatures; a whole checkpoint stands in their place."""
    extra = "YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ"
    padded = extra[: len(extra) // 4 * 4]  # as printed it is no base64
    lines = ["c2sp.org/tlog-proof@v1", f"extra {padded}", "index 73894", *PROOF_STEPS]
    text = "\n".join(lines) + f"\n\n{CHECKPOINT}\n{LOG_LINE}"
    read = checkpoints.parse_proof(text)
    assert (read.index, len(read.path)) == (73894, 5)
    assert checkpoints.proof_text(read.index, read.path, read.note, read.extra) == text
    without = text.replace(f"extra {padded}\n", "")
    assert checkpoints.proof_text(73894, read.path, read.note) == without


def test_the_signed_note_of_the_go_project_verifies_under_its_printed_key() -> None:
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    name, public = checkpoints.read_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    signer, key_id, signature = checkpoints.read_signature(line)
    assert (signer, key_id) == (name, checkpoints.key_id(name, public))
    Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode()[:-1])
