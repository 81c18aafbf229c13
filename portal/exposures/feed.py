"""The Atom feed (RFC 4287) of published cases. A correction, a withdrawal or an end is the same entry, updated.

Only days are kept of what is published. An entry's ``updated`` is midnight in Beijing of the day of its newest version,
and the number of the version in seconds after it, so that a second change on one day is seen to be newer.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree as ET

from markupsafe import escape

from portal.exposures.opendata import notice, office_name
from portal.exposures.published import Shown
from portal.exposures.values import VersionKind
from portal.exposures.wording import VERSIONS
from portal.kernel.clock import BEIJING
from portal.web.locale import gettext as _

MOST = 100
"""Entries: more than anybody publishes between two visits of a reader."""
NEVER = datetime(2000, 1, 1, tzinfo=BEIJING)
"""When a feed without entries changed: it must say something."""
ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, escaped or not."""

Address = Callable[[str], str]
"""From the code of a case to the address of its page."""


def feed(cases: Sequence[Shown], *, origin: str, title: str, tag: str, own: str, home: str, address: Address) -> bytes:
    """The feed document. ``origin``: what the site is for good, at whatever address; ``tag``: language of the words."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": tag})
    _put(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{origin}/exposures/{tag}").urn)
    _put(root, "title", title)
    _put(root, "updated", _moment(max((_changed(case) for case in cases), default=NEVER)))
    _put(root, "link", rel="self", href=own, type="application/atom+xml")
    _put(root, "link", rel="alternate", href=home, type="text/html")
    for case in cases:
        _entry(root, case, address(case.code))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8"))


def _entry(root: ET.Element, case: Shown, address: str) -> None:
    entry = _put(root, "entry")
    _put(entry, "id", case.id.urn)
    _put(entry, "title", _title(case))
    _put(entry, "published", _moment(_midnight(case.published_on)))
    _put(entry, "updated", _moment(_changed(case)))
    _put(_put(entry, "author"), "name", office_name(case))
    _put(entry, "link", rel="alternate", href=address, type="text/html")
    for conduct in case.content.conducts if case.content else ():
        _put(entry, "category", term=conduct)
    _put(entry, "content", _words(case), type="html")


def _title(case: Shown) -> str:
    if case.content is not None:
        return case.content.title
    return _("%(what)s：案例 %(code)s", what=VERSIONS[VersionKind(case.newest.kind)], code=case.code)


def _words(case: Shown) -> str:
    """HTML: the notice of the newest version, then what the case says now."""
    said = [notice(case.newest)]
    if case.content is not None:
        said += [_("以下案例是虚构的，只用于演示。")] if case.content.invented else []
        said += case.content.paragraphs
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in said if paragraph)


def _changed(case: Shown) -> datetime:
    return _midnight(case.changed_on) + timedelta(seconds=case.newest.version)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _put(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, name, attributes)
    if text:
        made.text = _NO_XML.sub("\ufffd", text)
    return made
