"""``python -m tests.browser.pictures``: the pictures of docs/images, taken from a demonstration that is running.

Start it first (`make run`); other ports: `--public http://127.0.0.1:8100 --staff http://127.0.0.1:8101`. Reports and
people are invented. Each picture is at most 200 KB, in 256 colours.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from admin.demo import people
from portal.kernel.clock import now
from portal.signin import totp
from tests.browser.chromium import DESKTOP, PHONE
from tests.conftest import CHROMIUM_ARGUMENTS

FOLDER = Path("docs/images")
MOST_BYTES = 200_000


@click.command()
@click.option("--public", default="http://127.0.0.1:8000", show_default=True)
@click.option("--staff", default="http://127.0.0.1:8001", show_default=True)
def pictures(public: str, staff: str) -> None:
    """Take all pictures again."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise click.ClickException("Chromium is not installed (Debian 12: apt-get install chromium)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        _public_site(browser, public)
        _staff_site(browser, staff)
        browser.close()


def _public_site(browser: Browser, address: str) -> None:
    shown = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN")
    shown.goto(address + "/")
    _keep(shown, "public-home")
    shown.goto(address + "/report/")
    shown.check("input[value=adult]")
    shown.click("main form button")
    shown.locator("#province").wait_for()
    _keep(shown, "public-question")


def _staff_site(browser: Browser, address: str) -> None:
    shown = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
    shown.goto(address + "/")
    shown.fill("#sign_in", "qh-head")
    shown.fill("#passphrase", people.PASSPHRASE)
    shown.fill("#code", totp.code_at(people.totp_secret("qh-head"), now()))
    shown.click("main button[type=submit]")
    shown.locator("[data-row]").first.wait_for()
    _keep(shown, "staff-queue")
    shown.locator("[data-row] a").first.click()
    shown.wait_for_url("**/tips/**")
    _keep(shown, "staff-case")


def _keep(shown: Page, name: str) -> None:
    image = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise click.ClickException(f"{path}: {size} bytes, more than {MOST_BYTES}")
    click.echo(f"{path}: {size} bytes")


if __name__ == "__main__":
    pictures()
