"""A picture or a page as what crosses the pipe: three bytes a pixel, nothing beside them."""

from __future__ import annotations

import io
import math
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from admin.rendering.protocol import MOST_PIXELS, MOST_SIDE, Problem, Trouble

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "HEIF")
POINTS_PER_INCH, DOTS_PER_INCH = 72, 150
Pixels = tuple[int, int, bytes]
"""Width, height, RGB."""


def count_frames(data: bytes) -> int:
    """Pages of a picture: 1, but for a TIFF of several. Raises Trouble."""
    with _opened(data) as picture:
        return getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1


def picture(data: bytes, page: int) -> Pixels:
    """A picture (or frame *page* of it, from 1) upright, in sRGB, on white, at most MOST_SIDE long. Raises Trouble."""
    with _opened(data) as opened:
        if page > 1:
            opened.seek(page - 1)
            _check(opened)
        opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
        shown = ImageOps.exif_transpose(opened)
        profile = opened.info.get("icc_profile")
    shown.thumbnail((MOST_SIDE, MOST_SIDE))
    return _bare(_in_srgb(_on_white(shown), profile))


def count_pages(data: bytes) -> int:
    """Pages of a PDF. Raises Trouble."""
    return len(_document(data))


def pdf_page(data: bytes, page: int) -> Pixels:
    """Page *page* (from 1) of a PDF as a printer would show it. Scripts and actions in it are never run."""
    document = _document(data)
    if not 1 <= page <= len(document):
        raise Trouble(Problem.BROKEN)
    document.init_forms()  # so that what was filled in is drawn
    sheet = document[page - 1]
    width, height = sheet.get_size()
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, MOST_SIDE / max(width, height, 1))
    if not math.isfinite(scale) or scale <= 0:
        raise Trouble(Problem.BROKEN)
    return _bare(sheet.render(scale=scale).to_pil().convert("RGB"))


def _document(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Trouble(Problem.PASSWORD if locked else Problem.BROKEN) from error


def _opened(data: bytes) -> Image.Image:
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # ours is asked below, and the memory is limited
    try:
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Trouble(Problem.BROKEN) from error
    _check(opened)
    return opened


def _check(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise Trouble(Problem.TOO_LARGE)


def _on_white(picture: Image.Image) -> Image.Image:
    if "transparency" in picture.info or picture.mode in ("LA", "PA", "RGBA"):
        clear = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(clear, mask=clear.getchannel("A"))
        return white
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of another profile turned into sRGB; an unreadable profile costs a shade, never the picture."""
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return turned or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return picture


def _bare(picture: Image.Image) -> Pixels:
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    plain = picture.convert("RGB")
    return plain.width, plain.height, plain.tobytes()
