"""Places in the reader's words."""

from __future__ import annotations

from portal.directory.regions import regions
from portal.web.locale import language


def region_words(code: str) -> str:
    """From the province down in Chinese, from the place up in English; the code alone for one that is not known."""
    if code not in regions():
        return code
    return "".join(regions().path(code)) if language() == "zh" else ", ".join(regions().path_in_english(code))
