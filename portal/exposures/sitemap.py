"""The map of the site for search engines (sitemaps.org 0.9): pages that only speak, and published cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from xml.etree import ElementTree as ET

MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MOST_LISTED = 10_000
"""Cases: a map may have 50,000 addresses, and each case has one in every language."""

LISTED = (
    *("pages.home", "pages.protection", "pages.next_steps", "pages.rights", "pages.privacy"),
    *("pages.accessibility", "pages.contact", "ledger.index", "rewards.index", "exposures.index"),
    *("exposures.issues", "fund.index", "fund.regions", "fund.changes"),
)
"""Nothing of the way to a report, nor of what is behind a receipt code."""


def sitemap(address: str, languages: Sequence[str], pages: Iterable[tuple[str, date | None]]) -> bytes:
    """The document. ``pages``: paths at the root with the day of their last change, where one is known."""
    roots = {
        "zh-CN" if place == 0 else tongue: "" if place == 0 else f"/{tongue}" for place, tongue in enumerate(languages)
    }
    root = ET.Element("urlset", {"xmlns": MAP, "xmlns:xhtml": XHTML})
    for path, day in pages:
        for base in roots.values():
            url = ET.SubElement(root, "url")
            ET.SubElement(url, "loc").text = address + base + path
            if day is not None:
                ET.SubElement(url, "lastmod").text = day.isoformat()
            for tag, other in roots.items() if len(roots) > 1 else ():
                attributes = {"rel": "alternate", "hreflang": tag, "href": address + other + path}
                ET.SubElement(url, "xhtml:link", attributes)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8"))
