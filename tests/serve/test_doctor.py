"""The doctor: a machine that is well is said to be, and each fault, made for real, gets its line and its remedy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from iitk import cli
from iitk.charts import fonts
from iitk.errors import UsageError
from iitk.runs.warm import kernel, provisioner, wire
from iitk.serve import assets, doctor
from iitk.sources.paths import data_dir

KEYS = [
    "python", "packages", "kernel", "figures", "texts", "notebooks", "port", "outputs", "fonts", "drawing", "offline",
    "browser", "memory",
]  # fmt: skip


def iitk_doctor(*arguments, **environment):
    """The command as people type it. The limit only ends what hangs."""
    command = [sys.executable, "-m", "iitk", "doctor", *arguments]
    given = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, env=given)


def look(key, **options):
    """What the doctor says of one thing."""
    (check,) = doctor.examine(only=[key], **options)
    assert check.key == key
    return check


@pytest.fixture
def taken():
    """A port at which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data, in use, that may be damaged."""
    shutil.copytree(data_dir(), tmp_path / "data")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_machine_that_is_well_is_said_to_be_in_words_a_script_can_read(tmp_path):
    said = iitk_doctor("--json", "--port", "0", "--visitors", "1", "--out", str(tmp_path / "new"))
    checks = json.loads(said.stdout)
    assert [check["key"] for check in checks] == KEYS
    assert {check["key"]: check["message"] for check in checks if check["state"] == "failed"} == {}
    assert all(check["message"] for check in checks)
    assert (said.returncode, said.stderr) == (0, "")
    assert not (tmp_path / "new").exists()  # it looks and changes nothing
    (answered,) = [check["message"] for check in checks if check["key"] == "kernel"]
    assert ("A warm kernel answered" if wire.SUPPORTED else "Linux only") in answered


def test_many_faults_at_once_each_get_a_line_and_a_remedy(data, tmp_path, taken):
    (data / "official" / "gva_lad.parquet").write_bytes(b"PAR1")
    (data / "glossary.toml").write_text("[a", encoding="utf-8")
    (tmp_path / "books").mkdir()
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    said = iitk_doctor(
        "--port", str(taken), "--out", str(tmp_path / "out"), "--visitors", "1", IITK_NOTEBOOKS=tmp_path / "books"
    )
    assert (said.returncode, said.stderr) == (1, "")
    lines = said.stdout.splitlines()
    for title, wrong, remedy in (
        ("Official figures", "gva_lad.parquet is damaged", "iitk data build --from"),
        ("Texts and assumptions", "cannot be read", "last good copy"),
        ("Notebooks", "no numbered notebooks", "Install the package again"),
        (f"Port {taken}", "in use", "--port 0"),
        ("Folder for results", "Cannot write to", "--out FOLDER"),
    ):
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"FAILED {title}: ")]
        assert wrong in lines[at]
        assert remedy in lines[at + 1]
    assert sum(line.startswith("FAILED") for line in lines) == 5
    assert lines[-1] == f"{len(KEYS) - 5} of {len(KEYS)} are well."
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a file"


def test_a_missing_table_is_named(data):
    (data / "official" / "areas.parquet").unlink()
    check = look("figures")
    assert (check.state, "areas.parquet is missing" in check.message) == ("failed", True)
    assert "iitk data build" in check.remedy


@pytest.mark.parametrize("name", ["prompts/01_economy.toml", "lenses/2025.toml", "parameters.toml", "glossary.toml"])
def test_a_text_that_cannot_be_read_is_named(data, name):
    (data / name).write_text("[a", encoding="utf-8")
    check = look("texts")
    assert check.state == "failed"
    assert name.rpartition("/")[2] in check.message
    assert check.remedy


def test_a_free_port_is_free_and_one_in_use_names_who_has_it(taken):
    check = look("port", port=taken)
    assert check.state == "failed"
    assert "iitk serve --port 0" in check.remedy
    if sys.platform == "linux":
        assert f"process {os.getpid()}" in check.message
    assert look("port", port=0).state == "ok"


@pytest.mark.parametrize("options", [{"port": 70_000}, {"port": -1}, {"visitors": 0}])
def test_what_cannot_be_meant_is_refused(options):
    with pytest.raises(UsageError):
        doctor.examine(**options)


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    check = look("outputs", outputs=tmp_path / "file" / "out")
    assert check.state == "failed"
    assert "--out FOLDER" in check.remedy


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_cannot_be_written(tmp_path):
    tmp_path.chmod(0o555)
    assert look("outputs", outputs=tmp_path).state == "failed"
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(("free", "state"), [(50, "failed"), (500, "advice"), (5_000, "ok")])
def test_little_room_is_said(tmp_path, monkeypatch, free, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free << 20))
    check = look("outputs", outputs=tmp_path)
    assert check.state == state
    assert bool(check.remedy) is (state != "ok")


def test_a_missing_and_a_damaged_font_are_named(tmp_path, monkeypatch):
    shutil.copytree(fonts.folder(), tmp_path / "fonts")
    (tmp_path / "fonts" / "chart-sans-400.ttf").unlink()
    (tmp_path / "fonts" / "source-sans-3-latin-400-normal.woff2").write_bytes(b"<!doctype html>")
    monkeypatch.setattr(fonts, "folder", lambda: tmp_path / "fonts")
    check = look("fonts")
    assert check.state == "failed"
    assert check.message.endswith(": source-sans-3-latin-400-normal.woff2, chart-sans-400.ttf.")
    assert check.remedy == doctor.INSTALL


def test_packages_that_are_missing_or_too_old_are_named(tmp_path, monkeypatch):
    """The doctor believes the installed package's own record: here one that asks for more than there is."""
    (tmp_path / "iitk-9.dist-info").mkdir()
    (tmp_path / "iitk-9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: iitk\nVersion: 9\nRequires-Python: >=3.99\nRequires-Dist: pandas>=99\n"
        "Requires-Dist: no-such-package>=1\nRequires-Dist: only-elsewhere; sys_platform == 'none'\n"
        "Requires-Dist: only-extra>=1; extra == 'more'\nRequires-Dist: pytest>=1\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    packages, python = look("packages"), look("python")
    assert packages.state == python.state == "failed"
    assert "pandas is" in packages.message
    assert packages.message.endswith("no-such-package is missing.")
    assert "only-" not in packages.message
    assert "pytest" not in packages.message
    assert ">=3.99" in python.remedy


def test_page_parts_that_are_missing_are_named(tmp_path, monkeypatch):
    """Jupyter looks in the folders of JUPYTER_PATH first: here one in which Voila's front end is not whole."""
    folder = tmp_path / "voila" / "templates" / "base" / "static"
    folder.mkdir(parents=True)
    (folder / "other.js").write_text("", encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assets.all_assets.cache_clear()
    check = look("offline")
    assets.all_assets.cache_clear()
    assert check.state == "failed"
    assert check.message == "Missing or empty: voila/static/voila.js, voila/static/other.js."
    assert check.remedy == doctor.INSTALL


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@import '//cdn.example/a.css'", True), ("url(https://cdn.example/a.woff)", True),
        ('fetch("https://a.b")', True), ('img.src = "//a.b/c.png"', True), ("new WebSocket(address)", False),
        ("url(data:font/woff2;base64,AA//BB==)", False), ("// a note, see https://example.org", False),
        ("fetch(`${base}health`)", False),
    ],
)  # fmt: skip
def test_what_asks_another_server_is_known(text, found):
    assert bool(doctor._ELSEWHERE.search(text)) is found


def test_without_a_browser_there_is_advice_since_visitors_have_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_BROWSER_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look("browser").state == "advice"
    (tmp_path / "firefox").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "firefox").chmod(0o755)
    assert (look("browser").state, look("browser").message) == ("ok", "firefox is here.")


def test_memory_for_more_visitors_than_it_can_hold_is_advice_with_a_number():
    check = look("memory", visitors=1_000_000)
    assert check.state == "advice"
    assert "60,000,400 are needed" in check.message
    assert "iitk serve --visitors " in check.remedy


class TestKernel:
    """Kernels that fail for real: their interpreter ends at once, or only the warm parent's does."""

    def test_none_answers(self, tmp_path, monkeypatch):
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
        broken.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(broken))
        check = look("kernel")
        assert check.state == "failed"
        assert "ended early" in check.message
        assert check.remedy == doctor.INSTALL

    @pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
    def test_only_the_warm_parent_fails(self, monkeypatch):
        monkeypatch.setattr(kernel, "_START", "raise SystemExit(3)")
        check = look("kernel")
        assert check.state == "advice"
        assert "warm parent" in check.message
        assert "IITK_DEBUG" in check.remedy

    def test_where_none_can_be_forked_that_is_said(self, monkeypatch):
        monkeypatch.setattr(wire, "SUPPORTED", False)
        check = look("kernel")
        assert (check.state, "Linux only" in check.message) == ("ok", True)

    @pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
    def test_jupyter_does_not_know_of_warm_kernels(self, monkeypatch):
        monkeypatch.setattr(provisioner, "NAME", "unknown")
        check = look("kernel")
        assert (check.state, check.remedy) == ("advice", doctor.INSTALL)

    def test_one_that_never_answers_is_given_up(self, monkeypatch):
        monkeypatch.setattr(doctor, "PATIENCE", 0.0)
        check = look("kernel")
        assert check.state == "failed"
        assert "did not answer" in check.message


def test_a_check_that_breaks_is_a_fault_and_not_a_traceback(monkeypatch):
    monkeypatch.setattr(doctor, "_browser", lambda: 1 / 0)
    check = look("browser")
    assert (check.state, check.message) == ("failed", "This could not be looked at: division by zero")


@pytest.mark.parametrize("plain", [False, True])
def test_colour_is_for_people_at_a_terminal_who_want_it(plain, capsys, monkeypatch):
    found = {"ok": "", "advice": "Do.", "failed": "Do."}
    checks = [doctor.Check(state, state, state, "So.", remedy) for state, remedy in found.items()]
    monkeypatch.setattr(doctor, "examine", lambda **_: checks)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert ("\x1b[" in said) is not plain
    if plain:
        assert said == (
            "ok     ok: So.\nadvice advice: So.\n       Do.\nFAILED failed: So.\n       Do.\n\n2 of 3 are well.\n"
        )
