"""Photos without their hidden data."""

from __future__ import annotations

import io

import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from portal.attachments import images
from portal.attachments.rules import KINDS
from portal.kernel.errors import Refused

MARK = "MARKER-gps-31.9537-118.8399"


def photo(form: str, size: tuple[int, int] = (40, 20)) -> bytes:
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[0x010E] = MARK
    exif[0x0112] = 6  # turned: width and height change places when set upright
    buffer = io.BytesIO()
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", MARK)
        picture.save(buffer, "PNG", pnginfo=text, exif=exif)
    elif form == "HEIF":
        pillow_heif.from_pillow(picture).save(buffer, exif=exif.tobytes())
    else:
        picture.save(buffer, form, exif=exif, **({"comment": MARK.encode()} if form == "JPEG" else {}))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("form", "ending", "becomes"),
    [
        ("JPEG", "jpg", "jpg"),
        ("PNG", "png", "png"),
        ("WEBP", "webp", "webp"),
        ("TIFF", "tiff", "png"),
        ("HEIF", "heic", "jpg"),
    ],
)
def test_what_stood_beside_the_pixels_is_gone(form: str, ending: str, becomes: str) -> None:
    before = photo(form)
    assert MARK.encode() in before or form == "HEIF"
    after, name, media = images.cleaned(before, KINDS[ending], f"现场.{ending}")
    assert MARK.encode() not in after
    assert name == f"现场.{becomes}"
    with Image.open(io.BytesIO(after)) as picture:
        assert not picture.getexif()
        assert set(picture.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "loop",
            "background",
            "timestamp",
            "duration",
        }
        assert picture.get_format_mimetype() == media
        if form in ("JPEG", "TIFF"):
            assert picture.size == (20, 40)


def test_a_broken_photo_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused) as refused:
        images.cleaned(photo("JPEG")[:300], KINDS["jpg"], "a.jpg")
    assert refused.value.code == "image_broken" and "直接上传" in refused.value.message


def test_a_picture_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 100)
    with pytest.raises(Refused) as refused:
        images.cleaned(photo("PNG"), KINDS["png"], "a.png")
    assert refused.value.code == "image_too_large"


@pytest.mark.parametrize("mode", ["P", "LA", "I;16", "1", "CMYK"])
def test_unusual_pixel_formats_come_through(mode: str) -> None:
    buffer = io.BytesIO()
    form, ending = ("TIFF", "tiff") if mode == "CMYK" else ("PNG", "png")
    Image.new(mode, (8, 8)).save(buffer, form)
    after, _, _ = images.cleaned(buffer.getvalue(), KINDS[ending], f"a.{ending}")
    with Image.open(io.BytesIO(after)) as picture:
        assert picture.size == (8, 8)
