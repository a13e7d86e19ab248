"""Ctrl-C in the middle: a real process, a real signal, real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

WAITS = "import time, pathlib\npathlib.Path({flag!r}).touch()\nwhile pathlib.Path({hold!r}).exists(): time.sleep(0.05)"


def wait_for(path, seconds=60):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_finished_stays_and_the_next_run_continues(tmp_path, notebook, number):
    flag, hold, books, out = tmp_path / "began", tmp_path / "hold", tmp_path / "books", tmp_path / "out"
    hold.touch()
    notebook(books / "00_quick.ipynb", "1 + 1")
    notebook(books / "01_slow.ipynb", WAITS.format(flag=str(flag), hold=str(hold)))
    command = [sys.executable, "-m", "iitk", "run", "Leeds", "--out", str(out)]
    environment = {**os.environ, "IITK_NOTEBOOKS": str(books)}

    # Whoever runs the tests in the background may have had Ctrl-C ignored: a terminal has not.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    wait_for(flag)
    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels
    process.send_signal(number)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 130, said
    assert "What is finished stays; the same command continues" in said
    assert "Traceback" not in said
    gone, alive = psutil.wait_procs(kernels, timeout=10)
    assert alive == []
    assert sorted(path.name for path in (out / "leeds").iterdir()) == ["00_quick"]
    assert json.loads((out / "run.json").read_text())["status"] == "stopped"
    assert "leeds/00_quick/page.html" in (out / "index.html").read_text()

    hold.unlink()
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, env=environment, timeout=120)
    assert again.returncode == 0, again.stderr
    assert [stage["status"] for stage in json.loads(again.stdout)["stages"]] == ["kept", "done"]
