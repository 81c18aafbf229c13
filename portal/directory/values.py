"""What a board of several people keeps. Pure."""

from __future__ import annotations

from enum import StrEnum


class BoardPurpose(StrEnum):
    IDENTITY = "identity"  # who reported: opened for whoever handles the report
    PAYMENT = "payment"  # whom to pay: opened for whoever releases a batch of payments
