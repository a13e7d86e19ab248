"""Notebooks that misbehave, disks that are full, two runs at once: nothing hangs, nothing is left, the rest is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import nbformat
import psutil
import pytest

from iitk.errors import WorkError
from iitk.runs import kernels, lock, series
from iitk.runs.kernels import Limits

pytestmark = pytest.mark.slow
LINUX = sys.platform == "linux"
CELLS = {
    "00_fine": ["1 + 1"],
    "01_exits": ["import os; os._exit(3)"],
    "02_asks": ["import sys; print('read', repr(sys.stdin.read()))", "name = input('Who are you? ')"],
    "03_prints": ["print('x' * 100_000_000)", "import os; os.system('yes | head -c 1000000')", "print('end')"],
    "04_leaks": ["leak = []\nwhile True: leak.append(bytearray(10_000_000))" if LINUX else "raise MemoryError"],
    "05_starts": [
        "import os; pid = os.fork()" if LINUX else "pid = 0", "1 + 1", "2 + 2", "3 + 3",
        "import subprocess, pathlib, sys; rest = [sys.executable, '-c', 'import time; time.sleep(600)']",
        "near, far = subprocess.Popen(rest), subprocess.Popen(rest, start_new_session=True)",
        "pathlib.Path('started').write_text(f'{pid} {near.pid} {far.pid}')",
    ],
    "06_threads": ["from threading import Thread; from time import sleep", "Thread(target=sleep, args=(600,)).start()"],
    "07_shows": ["from IPython.display import HTML, display\nfor _ in range(4): display(HTML('z' * 20_000_000))"],
    "08_spoils": ["from pathlib import Path; Path('record.json').write_text('{')"],
    "09_fine": ["2 + 2"],
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """All of them in one run, as stages of one area."""
    from tests.runs.conftest import write_notebook

    root = tmp_path_factory.mktemp("faults")
    for name, cells in CELLS.items():
        write_notebook(root / "books" / f"{name}.ipynb", *cells)
    limits = Limits(timeout=120, retries=0, memory=1000 if LINUX else 0)
    report = series.run(series.Plan(["Leeds"], out=root / "out", notebooks=root / "books", jobs=1, limits=limits))
    return root / "out" / "leeds", {stage.stage: stage for stage in report.stages}


def texts(folder, stage):
    """What each code cell of a stage put out, as text."""
    book = nbformat.read(folder / stage / "notebook.ipynb", as_version=4)
    return ["".join(output.get("text", "") for output in cell.get("outputs", [])) for cell in book.cells]


def test_what_fails_stops_no_other(ended):
    folder, stages = ended
    failed = {stage.stage for stage in stages.values() if stage.status == "failed"}
    assert failed == {"01_exits", "02_asks", "04_leaks", "08_spoils"}
    for name in CELLS:
        assert (folder / name / "page.html").stat().st_size > 10_000
        made = json.loads((folder / name / "record.json").read_text())
        assert made["status"] == ("failed" if name in failed else "done")
        assert ("The fault is in the toolkit, not in the place." in made["message"]) == (name in failed)
    assert sorted(path.name for path in folder.iterdir()) == sorted(CELLS)


def test_a_kernel_that_ends_itself_and_a_question_are_said_plainly(ended):
    folder, stages = ended
    assert stages["01_exits"].message == "The kernel of 01_exits.ipynb ended early: Kernel died"
    assert stages["02_asks"].message.startswith("StdinNotImplementedError: It asks somebody to type")
    assert "read ''\n" in texts(folder, "02_asks")


def test_what_is_printed_is_cut_and_the_cut_is_said(ended):
    folder, _ = ended
    *_, long, shell, last = texts(folder, "03_prints")
    assert len(long) < 101_000
    assert "[Cut here]" in long
    assert "[99,900,001 more characters were printed]" in long
    assert len(shell) < 101_000
    assert last == "end\n"
    assert (folder / "03_prints" / "page.html").stat().st_size < 1_000_000


def test_what_is_shown_is_bounded_too(ended):
    folder, _ = ended
    assert (folder / "07_shows" / "notebook.ipynb").stat().st_size < kernels.SHOWN
    assert texts(folder, "07_shows")[-1].count("An output of 20,000,") == 2


@pytest.mark.skipif(not LINUX, reason="only Linux holds another process to a limit")
def test_a_leak_ends_where_its_memory_does(ended):
    said = ended[1]["04_leaks"].message
    assert said == "MemoryError. It may take 1000 MB: allow more with --memory MB (cell 3 of 04_leaks.ipynb)"


@pytest.mark.skipif(not LINUX, reason="kernels are forked on Linux only")
def test_nothing_that_a_notebook_started_outlives_it(ended):
    pids = [int(pid) for pid in (ended[0] / "05_starts" / "started").read_text().split()]
    assert len(pids) == 3
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(alive, timeout=20)[1] == []


def test_only_what_may_heal_is_tried_again(tmp_path, notebook):
    books, flag = tmp_path / "books", str(tmp_path / "flag")
    notebook(books / "00_heals.ipynb", f"import os, pathlib\np = pathlib.Path({flag!r})\nif not p.exists():"
             " p.touch(); pathlib.Path('half').touch(); os._exit(1)")  # fmt: skip
    notebook(books / "01_dies.ipynb", "import os; os._exit(1)")
    notebook(books / "02_endless.ipynb", "while True: pass")
    notebook(books / "03_fails.ipynb", "1 / 0")
    plan = series.Plan(["Leeds"], out=tmp_path / "out", notebooks=books, limits=Limits(timeout=5, retries=2))
    stages = series.run(plan).stages
    assert [(stage.status, len(stage.attempts)) for stage in stages] == [
        ("done", 2), ("failed", 3), ("failed", 2), ("failed", 1),
    ]  # fmt: skip
    assert not (tmp_path / "out/leeds/00_heals/half").exists()  # each attempt starts from nothing
    assert stages[2].message.startswith("02_endless.ipynb took longer than 5 s and was ended. ")
    listed = json.loads((tmp_path / "out" / "run.json").read_text())["stages"]
    assert [entry["attempts"] for entry in listed] == [list(stage.attempts) for stage in stages]
    record = json.loads((tmp_path / "out/leeds/00_heals/record.json").read_text())
    assert record["run"]["attempts"] == list(stages[0].attempts)


def test_what_a_kernel_needs_for_itself_is_not_taken_from_it():
    limits = Limits(memory=100)
    with pytest.raises(WorkError if not LINUX else series.UsageError, match="--memory"):
        series.run(series.Plan(["Leeds"], limits=limits))


class TestLock:
    HOLDS = (
        "import sys, time\nfrom pathlib import Path\nfrom iitk.runs import lock\n"
        "with lock.held(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    )

    @pytest.fixture
    def holder(self, tmp_path):
        command = [sys.executable, "-c", self.HOLDS, str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "held\n"
            yield process
            process.stdin.close()
            process.wait(30)

    def test_a_second_run_is_refused_with_a_sentence(self, holder, tmp_path):
        with pytest.raises(lock.BusyError) as refused, lock.held(tmp_path):
            pass
        said = str(refused.value)
        assert f"Another run is writing to {tmp_path}: process {holder.pid}, since " in said
        assert "--out FOLDER" in said
        assert (tmp_path / lock.NAME).exists()  # whoever was refused has not taken the other's lock away

    def test_it_goes_with_a_process_that_is_killed(self, holder, tmp_path):
        holder.kill()
        holder.wait(30)
        assert (tmp_path / lock.NAME).exists()
        with lock.held(tmp_path):
            pass
        assert list(tmp_path.iterdir()) == []

    def test_one_after_the_other_works(self, tmp_path):
        for _ in range(2):
            with lock.held(tmp_path):
                assert json.loads((tmp_path / lock.NAME).read_text())["process"] == os.getpid()
        assert list(tmp_path.iterdir()) == []


FILLS = "from pathlib import Path\nif not Path({room!r}).exists(): Path('big').write_bytes(bytes(4_000_000))"


@pytest.fixture
def filling(tmp_path, notebook):
    """Notebooks of which the second needs more room than there is, until the file `room` exists; and the command."""
    room = tmp_path / "room"
    notebook(tmp_path / "books" / "00_small.ipynb", "1 + 1")
    notebook(tmp_path / "books" / "01_large.ipynb", FILLS.format(room=str(room)))
    notebook(tmp_path / "books" / "02_small.ipynb", "1 + 1")
    return room, {**os.environ, "IITK_NOTEBOOKS": str(tmp_path / "books")}


def whole(area):
    """Whether these, and only these, stages stand in the folder of an area, each with all it needs."""
    assert [path for path in area.parent.rglob(".*") if path.name != lock.NAME] == []
    for folder in area.iterdir():
        assert {path.name for path in folder.iterdir()} == {"notebook.ipynb", "page.html", "record.json"}
        assert json.loads((folder / "record.json").read_text())["status"] == "done"
    return sorted(folder.name for folder in area.iterdir())


@pytest.mark.skipif(not LINUX, reason="needs a small disk, which Linux makes for anybody")
def test_a_full_disk_stops_the_run_with_a_sentence_and_leaves_nothing_half_made(tmp_path, filling):
    room, environment = filling
    disk, first, second = (tmp_path / name for name in ("disk", "first", "second"))
    for folder in (disk, first, second):
        folder.mkdir()
    run = f'"{sys.executable}" -m iitk run Leeds --out "{disk}/out" --quiet'
    script = (
        f'mount -t tmpfs -o size=2m none "{disk}" || exit 77\n{run}\necho "ended with $?" >&2\n'
        f'cp -a "{disk}/out" "{first}"\ntouch "{room}"\n{run} --json; cp -a "{disk}/out" "{second}"'
    )
    command = [shutil.which("unshare") or "false", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    if not (first / "out").exists():
        pytest.skip("This system lets nobody make a small disk; the test below stands in.")
    assert "Cannot write to " in said.stderr
    assert "No space left on device. What was finished before is whole: make room, and the same command" in said.stderr
    assert "ended with 1" in said.stderr
    assert "Traceback" not in said.stderr
    assert whole(first / "out" / "leeds") == ["00_small"]
    manifest = json.loads((first / "out" / "run.json").read_text())
    assert manifest["status"] == "stopped"
    assert [stage["status"] for stage in manifest["stages"]] == ["done", "waiting", "waiting"]
    assert [stage["status"] for stage in json.loads(said.stdout)["stages"]] == ["kept", "done", "done"]
    assert whole(second / "out" / "leeds") == ["00_small", "01_large", "02_small"]


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
@pytest.mark.parametrize("limit", [2_000_000, 50_000])  # too little for the notebook's figures, or for its page
def test_files_that_may_not_grow_stop_the_run_with_a_sentence(limit, tmp_path, filling):
    import resource

    _, environment = filling
    command = [sys.executable, "-m", "iitk", "run", "Leeds", "--out", str(tmp_path / "out"), "--quiet"]
    said = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert said.returncode == 1, said.stderr
    stage = "01_large" if limit > 1_000_000 else "00_small"
    assert f"Cannot write to {tmp_path / 'out' / 'leeds' / stage}: File too large. What was finished" in said.stderr
    assert "Traceback" not in said.stderr
    assert whole(tmp_path / "out" / "leeds") == (["00_small"] if stage == "01_large" else [])
