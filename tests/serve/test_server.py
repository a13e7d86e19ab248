"""The server: it answers with pages for the area asked for, refuses everything else, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from iitk.errors import UnknownAreaError, UnknownStageError, UsageError
from iitk.runs.warm import provisioner, wire
from iitk.serve import app
from tests.runs.conftest import write_notebook
from tests.serve.conftest import serving
from tests.serve.visitor import LIVE, line, open_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    write_notebook(folder / "01_economy.ipynb", "import os\nprint('the area is', area, 'in', os.getpid(), '.')",
                   "1 / 0  # a fault nobody should read")  # fmt: skip
    write_notebook(folder / "03_potential.ipynb", "from iitk import errors\nraise errors.WorkError('Do <b>this</b>.')")
    write_notebook(folder / "00_mandate.ipynb", "import os\nos._exit(3)")
    return folder


@pytest.fixture(scope="module")
def served(books):
    with serving(IITK_NOTEBOOKS=str(books)) as running:
        yield running


class TestPages:
    def test_the_page_is_for_the_area_that_was_asked_for(self, served):
        status, _, page = served.get("stage/01_economy?area=E08000035")
        assert status == 200
        assert "the area is E08000035" in page
        assert "<title>What is our economy, compared with places like us? Leeds" in page

    def test_a_name_and_a_sum_will_do_as_well(self, served):
        assert "the area is E08000032" in served.get("stage/01_economy?area=Bradford")[2]
        assert "Leeds + Bradford" in served.get("stage/01_economy?area=Leeds%20%2B%20Bradford")[2]

    def test_people_see_neither_code_nor_traceback_but_a_reference(self, served):
        _, _, page = served.get("stage/01_economy?area=Leeds")
        assert "print(" not in page
        assert "a fault nobody should read" not in page
        assert "ZeroDivisionError" not in page
        assert re.search(r"could not be worked out\. .*reference [0-9a-f]{6}", page)

    def test_advice_of_ours_is_shown_and_escaped(self, served):
        _, _, page = served.get("stage/03_potential?area=Leeds")
        assert "Do &lt;b&gt;this&lt;/b&gt;." in page

    def test_when_its_kernel_dies_a_page_says_so_and_offers_another_try(self, served):
        status, _, page = served.get("stage/00_mandate?area=Leeds")
        assert status == 200
        assert re.search(r"Nothing that was saved is lost.*reference [0-9a-f]{6}", page)
        assert 'href="/stage/00_mandate?area=Leeds">Try again</a>' in page
        assert page.rstrip().endswith("</html>")

    def test_pages_without_choices_give_their_kernel_back(self, served):
        served.get("stage/01_economy?area=York")
        assert json.loads(served.get("health")[2])["kernels"] == 0

    def test_without_an_area_the_way_leads_to_choosing_one(self, served):
        _, _, page = served.get("stage/01_economy")
        assert "Which place" in page

    @pytest.mark.parametrize(
        ("path", "status", "said"),
        [
            ("stage/11_none?area=Leeds", 404, "11_none"),
            ("stage/01_economy?area=Atlantis%20%25s", 404, "Atlantis %s"),
            ("stage/01_economy?area=Leeds&comparator=Nowhere-at-all", 404, "Nowhere-at-all"),
            ("stage/01_economy?area=%3Cscript%3Ealert(1)%3C/script%3E", 404, "&lt;script&gt;"),
            ("nothing", 404, "There is nothing at this address"),
            (f"areas?q={'a' * 9000}", 414, "too long"),
        ],
    )
    def test_bad_addresses_get_a_sentence(self, served, path, status, said):
        found, _, page = served.get(path)
        assert found == status
        assert said in page
        assert "<script>alert" not in page
        assert "Traceback" not in page

    def test_no_kernel_can_be_started_from_outside(self, served):
        assert served.get("api/kernels", method="POST", data=b"{}")[0] in {403, 404, 405}

    def test_only_this_machine_can_reach_it(self, served):
        port = int(served.url.rsplit(":", 1)[1].strip("/"))
        open_here = psutil.Process(served.process.pid).net_connections("tcp")
        listening = [one.laddr.ip for one in open_here if one.laddr.port == port and one.status == "LISTEN"]
        assert listening == ["127.0.0.1"]

    def test_style_and_scripts_may_be_kept_and_pages_not(self, served):
        _, _, page = served.get()
        assert served.get()[1]["Cache-Control"] == "no-store"
        style = re.search(r'href="/(static/style-[0-9a-f]{12}\.css)"', page)[1]
        status, headers, _ = served.get(style)
        assert status == 200
        assert "immutable" in headers["Cache-Control"]


def test_a_full_server_says_so_and_lets_in_when_there_is_room():
    with serving("--visitors", "1") as running:
        status, _, page = running.get("stage/01_economy?area=Leeds")
        assert status == 200
        kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', page)[1]
        state = json.loads(running.get("health")[2])
        assert (state["kernels"], state["places"], state["status"]) == (1, 1, "full")
        assert state["memory_mb"] > 50
        status, _, page = running.get("stage/01_economy?area=York")
        assert status == 503
        assert "All places are taken" in page
        assert 'data-wait="/health"' in page
        running.get(f"voila/api/shutdown/{kernel}", method="POST", data=b"")
        assert json.loads(running.get("health")[2])["status"] == "ok"
        assert running.get("stage/01_economy?area=York")[0] == 200


def wait_for_no_kernel(running):
    until = time.monotonic() + 60
    while json.loads(running.get("health")[2])["kernels"] and time.monotonic() < until:
        time.sleep(0.1)
    return json.loads(running.get("health")[2])["kernels"] == 0


def test_whoever_goes_before_the_page_is_there_leaves_no_kernel(server):
    assert wait_for_no_kernel(server)
    host, port = server.url.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), 60) as line:
        line.sendall(f"GET /stage/01_economy?area=Leeds HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        assert json.loads(server.get("health")[2])["kernels"] == 1
    assert wait_for_no_kernel(server)


def test_a_page_that_never_comes_for_its_kernel_does_not_keep_it():
    sooner = "import sys; from iitk.cli import main; from iitk.serve.application import App\n"
    sooner += "App.unclaimed = 1\nsys.exit(main())"
    with serving(program=("-c", sooner)) as running:
        assert "kernelId" in running.get("stage/01_economy?area=Leeds")[2]
        assert wait_for_no_kernel(running)


def test_a_bug_in_a_choice_is_said_where_the_server_runs_under_the_pages_reference(tmp_path):
    write_notebook(tmp_path / "01_economy.ipynb", LIVE.replace("[Said(f", "[1 / 0, Said(f"))
    with serving(IITK_NOTEBOOKS=str(tmp_path)) as running:
        page = open_page(running)
        with line(running, page.channels) as talk:
            shown, _ = talk.choose(page, "count", 12)
        reference = re.search(r"reference ([0-9a-f]{6})", shown)[1]
        until = time.monotonic() + 30
        while reference not in running.complained() and time.monotonic() < until:
            time.sleep(0.1)
        assert "ZeroDivisionError" in running.complained().partition(reference)[2]
        assert "ZeroDivisionError" not in shown


def test_a_page_that_nobody_uses_gives_its_kernel_back():
    with serving("--idle", "1") as running:
        page = running.get("stage/01_economy?area=Leeds")[2]
        assert "kernelId" in page
        assert wait_for_no_kernel(running)


@pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
def test_visitors_get_warm_kernels_that_end_with_the_server(server):
    status, _, page = server.get("stage/01_economy?area=Leeds")
    assert status == 200
    kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', page)[1]
    (parent,) = psutil.Process(server.process.pid).children()
    assert len(parent.children()) >= 2  # the one that draws, and the visitor's
    assert server.get(f"api/kernels/{kernel}")[0] == 200
    assert server.get(f"voila/api/shutdown/{kernel}", method="POST", data=b"")[0] == 204
    assert server.get(f"api/kernels/{kernel}")[0] == 404


def test_without_its_entry_point_the_kernels_are_those_of_jupyter(monkeypatch):
    specs = []
    for points in (["it"], []):
        monkeypatch.setattr(app, "entry_points", lambda points=points, **_: points)
        with app._own_kernel(app.Options()):
            folder = os.environ["JUPYTER_PATH"].split(os.pathsep)[0]
            specs.append(json.loads((Path(folder) / "kernels" / "python3" / "kernel.json").read_text()))
    assert specs[0]["metadata"].pop("kernel_provisioner") == {"provisioner_name": provisioner.NAME}
    assert specs[0] == specs[1]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_it_with_everything_that_it_started(books):
    process = subprocess.Popen(
        [sys.executable, "-m", "iitk", "serve", "--port", "0", "--area", "Leeds", "--stage", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "IITK_NOTEBOOKS": str(books)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    said = process.stdout.readline()
    assert re.fullmatch(r"Open http://127\.0\.0\.1:\d+/stage/01_economy\?area=E08000035\n", said)
    until = time.monotonic() + 30
    while not (children := psutil.Process(process.pid).children(recursive=True)) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Stopped." in said
    assert "Traceback" not in said
    assert psutil.wait_procs(children, timeout=10)[1] == []


class TestRefusals:
    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(AssertionError, match="--port 0 finds a free one"), serving(
                "--port", str(taken.getsockname()[1])
            ):
                pytest.fail("it must not start")

    def test_an_unknown_stage_or_area(self):
        with pytest.raises(UnknownStageError, match="01_economy"):
            app.address("11", "Leeds")
        with pytest.raises(UnknownAreaError):
            app.address("01", "Atlantis")
        with pytest.raises(UsageError, match="--area Leeds"):
            app.address("01")

    def test_a_port_or_base_that_cannot_be(self):
        with pytest.raises(UsageError, match="65535"):
            app.serve(app.Options(port=99999))
        with pytest.raises(UsageError, match="at least 1 second"):
            app.serve(app.Options(idle=0))
        with pytest.raises(UsageError, match="begins with a slash"):
            app.serve(app.Options(base="toolkit"))
