"""Ctrl-C and kill -9 in the middle: real processes, real signals, real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from iitk.runs import lock

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]
WAITS = (
    "import os, time, pathlib\npathlib.Path({flag!r}).write_text(str(os.getpid()))\n"
    "while pathlib.Path({hold!r}).exists(): time.sleep(0.05)"
)
CONTINUES = "What is finished stays; the same command continues"


def wait_until(ready, seconds=120):
    until = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
    return found


class Started:
    """A run of a quick notebook and of one that waits, in the midst of the second."""

    def __init__(self, folder, notebook):
        self.flag, self.hold, self.out = folder / "began", folder / "hold", folder / "out"
        self.hold.touch()
        notebook(folder / "books" / "00_quick.ipynb", "1 + 1")
        notebook(folder / "books" / "01_slow.ipynb", WAITS.format(flag=str(self.flag), hold=str(self.hold)))
        self.command = [sys.executable, "-m", "iitk", "run", "Leeds", "--out", str(self.out)]
        self.environment = {**os.environ, "IITK_NOTEBOOKS": str(folder / "books")}
        # Whoever runs the tests in the background may have had Ctrl-C ignored: a terminal has not.
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        self.kernel = int(wait_until(lambda: self.flag.exists() and self.flag.read_text()))
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        assert self.kernel in {child.pid for child in self.children}

    def manifest(self):
        return json.loads((self.out / "run.json").read_text())

    def statuses(self):
        return [stage["status"] for stage in self.manifest()["stages"]]

    def again(self, *options):
        command = [*self.command, *options]
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=180)

    def nothing_runs(self):
        return psutil.wait_procs(self.children, timeout=30)[1] == []

    def continues(self):
        """The same command does the rest, and leaves nothing else."""
        self.hold.unlink()
        again = self.again("--json")
        assert again.returncode == 0, again.stderr
        assert [stage["status"] for stage in json.loads(again.stdout)["stages"]] == ["kept", "done"]
        assert sorted(path.name for path in (self.out / "leeds").iterdir()) == ["00_quick", "01_slow"]
        assert list(self.out.rglob(".*")) == []


@pytest.fixture
def started(tmp_path, notebook):
    run = Started(tmp_path, notebook)
    yield run
    run.process.kill()
    run.process.communicate(timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_finished_stays_and_the_next_run_continues(started, number):
    started.process.send_signal(number)
    _, said = started.process.communicate(timeout=60)
    assert started.process.returncode == 130, said
    assert "Press Ctrl-C again to end at once." in said
    assert CONTINUES in said
    assert "Traceback" not in said
    assert started.nothing_runs()
    assert sorted(path.name for path in (started.out / "leeds").iterdir()) == ["00_quick"]
    assert started.manifest()["status"] == "stopped"
    assert started.statuses() == ["done", "waiting"]
    assert "leeds/00_quick/page.html" in (started.out / "index.html").read_text()
    started.continues()


def test_ctrl_c_twice_ends_at_once_and_leaves_nothing(started):
    started.process.send_signal(signal.SIGINT)
    time.sleep(0.01)  # two presses that come as one are one
    started.process.send_signal(signal.SIGINT)
    _, said = started.process.communicate(timeout=60)
    assert started.process.returncode == 130, said
    assert CONTINUES in said
    assert "Traceback" not in said
    assert started.nothing_runs()
    assert started.manifest()["status"] in {"stopped", "unfinished"}
    started.continues()


def test_the_second_press_does_not_wait_for_what_the_first_began():
    """A work that takes for ever to stop in order."""
    work = (
        "import time\nfrom iitk.cli import trouble\nwith trouble.two_presses():\n"
        "    try: print('works', flush=True); time.sleep(600)\n    finally: print('stops', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        for line in ("works\n", "stops\n"):
            assert process.stdout.readline() == line
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [line.split(":")[0].split(".")[0] for line in said.split("\n") if line] == ["Stopping", "Ended at once"]


def test_a_run_that_is_killed_leaves_the_truth_no_process_and_no_lock(started):
    wait_until(lambda: started.statuses() == ["done", "waiting"])
    second = started.again()
    assert second.returncode == 1
    assert f"Another run is writing to {started.out}: process {started.process.pid}, since " in second.stderr
    assert len(second.stderr.strip().splitlines()) == 2

    started.process.kill()
    started.process.communicate(timeout=60)
    assert started.nothing_runs()
    assert started.manifest()["status"] == "unfinished"
    assert started.manifest()["finished"] is None
    assert started.statuses() == ["done", "waiting"]
    assert (started.out / lock.NAME).exists()
    started.continues()


def test_a_kernel_that_is_killed_is_started_again(started):
    started.flag.unlink()
    os.kill(started.kernel, signal.SIGKILL)
    wait_until(lambda: started.flag.exists() and started.flag.read_text())
    started.hold.unlink()
    _, said = started.process.communicate(timeout=120)
    assert started.process.returncode == 0, said
    assert started.statuses() == ["done", "done"]
    assert [len(stage["attempts"]) for stage in started.manifest()["stages"]] == [1, 2]
