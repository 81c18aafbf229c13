"""What audiences are called, in the reader's language."""

from __future__ import annotations

from portal.exposures import wording
from portal.exposures.teaching import Audience
from portal.exposures.values import Ownership, Size
from portal.web.locale import language


def audience_words(audience: Audience) -> str:
    """民营中型医院; on an English page Hospitals, Private, Medium."""
    kind = str(wording.SUBJECTS[audience.kind])
    owner = "" if audience.ownership is Ownership.UNKNOWN else str(wording.OWNERSHIPS[audience.ownership])
    size = "" if audience.size is Size.UNKNOWN else str(wording.SIZES[audience.size])
    return f"{owner}{size}{kind}" if language() == "zh" else ", ".join(filter(None, (kind, owner, size)))
