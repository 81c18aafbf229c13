"""What a production refuses, each reason by itself; and what the public process may not see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from admin.config import load_staff, refuse_weak_staff, refuse_wrong_signer
from admin.installation import Place, write_files
from crypto.kdf import KdfCost
from crypto.signing import generate_signer
from portal.app import create_app
from portal.config import BadSettings, load, refuse_inner_material, refuse_weak
from portal.kernel import secretfiles
from portal.kernel.site import DataLicence, Mode

Change = Callable[[Path], None]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A production as ``mingjing setup`` writes it; the staff side's secrets live elsewhere, as the manual asks."""
    made = Place(tmp_path / "place", Mode.PRODUCTION, "明镜", "mingjing.example/1")
    write_files(made)
    return made


def _say(key: str, value: str) -> Change:
    """Replace the line of *key* in the settings."""

    def change(folder: Path) -> None:
        path = folder / "public.toml"
        lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in path.read_text().splitlines()]
        path.write_text("\n".join(lines))

    return change


def _secret(file: str, text: str) -> Change:
    return lambda folder: _rewrite(folder / "secrets" / "public" / file, text)


def _rewrite(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def _open_file(folder: Path) -> None:
    (folder / "secrets" / "public" / "cookie-public").chmod(0o644)


def _debug(folder: Path) -> None:
    path = folder / "public.toml"
    path.write_text("debug = true\n" + path.read_text())


def _memory(folder: Path) -> None:
    _say("url", '"sqlite:///:memory:"')(folder)


COOKIE, PEPPER = "cookie-public", "receipt-pepper-1"
WEAK: dict[str, tuple[Change, str]] = {
    "a demonstration's secret": (_secret(COOKIE, f"mingjing-demo-secret {COOKIE} {'0123456789abcdef' * 4}"), "demo"),
    "a short cookie secret": (_secret(COOKIE, f"mingjing-secret {COOKIE} 0123456789abcdef"), COOKIE),
    "a cookie secret that is not random": (_secret(COOKIE, f"mingjing-secret {COOKIE} {'00' * 32}"), COOKIE),
    "a pepper that is not random": (_secret(PEPPER, f"mingjing-secret receipt-pepper {'11' * 32}"), "pepper"),
    "a cheap slow hash": (_say("memory_kib", "1024"), "cheaper"),
    "a single pass": (_say("iterations", "1"), "cheaper"),
    "cookies in clear": (_say("https", "false"), "https"),
    "shred keys in the main database": (_say("shred_url", '"sqlite:///stores/main.sqlite"'), "shred"),
    "sessions in the main file": (_say("sessions_url", '"sqlite:///stores/main.sqlite"'), "sessions"),
    "a store in memory": (_memory, "memory"),
    "debug": (_debug, "debug"),
    "a secret that others may read": (_open_file, "chmod 640"),
}


def test_a_production_as_set_up_writes_it_is_not_weak(place: Place) -> None:
    refuse_weak(load(place.public_toml), {})
    refuse_weak_staff(load_staff(place.staff_toml))


def test_secrets_may_be_shared_with_a_group_of_accounts(place: Place) -> None:
    for path in (place.folder / "secrets").rglob("*-*"):
        path.chmod(0o640)
    refuse_weak(load(place.public_toml), {})
    refuse_weak_staff(load_staff(place.staff_toml))


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_production_is_refused_with_the_reason(place: Place, name: str) -> None:
    change, reason = WEAK[name]
    change(place.folder)
    with pytest.raises(BadSettings, match=reason):
        refuse_weak(load(place.public_toml), {})


@pytest.mark.parametrize("name", WEAK)
def test_the_same_is_no_obstacle_to_a_test(place: Place, name: str) -> None:
    _say("mode", '"test"')(place.folder)
    WEAK[name][0](place.folder)
    refuse_weak(load(place.public_toml), {})


def test_every_reason_is_said_at_once(place: Place) -> None:
    _say("https", "false")(place.folder)
    _say("memory_kib", "1024")(place.folder)
    _debug(place.folder)
    with pytest.raises(BadSettings) as refused:
        refuse_weak(load(place.public_toml), {})
    assert len(refused.value.reasons) == 3


def test_flasks_debugger_is_refused(place: Place) -> None:
    with pytest.raises(BadSettings, match="debug"):
        refuse_weak(load(place.public_toml), {"FLASK_DEBUG": "1"})


def test_the_staff_side_refuses_a_cheap_passphrase_hash(tmp_path: Path) -> None:
    cheap = KdfCost(19 * 1024, 2, 1)
    place = Place(tmp_path / "p", Mode.PRODUCTION, "明镜", "m.example/1", passphrase_cost=cheap)
    write_files(place)
    with pytest.raises(BadSettings, match="passphrase"):
        refuse_weak_staff(load_staff(place.staff_toml))


def test_a_missing_pepper_is_refused_in_every_mode(place: Place) -> None:
    (place.folder / "secrets" / "public" / "receipt-pepper-1").unlink()
    with pytest.raises(BadSettings, match="receipt-pepper-1"):
        load(place.public_toml)


def test_an_unknown_setting_is_refused(place: Place) -> None:
    with place.public_toml.open("a") as file:
        file.write('\n[web2]\nx = "y"\n')
    with pytest.raises(BadSettings, match="web2: no such setting"):
        load(place.public_toml)


def test_a_secret_in_anothers_place_is_refused(place: Place) -> None:
    folder = place.folder / "secrets" / "public"
    (folder / "receipt-salt").write_text((folder / "cookie-public").read_text())
    with pytest.raises(BadSettings, match="not receipt-salt"):
        load(place.public_toml)


def test_the_public_process_refuses_to_start_where_it_sees_a_private_key(place: Place) -> None:
    """As set up, one user can read everything: a production has to give each process a user of its own."""
    with pytest.raises(BadSettings, match="checkpoint-signer"):
        create_app(load(place.public_toml))


def _without_the_staff_side(place: Place) -> None:
    for name in ("staff", "worker"):
        for path in (place.folder / "secrets" / name).iterdir():
            path.unlink()


def test_without_the_staff_sides_secrets_in_sight_it_starts(place: Place) -> None:
    _without_the_staff_side(place)
    refuse_inner_material(load(place.public_toml), {})


@pytest.mark.parametrize("mode", ["demo", "test", "production"])
def test_a_staff_secret_among_the_public_ones_is_refused_in_every_mode(place: Place, mode: str) -> None:
    _without_the_staff_side(place)
    _say("mode", f'"{mode}"')(place.folder)
    secretfiles.make(place.folder / "secrets" / "public", "passphrase-pepper")
    with pytest.raises(BadSettings, match="passphrase-pepper"):
        refuse_inner_material(load(place.public_toml), {})


def test_a_signing_key_in_the_environment_is_refused(place: Place) -> None:
    _without_the_staff_side(place)
    signer, _ = generate_signer("m.example/1")
    with pytest.raises(BadSettings, match="environment variable SIGNER") as refused:
        refuse_inner_material(load(place.public_toml), {"SIGNER": signer})
    assert signer not in str(refused.value)


def test_the_worker_refuses_a_signing_key_that_is_not_the_pinned_one(place: Place) -> None:
    settings = load_staff(place.staff_toml)
    refuse_wrong_signer(settings)
    other, _ = generate_signer(place.origin)
    settings.signer_path.write_text(other)
    with pytest.raises(BadSettings, match="not the key"):
        refuse_wrong_signer(settings)


def test_no_secret_shows_in_the_repr_of_settings(place: Place) -> None:
    settings = load_staff(place.staff_toml)
    text = repr(settings)
    secrets = (settings.secret_key, settings.passphrase_pepper, settings.shared.secret_key, settings.site.receipts.salt)
    assert not [secret for secret in secrets if repr(secret) in text or secret.hex() in text]


def test_the_address_of_the_site_is_one_without_a_path(place: Place) -> None:
    path = place.folder / "public.toml"
    written = path.read_text()
    path.write_text(written.replace("[web]\n", '[web]\naddress = "https://report.example.org/"\n'))
    assert load(path).site.address == "https://report.example.org"
    path.write_text(written.replace("[web]\n", '[web]\naddress = "report.example.org/here"\n'))
    with pytest.raises(BadSettings, match=r"web\.address: must be like"):
        load(path)


def test_published_cases_may_be_used_under_a_licence_that_the_office_names(place: Place) -> None:
    path = place.folder / "public.toml"
    assert load(path).site.data_licence.code == "CC-BY-4.0"
    path.write_text(path.read_text() + '\n[open_data]\nlicence = ""\nlicence_name = "市公共数据开放许可"\n')
    assert load(path).site.data_licence == DataLicence("", "市公共数据开放许可", "")
