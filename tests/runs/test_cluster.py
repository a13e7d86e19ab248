"""Runs on a real Dask cluster: a scheduler and workers in processes of their own, some of which are killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from iitk.errors import UsageError, WorkError
from iitk.runs import cluster, series
from tests.runs.conftest import write_notebook

distributed = pytest.importorskip("distributed", reason="the extra iitk[dask] is not installed")
pytestmark = pytest.mark.slow

SAVES = """
from pathlib import Path
(Path(save_to) / "tables").mkdir()
(Path(save_to) / "tables" / "jobs.csv").write_text("industry,jobs\\nC,12300\\n")
(Path(save_to) / "empty").mkdir()
"""
FAILS_FOR_BRADFORD = """
from iitk.errors import DataMissingError
if area == "E08000032":
    raise DataMissingError("jobs.parquet")
"""
WAITS = """
import pathlib, time
pathlib.Path({folder!r}, "began-" + area).touch()
while pathlib.Path({folder!r}, "hold").exists():
    time.sleep(0.05)
"""
LEEDS, BRADFORD = "E08000035", "E08000032"


def wait_until(true, what, seconds=90):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(0.05)


class RealCluster:
    """A scheduler and as many workers as a test asks for."""

    def __init__(self, folder):
        self.folder, self.workers, self.files = folder, [], []
        place = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(place)
        )
        wait_until(place.exists, "the scheduler")
        self.address = json.loads(place.read_text())["address"]
        self.client = distributed.Client(self.address, set_as_default=False, timeout=30)

    def _start(self, kind, *options, first="pass"):
        start = f"import sys; {first}; from distributed.cli.dask_{kind} import main; main()"
        command = [sys.executable, "-W", "ignore", "-c", start, "--host", "127.0.0.1"]
        log = (self.folder / f"{kind}-{len(self.files)}.log").open("w")
        self.files.append(log)
        return subprocess.Popen([*command, "--no-dashboard", *options], stdout=log, stderr=log, cwd=self.folder)

    def have(self, count, first="pass"):
        """See to it that there are this many workers at least, of one thread each; new ones do `first` first."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder))
            self.workers.append(self._start("worker", self.address, *options, first=first))
        self.expect(len(self.workers))
        return self.workers

    def expect(self, count):
        wait_until(lambda: len(self.client.nthreads()) == count, f"{count} workers")

    def kill(self, keep=0):
        """End all workers but this many."""
        for worker in self.workers[keep:]:
            worker.kill()
            worker.wait(30)
        self.workers = self.workers[:keep]
        self.expect(keep)

    def close(self):
        self.client.close()
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait(30)
        for file in self.files:
            file.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    started = RealCluster(tmp_path_factory.mktemp("dask"))
    yield started
    started.close()


@pytest.fixture
def plan(tmp_path, real):
    """Two stages of two areas, of which one fails, on the cluster."""
    write_notebook(tmp_path / "books" / "00_first.ipynb", SAVES)
    write_notebook(tmp_path / "books" / "01_second.ipynb", FAILS_FOR_BRADFORD)
    return series.Plan(["Leeds", "Bradford"], out=tmp_path / "out", notebooks=tmp_path / "books", dask=real.address)


@pytest.fixture
def waiting(tmp_path, real):
    """A stage of two areas that begins, and ends when the file `hold` goes."""
    (tmp_path / "hold").touch()
    write_notebook(tmp_path / "books" / "00_waits.ipynb", WAITS.format(folder=str(tmp_path)))
    return series.Plan(["Leeds", "Bradford"], out=tmp_path / "out", notebooks=tmp_path / "books", dask=real.address)


def began(folder, *codes):
    for code in codes:
        wait_until((folder / f"began-{code}").exists, f"the stage of {code}")


def kernels_of(worker):
    """What a worker has started: the parent of its kernels, and all that came of it."""
    return psutil.Process(worker.pid).children(recursive=True)


def states(report):
    return [(run.area_code, run.stage, run.status) for run in report.stages]


def without_clock(path):
    """Content of a result without what differs between any two runs: times, and the name of papermill's own cell."""
    if path.suffix == ".ipynb":
        book = nbformat.read(path, as_version=4)
        for part in (book, *book.cells):
            clock = part.metadata.pop("papermill", {})
            part.metadata["papermill"] = {key: clock[key] for key in ("status", "input_path") if key in clock}
        for cell in book.cells:
            cell.metadata.pop("execution", None)
            for output in cell.get("outputs", []):
                if output.output_type == "error":  # it names the kernel's process
                    output.traceback = [re.sub(r"ipykernel_\d+", "ipykernel", line) for line in output.traceback]
            if {"injected-parameters", "papermill-error-cell-tag"} & set(cell.metadata.get("tags", [])):
                cell.id = "papermill's"
        return book
    if path.name == "record.json":
        record = json.loads(path.read_text())
        del record["generated"], record["run"]["seconds"], record["run"]["attempts"]
        return record
    return path.read_bytes()


def results(out):
    return {
        path.relative_to(out).as_posix(): None if path.is_dir() else without_clock(path)
        for path in out.rglob("*")
        if path.name != "run.json"
    }


def test_the_results_are_those_of_a_run_here(real, plan, tmp_path):
    real.have(1)
    report = series.run(plan)
    here = series.run(replace(plan, dask="", out=tmp_path / "here"))
    assert states(report) == states(here)
    assert [status for *_, status in states(report)] == ["done", "done", "done", "failed"]
    assert [run.inputs_hash for run in report.stages] == [run.inputs_hash for run in here.stages]
    assert report.failed[0].message == here.failed[0].message
    there, local = results(plan.out), results(tmp_path / "here")
    assert sorted(there) == sorted(local)
    assert [name for name in local if there[name] != local[name]] == []
    assert "leeds/00_first/empty" in there
    manifest = json.loads((plan.out / "run.json").read_text())
    assert (manifest["status"], manifest["plan"]["jobs"], manifest["plan"]["dask"]) == ("failed", 1, True)

    # And the next run takes up where this one ended, here or there.
    for again in (plan, replace(plan, dask="")):
        assert [status for *_, status in states(series.run(replace(again, areas=["Leeds"])))] == ["kept", "kept"]


def test_an_area_that_has_more_stages_than_this_run_makes_links_to_all(real, plan):
    real.have(1)
    for stages in (["00"], ["01"]):
        series.run(replace(plan, areas=["Leeds"], stages=stages))
    for stage in ("00_first", "01_second"):
        record = json.loads((plan.out / "leeds" / stage / "record.json").read_text())
        assert record["run"]["page"]["stages"] == ["00_first", "01_second"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_takes_the_work_back_and_leaves_the_workers_to_others(real, waiting, tmp_path):
    workers = list(real.have(1))
    process = subprocess.Popen(
        [sys.executable, "-m", "iitk", "run", "Leeds", "Bradford", "--out", str(waiting.out), "--dask", real.address],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "IITK_NOTEBOOKS": str(waiting.notebooks)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    wait_until(lambda: list(tmp_path.glob("began-*")), "a stage")
    kernels = [kernel for one in workers for kernel in kernels_of(one)]
    assert kernels
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "What is finished stays; the same command continues" in said
    assert "Traceback" not in said
    assert psutil.wait_procs(kernels, timeout=30)[1] == []
    assert json.loads((waiting.out / "run.json").read_text())["status"] == "stopped"
    assert [one.poll() for one in workers] == [None] * len(workers)

    (tmp_path / "hold").unlink()
    assert [status for *_, status in states(series.run(waiting))] == ["done", "done"]


def test_the_work_of_a_worker_that_is_killed_is_done_by_another(real, waiting, tmp_path):
    victim, other = real.have(2, first="from iitk.runs import cluster; cluster.IDLE = 0.1")
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(series.run, waiting)
        began(tmp_path, LEEDS, BRADFORD)
        left = kernels_of(victim)
        assert left
        victim.kill()
        victim.wait(30)
        real.expect(len(real.workers) - 1)
        (tmp_path / "hold").unlink()
        report = run.result(timeout=120)
    assert [status for *_, status in states(report)] == ["done", "done"]
    for area in ("leeds", "bradford"):
        assert json.loads((waiting.out / area / "00_waits" / "record.json").read_text())["status"] == "done"
    assert list(waiting.out.rglob(".*")) == []
    assert psutil.wait_procs(left, timeout=30)[1] == []
    wait_until(lambda: not kernels_of(other), "the end of kernels that nobody uses")


def test_a_worker_with_another_version_is_refused(real, plan):
    real.have(1)
    other = "import iitk; iitk.__version__ = '99.1'; from iitk.cli import main; raise SystemExit(main())"
    said = subprocess.run(
        [sys.executable, "-c", other, "run", "Leeds", "--out", str(plan.out), "--dask", real.address],
        capture_output=True, text=True, env={**os.environ, "IITK_NOTEBOOKS": str(plan.notebooks)}, timeout=120,
    )  # fmt: skip
    assert said.returncode == 1
    assert "It has other versions of packages than this machine" in said.stderr
    assert f"(iitk is {series.iitk.__version__} there, 99.1 here), so its results would differ" in said.stderr
    assert "start the workers again" in said.stderr
    assert "Traceback" not in said.stderr
    assert [path for path in plan.out.rglob("*") if path.name == "record.json"] == []


def test_when_the_last_worker_goes_what_stands_is_kept_and_the_rest_gets_a_sentence(
    real, waiting, tmp_path, monkeypatch
):
    write_notebook(waiting.notebooks / "00_quick.ipynb", "1 + 1")
    plan = replace(waiting, areas=["Leeds"])
    real.have(1)
    real.kill(keep=1)
    real.client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(series.run, plan)
        began(tmp_path, LEEDS)
        real.kill()
        (failed,) = run.result(timeout=120).failed
    real.client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 3))
    assert (failed.stage, failed.message) == ("00_waits", cluster.LOST)
    folder = plan.out / "leeds" / "00_waits"
    assert "could not be made for Leeds." in json.loads((folder / "record.json").read_text())["message"]
    assert (folder / "page.html").stat().st_size > 1_000

    assert states(series.run(replace(plan, stages=["quick"]))) == [(LEEDS, "00_quick", "kept")]  # nobody was asked
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(WorkError, match=r"has had no worker for .* Start some with: dask worker tcp"):
        series.run(plan)
    assert [stage["status"] for stage in json.loads((plan.out / "run.json").read_text())["stages"]] == [
        "kept", "waiting",
    ]  # fmt: skip


def test_a_worker_that_does_not_know_us_says_so_and_lives_on(real, plan):
    real.kill()
    (stranger,) = real.have(1, first="sys.modules['iitk'] = None")
    with pytest.raises(WorkError, match=r"could not go on: No module named 'iitk\.runs'.*\nInstall the same iitk"):
        series.run(plan)
    real.expect(1)
    assert stranger.poll() is None
    real.kill()


class TestAddress:
    @pytest.fixture
    def there(self, plan):
            return lambda address: replace(plan, dask=address, areas=["Leeds"])

    def test_nobody_there_gets_a_sentence(self, there, monkeypatch):
        monkeypatch.setattr(cluster, "CONNECT", 0.5)
        with pytest.raises(WorkError, match=r"No Dask scheduler answers at tcp://127.0.0.1:1\. Start one with"):
            series.run(there("tcp://127.0.0.1:1"))

    @pytest.mark.parametrize("address", ["nonsense://127.0.0.1:1", "127.0.0.1"])
    def test_no_address_gets_a_sentence(self, there, address):
        with pytest.raises(UsageError, match=rf"--dask {address}: .*\. Write it as in: --dask tcp://10\.0\.0\.5:8786"):
            series.run(there(address))

    def test_tls_without_certificates_gets_a_sentence(self, there):
        with pytest.raises(UsageError, match=r"certificates.*\n.*DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
            series.run(there("tls://127.0.0.1:1"))

    def test_without_the_extra_the_way_to_it_is_said(self, there, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(WorkError, match=r'pip install "iitk\[dask\]"'):
            series.run(there("tcp://127.0.0.1:1"))


def test_the_way_to_object_storage_that_the_documentation_shows(tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-cluster.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    done = tmp_path / "outputs" / "leeds" / "00_first" / "record.json"
    done.parent.mkdir(parents=True)
    done.write_text("{}")
    exec(code)  # noqa: S102
    done.unlink()
    exec(code)  # noqa: S102
    assert done.read_text() == "{}"
