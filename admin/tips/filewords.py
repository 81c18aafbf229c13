"""What is said of a file on staff pages: what it is, why there is no safe view, whether it was scanned."""

from __future__ import annotations

from collections.abc import Mapping

from admin.rendering.protocol import Problem
from admin.rendering.values import MOST_BYTES, NotScanned
from portal.attachments.rules import KINDS, Family
from portal.kernel.site import MIB

FAMILIES: Mapping[Family, str] = {
    Family.JPEG: "照片（JPEG）",
    Family.PNG: "图片（PNG）",
    Family.GIF: "图片（GIF）",
    Family.BMP: "图片（BMP）",
    Family.WEBP: "图片（WebP）",
    Family.TIFF: "图片（TIFF）",
    Family.PDF: "PDF 文档",
    Family.OLE: "Office 文档（2003 版）",
    Family.ZIP: "Office 文档或压缩包",
    Family.ISO: "照片（HEIC）或录音、录像",
    Family.TEXT: "文字",
    Family.MP3: "录音（MP3）",
    Family.AAC: "录音（AAC）",
    Family.AMR: "录音（AMR）",
    Family.WAV: "录音（WAV）",
    Family.OGG: "录音（OGG）",
    Family.FLAC: "录音（FLAC）",
    Family.ASF: "录音或录像（Windows Media）",
    Family.AVI: "录像（AVI）",
    Family.MATROSKA: "录像（Matroska）",
    Family.MPEG: "录像（MPEG）",
}
PROBLEMS: Mapping[Problem, str] = {
    Problem.TIME: "打开这个文件用的时间超过了上限，已经中止。",
    Problem.MEMORY: "打开这个文件要用的内存超过了上限，已经中止。",
    Problem.OUTPUT: "这个文件展开后的内容超过了上限，已经中止。",
    Problem.CRASHED: "这个文件让查看程序出了错，已经中止。它可能损坏了，也可能是有人故意这样做的。",
    Problem.BROKEN: "这个文件读不出来，可能已经损坏。",
    Problem.PASSWORD: "这个文件有密码，打不开。可以写信请举报人告知密码。",
    Problem.BOMB: "这个文件解开后会大得不正常（俗称“压缩炸弹”），没有解开。",
    Problem.TOO_LARGE: f"这个文件太大，没有打开。安全视图最多 {MOST_BYTES // MIB} MB，图片最多 1 亿像素。",
    Problem.NO_VIEW: "这种文件没有安全视图。录音、录像、网页、矢量图和程序都不在页面里打开。",
    Problem.NO_OFFICE: "这台服务器没有安装 LibreOffice，Office 文档没有安全视图。",
    Problem.NOT_ISOLATED: "这台服务器现在不能把文件隔离起来打开，所以没有打开。请告诉系统管理员。",
    Problem.BUSY: "现在同时打开的文件太多，请过一会儿刷新本页。",
}
NOT_SCANNED: Mapping[NotScanned, str] = {
    NotScanned.NOT_CONFIGURED: "没有配置杀毒软件",
    NotScanned.UNREACHABLE: "杀毒软件没有应答",
    NotScanned.STALE: "病毒库太旧",
    NotScanned.TOO_LARGE: "文件超过了杀毒软件的上限",
    NotScanned.FAILED: "杀毒软件没有查完",
}


def family_words(family: Family | None) -> str:
    """What the content is, in words."""
    return FAMILIES[family] if family else "不在可以接收的种类之内"


def is_misnamed(name: str, family: Family | None) -> bool:
    """Whether the name promises another kind than the content is."""
    kind = KINDS.get(name.rpartition(".")[2].lower())
    return kind is None or kind.family is not family
