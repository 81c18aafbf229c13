"""Words of the pages of circulars on the evaluation, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.exposures.circular_states import CircularState

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        CircularState.PROPOSED: ("等待签发", "waiting"),
        CircularState.SENT: ("已发出", "done"),
        CircularState.RETURNED: ("已退回", "overdue"),
        CircularState.DROPPED: ("已放弃", "neutral"),
    }
)
"""State → its words and the kind of its tag."""
