"""The app: it answers with the page, refuses everything else, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from iitk.errors import UnknownStageError, UsageError
from iitk.runs.warm import wire
from iitk.serve import app


def get(url, **options):
    """Status and text of a page, whatever the status is."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    from tests.runs.conftest import write_notebook

    folder = tmp_path_factory.mktemp("books")
    write_notebook(folder / "01_economy.ipynb", "print('the area is', area)", "1 / 0  # a fault nobody should read")
    return folder


@pytest.fixture(scope="module")
def served(books):
    with app.serve("01", "Leeds", port=0, where=books) as running:
        yield running


@pytest.mark.slow
class TestApp:
    def test_the_page_is_for_the_area_that_was_asked_for(self, served):
        status, page = get(served.url)
        assert status == 200
        assert "the area is E08000035" in page
        assert served.title == "01_economy for Leeds"

    def test_people_see_neither_code_nor_traceback(self, served):
        _, page = get(served.url)
        assert "print(" not in page
        assert "a fault nobody should read" not in page
        assert "ZeroDivisionError" not in page

    @pytest.mark.parametrize(
        "path",
        [
            "voila/files/01_economy.ipynb", "voila/files/../voila.log", "files/01_economy.ipynb", "01_economy.ipynb",
            "voila/tree", "tree", "lab", "notebooks/01_economy.ipynb", "api/contents", "api/contents/01_economy.ipynb",
            "api/terminals", "api/sessions", "voila/render/../../voila.log", "static/../../voila.log",
        ],
    )  # fmt: skip
    def test_nothing_else_is_served(self, served, path):
        status, _ = get(served.url + path)
        assert status in {403, 404, 405}

    def test_no_kernel_can_be_started_from_outside(self, served):
        status, _ = get(f"{served.url}api/kernels", method="POST", data=b"{}")
        assert status in {403, 404, 405}

    def test_only_this_machine_can_reach_it(self, served):
        port = int(served.url.rsplit(":", 1)[1].strip("/"))
        open_here = psutil.Process(served.process.pid).net_connections("tcp")
        listening = [one.laddr.ip for one in open_here if one.laddr.port == port]
        assert listening
        assert set(listening) == {"127.0.0.1"}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """An app with a place for one visitor, whose notebook says in which process it runs."""
    from tests.runs.conftest import write_notebook

    folder = tmp_path_factory.mktemp("one")
    write_notebook(folder / "01_economy.ipynb", "import os\nprint('kernel', os.getpid(), os.getppid(), '.')")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("IITK_MAX_KERNELS", "1")
        with app.serve("01", "Leeds", port=0, where=folder) as running:
            yield running


@pytest.mark.slow
@pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
def test_visitors_get_warm_kernels_and_beyond_their_number_a_sentence(full):
    _, page = get(full.url)
    kernel, parent = map(int, re.search(r"kernel (\d+) (\d+) \.", page).groups())
    assert psutil.Process(kernel).ppid() == parent
    assert [child.pid for child in psutil.Process(full.process.pid).children()] == [parent]
    status, refusal = get(full.url)
    assert status == 503
    assert "All places for kernels are taken (1 of 1). Close a page" in refusal
    everything = psutil.Process(full.process.pid).children(recursive=True)
    full.process.kill()
    assert psutil.wait_procs(everything, timeout=30)[1] == []


def test_without_its_entry_point_the_kernels_are_those_of_jupyter(tmp_path, monkeypatch):
    specs = []
    for name, points in (("installed", ["it"]), ("not installed", [])):
        monkeypatch.setattr(app, "entry_points", lambda points=points, **_: points)
        folder = app._environment(tmp_path / name)["JUPYTER_PATH"].split(os.pathsep)[0]
        specs.append(json.loads((Path(folder) / "kernels" / "python3" / "kernel.json").read_text()))
    assert specs[0]["metadata"].pop("kernel_provisioner") == {"provisioner_name": "iitk-warm"}
    assert specs[0] == specs[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_it_with_everything_that_it_started(books):
    command = [sys.executable, "-m", "iitk", "serve", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "IITK_NOTEBOOKS": str(books)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    lines = [process.stdout.readline().strip() for _ in range(3)]
    assert lines[1].startswith("Open http://127.0.0.1:")
    assert get(lines[1].removeprefix("Open "))[0] == 200
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Stopped." in said
    assert "Traceback" not in said
    assert psutil.wait_procs(children, timeout=10)[1] == []


def test_a_port_in_use_is_said_before_anything_starts(books):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="--port 0"), app.serve("01", "Leeds", port=port, where=books):
            pytest.fail("it must not start")


def test_an_unknown_stage(books):
    with pytest.raises(UnknownStageError, match="01_economy"), app.serve("07", "Leeds", where=books):
        pytest.fail("it must not start")
