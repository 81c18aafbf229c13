"""The pages behind the receipt code as one blueprint, all its pages registered."""

from __future__ import annotations

from portal.followup import deedviews, letterviews, proofviews, rewardviews, views
from portal.followup.visit import followup

__all__ = ["deedviews", "followup", "letterviews", "proofviews", "rewardviews", "views"]
