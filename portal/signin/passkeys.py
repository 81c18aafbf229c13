"""Passkeys: the two ceremonies of Web Authentication Level 3, over the library ``webauthn``. No database, no clock.

Asked of every device: the person is verified (fingerprint, face or PIN), and the passkey is one that the device finds
by itself, so that the sign-in page need not tell which passkeys a name has. Attestation is not asked for: which make a
device is of would be one more thing that a bureau has to keep.

The library is loaded when a device is first spoken to: it brings 7 MiB into each worker, of which most speak to none.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from portal.signin.challenges import LIFETIME

MOST = 16 * 1024
"""Characters of an answer; one with the longest keys has a tenth of it."""
_MILLISECONDS = int(LIFETIME.total_seconds() * 1000)

Options = dict[str, Any]


class BadPasskey(Exception):
    """The answer is not one to our question, or does not hold; ``args[0]`` says why, for the log alone."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as devices know it: passkeys made for one do nothing for another.

    ``origin``: scheme, host and port as the browser shows them, whatever stands in between; ``rp_id``: its host or a
    domain above it.
    """

    origin: str
    rp_id: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A passkey that was made: its id, its public key (COSE) and how often it has signed."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back, read but not believed."""

    response: dict[str, Any] = field(repr=False)
    challenge: bytes = field(repr=False)
    credential_id: bytes
    user: bytes  # whose the device says it is; b"" when it does not say


def relying_party(origin: str, rp_id: str = "") -> RelyingParty:
    """Check the settings. Raises ValueError with a sentence for the operator."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if origin != f"{parts.scheme}://{parts.netloc}" or not host or "@" in parts.netloc or origin != origin.lower():
        raise ValueError('must be scheme, host and port in small letters, without a path: "https://staff.example.cn"')
    if parts.scheme != "https" and host != "localhost":
        raise ValueError("browsers know passkeys only over https, and on localhost")
    if _is_address(host):
        raise ValueError("must name a host: passkeys cannot be made for an address of numbers")
    wanted = rp_id or host
    if host != wanted and not host.endswith("." + wanted):
        raise ValueError(f"rp_id {wanted} is neither the host {host} nor a domain above it")
    return RelyingParty(origin, wanted)


def creation_options(
    party: RelyingParty, challenge: bytes, site: str, user: bytes, sign_in: str, known: Sequence[bytes]
) -> Options:
    """What ``navigator.credentials.create`` is asked for. ``known``: passkeys of the person, not to be made twice."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    asked = generate_registration_options(
        rp_id=party.rp_id,
        rp_name=site,
        user_id=user,
        user_name=sign_in,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return _plain(options_to_json(asked))


def request_options(party: RelyingParty, challenge: bytes, allowed: Sequence[bytes] = ()) -> Options:
    """What ``navigator.credentials.get`` is asked for. Without *allowed* the device offers what it has for the site."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    asked = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options_to_json(asked))


def read_answer(text: str) -> Answer:
    """Take the answer of a browser apart, for its challenge and credential. Raises BadPasskey."""
    from webauthn import base64url_to_bytes

    if len(text) > MOST:
        raise BadPasskey("too long")
    try:
        response = json.loads(text)
        client = json.loads(base64url_to_bytes(response["response"]["clientDataJSON"]))
        user = response["response"].get("userHandle") or ""
        challenge, credential = base64url_to_bytes(client["challenge"]), base64url_to_bytes(response["id"])
        foreign = client.get("crossOrigin") is True
        answer = Answer(response, challenge, credential, base64url_to_bytes(user))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadPasskey(f"not readable: {type(error).__name__}") from None
    if foreign:
        raise BadPasskey("made inside a page of another site")
    return answer


def registered(party: RelyingParty, answer: Answer) -> Registered:
    """The passkey that a device made. The caller has used up the challenge. Raises BadPasskey."""
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=answer.response,
            expected_challenge=answer.challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # the library lets errors of its parsers through
        raise BadPasskey(f"{type(error).__name__}: {error}") from None
    return Registered(made.credential_id, made.credential_public_key, made.sign_count)


def signed(party: RelyingParty, answer: Answer, public_key: bytes) -> int:
    """How often the device says it has signed, once its signature was right. Raises BadPasskey.

    The caller has used up the challenge, knows whose the credential is, and compares the count.
    """
    from webauthn import verify_authentication_response

    try:
        right = verify_authentication_response(
            credential=answer.response,
            expected_challenge=answer.challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # a copy is to be told apart from a wrong answer: see went_back()
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise BadPasskey(f"{type(error).__name__}: {error}") from None
    return right.new_sign_count


def went_back(count: int, known: int) -> bool:
    """Whether a count shows that there are two of a passkey (§ 7.2 step 22). One that never counts stays at 0."""
    return (count > 0 or known > 0) and count <= known


def _plain(text: str) -> Options:
    made = json.loads(text)
    assert isinstance(made, dict)
    return made


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
