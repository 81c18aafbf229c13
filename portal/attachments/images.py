"""Photos without their hidden data: place, time, phone, thumbnails and comments are gone, the picture stays.

The picture is decoded and encoded anew from its pixels, in memory, so nothing that was beside them can survive. Only
on the reporter's wish: it changes the file, and the original would be the stronger evidence.
"""

from __future__ import annotations

import io
import warnings

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from portal.attachments.rules import Family, Kind
from portal.kernel.errors import Refused

MOST_PIXELS = 60_000_000
"""Above the sensors of phones; below what would fill the memory of a small server (4 bytes a pixel)."""

_FORMATS = {
    Family.JPEG: ("JPEG", "jpg"),
    Family.PNG: ("PNG", "png"),
    Family.WEBP: ("WEBP", "webp"),
    Family.BMP: ("PNG", "png"),
    Family.TIFF: ("PNG", "png"),
    Family.ISO: ("JPEG", "jpg"),  # HEIC: every office can open a JPEG
}
_MEDIA = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_OPENED = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF")

pillow_heif.register_heif_opener()


def cleaned(data: bytes, kind: Kind, name: str) -> tuple[bytes, str, str]:
    """The same picture without metadata, its new name and media type.

    Only for kinds with ``image``. Raises Refused ("image_broken", "image_too_large") with what to do instead.
    """
    encoded_as, ending = _FORMATS[kind.family]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = _pixels(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refused(
            "image_broken", "这张照片读不出来，不能去除隐藏信息。请换一张，或者选“直接上传”按原样提交。"
        ) from error
    if encoded_as == "JPEG" and picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    out = io.BytesIO()
    options = {"quality": 90} if encoded_as in ("JPEG", "WEBP") else {}
    picture.save(out, encoded_as, **options)
    stem = name.rpartition(".")[0] or name
    return out.getvalue(), f"{stem}.{ending}", _MEDIA[ending]


def _pixels(data: bytes) -> Image.Image:
    """A fresh picture that shares nothing with the file but its pixels, turned the right way up, in sRGB."""
    with Image.open(io.BytesIO(data), formats=_OPENED) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_large()
        profile = opened.info.get("icc_profile")
        upright = ImageOps.exif_transpose(opened)
        if upright.mode not in ("L", "RGB", "RGBA"):
            upright = upright.convert("RGBA" if "transparency" in opened.info or upright.mode == "LA" else "RGB")
        upright = _in_srgb(upright, profile)
        bare = Image.new(upright.mode, upright.size)
        bare.paste(upright)
        return bare


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of another profile (phones use Display P3) turned into sRGB, because the profile itself is dropped."""
    if not profile or picture.mode == "L":
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # an unreadable profile costs a shade of colour, never the evidence
    return turned or picture


def _too_large() -> Refused:
    return Refused(
        "image_too_large", "这张照片的尺寸太大，不能去除隐藏信息。请缩小后再传，或者选“直接上传”按原样提交。"
    )
