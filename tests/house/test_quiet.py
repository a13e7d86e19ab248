"""What C code prints is not heard; what we print is, in its order."""

from __future__ import annotations

import subprocess
import sys

PRINTING = """
import ctypes, sys
from iitk.quiet import quiet
c = ctypes.CDLL(None) if sys.platform != "win32" else ctypes.cdll.ucrtbase
print("before")
with quiet():
    c.puts(b"noise of C")
    c.printf(b"more of it, unfinished")
c.puts(b"C afterwards")
c.fflush(None)
print("after", flush=True)
try:
    with quiet():
        raise KeyError("passes through")
except KeyError as error:
    print(error)
"""


def run(code: str, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, **how)


def test_only_what_is_printed_outside_is_heard() -> None:
    done = run(PRINTING)
    assert done.stderr == ""
    assert done.stdout.split("\n") == ["before", "C afterwards", "after", "'passes through'", ""]


def test_without_a_standard_output_there_is_nothing_to_silence() -> None:
    done = run("import os\nos.close(1)\nfrom iitk.quiet import quiet\nwith quiet():\n    os.write(2, b'done')")
    assert (done.returncode, done.stderr) == (0, "done")


def test_the_solver_says_nothing_of_its_own() -> None:
    code = """
import numpy as np, pandas as pd
from iitk.analysis.portfolio import choose
rng = np.random.default_rng(0)
for seed in range(40):
    costs = pd.DataFrame(rng.integers(1, 60, (24, 8)), columns=list("abcdefgh"))
    choose(costs.assign(value=rng.random(24)), dict.fromkeys("abcdefgh", 200.0))
"""
    assert run(code).stdout == ""
