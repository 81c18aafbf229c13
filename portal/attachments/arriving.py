"""Files of the present request: those that were sealed, made durable, and what to say of the others."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from portal.attachments.store import site_store
from portal.attachments.upload import SealingRequest, Taken, keep_all
from portal.kernel.errors import DomainError, Unavailable
from portal.kernel.site import MIB, site
from portal.web.locale import gettext as _


def incoming() -> SealingRequest:
    """This request as what it is. The application is made with it."""
    asked: Any = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's documented way out
    if not isinstance(asked, SealingRequest):
        raise TypeError(f"{current_app.name} does not seal its uploads")
    return asked


def kept_files() -> tuple[list[Taken], list[str]]:
    """What of this request is sealed and durable, and a sentence for each file that is not.

    The caller names each in a row or calls :func:`forget`. Raises Unavailable, with nothing kept, when the store fails.
    """
    taken, problems = list[Taken](), list[str]()
    sinks = incoming().sinks
    for sink, outcome in zip(sinks, keep_all(sinks), strict=True):
        if isinstance(outcome, Taken):
            taken.append(outcome)
        elif isinstance(outcome, Unavailable):
            forget(taken)
            raise outcome
        else:
            problems.append(_("“%(name)s”：%(problem)s", name=sink.name, problem=words_of(outcome)))
    if incoming().upload_broken:
        problems.append(broken_words())
    return taken, problems


def forget(taken: list[Taken]) -> None:
    """Remove blobs that no row names."""
    for one in taken:
        site_store().delete(one.entry.id)


def words_of(error: DomainError) -> str:
    """The problem in the reader's language, with the numbers of this site."""
    limits = site().limits
    sizes = {
        "file_too_big": _(
            "这个文件太大，每个最多 %(size)s MB。请剪短、压缩或分成几个再上传。", size=limits.file_bytes // MIB
        ),
        "file_total": _(
            "全部文件合起来最多 %(size)s MB，加上这个就超出了。请先删去不需要的。", size=limits.total_bytes // MIB
        ),
        "clean_too_big": _(
            "超过 %(size)s MB 的照片不能去除隐藏信息。请缩小后再传，或者选“直接上传”按原样提交。",
            size=limits.clean_bytes // MIB,
        ),
    }
    return str(sizes.get(error.code) or _(error.message))


def broken_words() -> str:
    return str(_("上传中断了，文件没有收完整。请再选一次文件；网络不稳时可以先压缩或分开上传。"))


def too_many_words() -> str:
    most = site().limits.total_bytes // MIB
    return str(_("一次发送的文件太多太大，合起来最多 %(size)s MB。请分几次添加，或者先压缩。", size=most))
