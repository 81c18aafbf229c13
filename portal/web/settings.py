"""What the web layer has to be told by whoever makes an app of it. Pure values, no defaults that weaken anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """The public site and the staff site are two processes with two cookies."""

    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True)
class FooterItem:
    """A line of the footer that only the operator knows: responsible body, filing number, site code, corrections."""

    label: str
    text: str
    link: str | None = None
    text_en: str = ""


@dataclass(frozen=True)
class Channel:
    """Another way to report: ``name`` 电话, ``value`` 12393, ``note`` 工作日 8:30 至 17:30."""

    name: str
    value: str
    note: str = ""
    name_en: str = ""
    note_en: str = ""


def N_(text: str) -> str:  # noqa: N802 - the name that extraction looks for
    """Mark *text* as a message; whoever shows it translates it."""
    return text


NATIONAL_CHANNELS = (
    Channel(N_("医保服务热线"), "12393", N_("按语音提示选择举报投诉")),
    Channel(N_("政务服务便民热线"), "12345", N_("全天接听")),
)

LAST_RESORT = (N_("网站出了问题") + " / Something went wrong on our side", "12393")
"""Title and advice of an error page when not even the reader's language can be told: in both at once."""


@dataclass(frozen=True)
class WebSettings:
    """Settings of one app's pages.

    ``https``: the site is reached over TLS, so cookies are Secure and HSTS is sent. ``trusted_proxies``: how many
    proxies in front may be believed about the visitor's address; 0 believes none. ``exit_url``: where the quick exit
    ends; without it an empty page of our own. ``redis_url``: where limits are counted together; without it each worker
    counts for itself. ``address``: where the public reaches the site, for what must name it in full; without it
    nothing does. ``languages``: the first is the source language and stands at the root of the site.
    """

    side: Side
    secret_key: str
    https: bool
    demo: bool = False
    site_name: str = N_("明镜")
    site_name_en: str = ""
    trusted_proxies: int = 0
    exit_url: str | None = None
    redis_url: str | None = None
    address: str = ""
    languages: tuple[str, ...] = ("zh", "en")
    footer: tuple[FooterItem, ...] = ()
    channels: tuple[Channel, ...] = NATIONAL_CHANNELS
    session_seconds: int = 1800
    testing: bool = field(default=False, kw_only=True)

    @property
    def session_cookie(self) -> str:
        """``mj_p`` on the public site, ``mj_s`` on the staff site: neither process reads the other's."""
        return "mj_p" if self.side is Side.PUBLIC else "mj_s"
