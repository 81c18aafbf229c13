"""Files as hostile people make them, made anew for each test: none lies in the tree."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

import pillow_heif
from PIL import Image

_HALVES = (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD", b"-ANTIVIRUS-TEST-FILE!$H+H*")
EICAR = b"".join(_HALVES)
"""The test file of the antivirus makers (eicar.org), put together at run time so that no scanner stops at this line."""

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def photo(size: tuple[int, int] = (640, 480), colour: str = "teal") -> bytes:
    """A JPEG that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "PLANTED-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif, comment=b"PLANTED-COMMENT")
    return out.getvalue()


def picture(kind: str, mode: str = "RGB", **options: object) -> bytes:
    """A small picture of the format *kind*."""
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.new(mode, (60, 40)).save(out, kind, **options)
    return out.getvalue()


def pdf(pages: int = 2) -> bytes:
    """A PDF of coloured pages."""
    sheets = [Image.new("RGB", (300, 420), ("teal", "maroon")[number % 2]) for number in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def endless_pdf(pages: int = 20_000) -> bytes:
    """A PDF with very many pages, each of its own, in about 1.4 MB."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    bodies.append(b"<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 200 200] >>" % (pages, kids))
    bodies += [b"<< /Type /Page /Parent 2 0 R >>"] * pages
    return numbered(bodies)


def scripted_pdf() -> bytes:
    """A PDF that would run a script, start a program and call a server when it is opened."""
    action = b"<< /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:1/'\\)) >>"
    return numbered(
        [
            b"<< /Type /Catalog /Pages 2 0 R /OpenAction %s >>" % action,
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 200 200] >>",
            b"<< /Type /Page /Parent 2 0 R /AA << /O << /S /Launch /F (/bin/sh) >> >> >>",
        ]
    )


def numbered(bodies: list[bytes]) -> bytes:
    """A PDF of these objects with its table."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)


def vast_png(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that claims 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


def docx(words: str = "虚构住院", /, **more: bytes) -> bytes:
    """A Word file; *more*: further members by name."""
    name = "http://schemas.openxmlformats.org"
    kind = "application/vnd.openxmlformats-"
    main = f"{kind}officedocument.wordprocessingml.document.main+xml"
    words = f"<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body>"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{name}/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{kind}package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{name}/package/2006/relationships"><Relationship Id="r1" Type='
        f'"{name}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{name}/wordprocessingml/2006/main">{words}</w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
        for path, data in more.items():
            archive.writestr(path, data)
    return out.getvalue()


@cache
def bomb_docx() -> bytes:
    """A Word file of some hundred kilobytes that unpacks to 400 MB: packing it takes a second or two."""
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media.xml", "w") as member:
        for _ in range(100):
            member.write(bytes(4 * 1024 * 1024))
    return out.getvalue()


def jpeg_and_html() -> bytes:
    """One file that is a photograph to a viewer and a page with a script to a careless browser."""
    return photo() + b"<html><script>alert(document.cookie)</script></html>"


def jpeg_and_zip() -> bytes:
    """A photograph with an archive behind it."""
    out = io.BytesIO(photo())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()
