"""The warm engine against papermill's own: the same notebooks, compared cell by cell."""

from __future__ import annotations

import logging
import os
import re
import signal
import threading
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from iitk.errors import WorkError
from iitk.runs import kernels
from iitk.runs.warm import engine, wire
from iitk.runs.warm.kernel import Forker
from tests.runs.conftest import BROKEN_PARENTS

pytestmark = pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")


def book(*cells, **metadata):
    made = [cell if isinstance(cell, dict) else new_code_cell(cell) for cell in cells]
    for place, cell in enumerate(made):
        cell["id"] = f"cell-{place}"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=made, metadata={"kernelspec": spec, **metadata})


def tagged(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


KINDS = {
    "results and counts": book("1 + 1", "x = 3", "x * 2; x", "'a' + 'b'"),
    "text and errors mixed": book(
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\nsys.stdout.flush(); sys.stderr.flush()\nprint('end')"
    ),
    "output without a newline": book("print('a', end='')\nprint('\\rb')", "import sys; sys.stdout.write('x')"),
    "what other programs write": book("!echo from the shell", "import os; _ = os.system('echo from a program')"),
    "bash magic": book("%%bash\necho one\necho two >&2"),
    "captured": book("%%capture kept\nprint('unseen')", "kept.stdout"),
    "rich results": book(
        "from IPython.display import HTML, JSON, Markdown, SVG, display",
        "display(HTML('<b>b</b>'), Markdown('*m*'))",
        "display({'text/plain': 'plain', 'application/json': {'a': [1, None]}}, raw=True)",
        "JSON({'a': 1})",
        "class B:\n    def _repr_mimebundle_(self, **_): return {'text/html': '<i>'}, {'text/html': {'k': 1}}\nB()",
    ),
    "a table and a chart": book(
        "import pandas as pd; pd.DataFrame({'a': [1, 2]})",
        "import altair as alt; made = alt.Chart(pd.DataFrame({'a': [1]})).mark_point()", "made.to_dict()['mark']",
    ),
    "display that is updated": book(
        "from IPython.display import display\nhandle = display('first', display_id='d')", "handle.update('second')",
        "display('third', display_id='d'); 4",
    ),
    "output that is cleared": book(
        "from IPython.display import clear_output\nprint('gone'); clear_output(); print('kept')",
        "print('gone later'); clear_output(wait=True); print('now')",
    ),
    "asynchronous": book(
        "import asyncio\nawait asyncio.sleep(0.01)\n'slept'", "async def f():\n    return 5\nawait f()"
    ),
    "threads that print": book(
        "import threading\nt = threading.Thread(target=print, args=('in it',)); t.start(); t.join()\nprint('after')"
    ),
    "a warning and a log": book(
        "import warnings; warnings.warn('careful')", "import logging; logging.getLogger('x').warning('logged')"
    ),
    "an expected error": book(tagged("1 / 0", "raises-exception"), "'goes on'"),
    "a skipped cell": book("a = 1", tagged("a = 2", "skip-execution"), "a"),
    "text cells and empty cells": book(new_markdown_cell("# Title"), "", "   ", "5"),
    "widgets": book(
        "import ipywidgets as w\ns = w.IntSlider(value=3, description='n'); s", "s.value = 5",
        "w.HBox([s, w.Label('l')])", "out = w.Output()\nwith out:\n    print('inside')\nout",
    ),
    "what a kernel knows of itself": book(
        "import sys, os; __name__, sys.stdin is None, sys.path[0]", "In[-2:], len(Out)",
        "os.environ['IITK_PROBE'], os.path.basename(os.getcwd())", "import __main__; hasattr(__main__, 'book')",
    ),
    "long output": book("print('x' * 3_000_000)", "for i in range(3000): print(i)"),
    "objects that hold on": book(
        "class A:\n    def __del__(self): print('bye')\na = A()", "del a", "import gc; gc.isenabled()"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def forker():
    made = Forker()
    yield made
    made.close()


@pytest.fixture
def run(forker, tmp_path, monkeypatch):
    """Run a notebook on a warm kernel or on one that starts afresh; returns what was written, and what was raised."""
    monkeypatch.setenv("IITK_PROBE", "seen")

    def go(notebook, *, warm, parameters=None, **options):
        folder = tmp_path / ("warm" if warm else "stock")
        (folder / "work").mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / "in.ipynb")
        kind = {"engine_name": engine.NAME, "forker": forker} if warm else {}

        def once(**more):
            try:
                papermill.execute_notebook(
                    folder / "in.ipynb", folder / "out.ipynb", parameters=parameters, progress_bar=False,
                    cwd=folder / "work", **kind, **more,
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001 (compared by the caller)
                return error
            return None

        raised = once(**options) if warm or "execution_timeout" in options else _patiently(once, options)
        return nbformat.read(folder / "out.ipynb", as_version=4), raised

    return go


def _patiently(once, options):
    """A kernel that starts afresh now and then loses a message on its way, and is waited for without end: ask again."""
    for _ in range(3):
        raised = once(execution_timeout=60, **options)
        if not isinstance(raised, CellTimeoutError):
            break
    return raised


def plain(value):
    """The same without what differs from run to run: addresses, ids, times and process numbers."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        text = re.sub(r"(?:/[\w.-]+)+/ipykernel_\d+/\d+\.py|0x[0-9a-f]+|[0-9a-f]{32}|altair-viz-\w+", "...", value)
        return re.sub(r"(warm|stock)(?=/)", "where", text)
    return value


def streams(outputs):
    """Outputs with neighbouring pieces of one stream joined: how they were cut is a matter of time."""
    joined = []
    for output in plain(outputs):
        if output["output_type"] == "stream" and joined and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_comes_out_as_from_papermill(run, kind):
    warm, warm_error = run(KINDS[kind], warm=True)
    stock, stock_error = run(KINDS[kind], warm=False)
    assert type(warm_error) is type(stock_error)
    assert (stock_error is None) == (kind != "an expected error")  # papermill reports those at the end, too
    assert [_own_id(cell) for cell in warm.cells] == [_own_id(cell) for cell in stock.cells]
    for ours, theirs in zip(warm.cells, stock.cells, strict=True):
        assert ours.source == theirs.source
        assert ours.get("execution_count") == theirs.get("execution_count")
        assert streams(ours.get("outputs", [])) == streams(theirs.get("outputs", []))
        assert set(ours.metadata.get("papermill", {})) == set(theirs.metadata.get("papermill", {}))
        assert ours.metadata.get("papermill", {}).get("status") == theirs.metadata.get("papermill", {}).get("status")
    assert set(warm.metadata) == set(stock.metadata)
    assert warm.metadata.language_info == stock.metadata.language_info
    assert set(warm.metadata.papermill) == set(stock.metadata.papermill)
    kept = "application/vnd.jupyter.widget-state+json"
    assert len(warm.metadata.get("widgets", {}).get(kept, {}).get("state", {})) == len(
        stock.metadata.get("widgets", {}).get(kept, {}).get("state", {})
    )


def test_parameters_are_put_in_as_papermill_puts_them(run):
    notebook = book(tagged("area = 'Leeds'", "parameters"), "area")
    (warm, _), (stock, _) = (run(notebook, warm=warm, parameters={"area": "Bradford"}) for warm in (True, False))
    assert [cell.source for cell in warm.cells] == [cell.source for cell in stock.cells]
    assert warm.cells[-1].outputs == stock.cells[-1].outputs
    assert warm.cells[-1].outputs[0].data["text/plain"] == "'Bradford'"


def test_a_cell_that_fails_stops_the_notebook_and_shows_it(run):
    notebook = book("print('before')", "def f():\n    raise ValueError('so')\nf()", "'never'")
    (warm, ours), (stock, theirs) = run(notebook, warm=True), run(notebook, warm=False)
    assert type(ours) is type(theirs) is papermill.PapermillExecutionError
    assert (ours.ename, ours.evalue, ours.exec_count) == (theirs.ename, theirs.evalue, theirs.exec_count)
    for mine, other in zip(warm.cells, stock.cells, strict=True):
        assert plain(mine.get("outputs", [])) == plain(other.get("outputs", []))
        assert mine.metadata.get("tags") == other.metadata.get("tags")
    assert warm.metadata.papermill.exception is True


def test_input_is_refused_in_the_same_words(run):
    (_, ours), (_, theirs) = (run(book("input('who?')"), warm=warm) for warm in (True, False))
    assert (ours.ename, ours.evalue) == (theirs.ename, theirs.evalue) == ("StdinNotImplementedError", ours.evalue)


@pytest.mark.parametrize("source", ["exit()", "raise SystemExit(2)", "quit"])
def test_leaving_python_by_exit_is_the_same(run, source):
    # IPython goes a moment after the cell: whether it takes the next one before is chance, in any kernel.
    (warm, ours), (stock, theirs) = (run(book(source, "1"), warm=warm) for warm in (True, False))
    assert type(ours) is type(theirs) or {type(ours), type(theirs)} == {type(None), DeadKernelError}
    assert streams(warm.cells[0].get("outputs", [])) == streams(stock.cells[0].get("outputs", []))


@pytest.mark.parametrize("death", ["import os; os._exit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_kernel_that_dies_is_said_to_have_died(run, forker, death):
    _, ours = run(book("1", death, "2"), warm=True)
    assert isinstance(ours, DeadKernelError)
    again, error = run(book("1 + 1"), warm=True)  # and the next starts as if nothing had happened
    assert error is None
    assert again.cells[0].outputs[0].data["text/plain"] == "2"


def test_a_cell_that_never_ends_is_ended(run, forker):
    began = time.monotonic()
    _, error = run(book("import time\nwhile True: time.sleep(0.1)"), warm=True, execution_timeout=1)
    assert isinstance(error, CellTimeoutError)
    assert time.monotonic() - began < 30
    _wait_for_none(forker)


def test_what_a_notebook_starts_ends_with_it(run, forker):
    started, error = run(book("import subprocess; p = subprocess.Popen(['sleep', '600']); p.pid"), warm=True)
    assert error is None
    _wait_for_end(int(started.cells[0].outputs[0].data["text/plain"]))
    forked, _ = run(book("import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(600)\npid"), warm=True)
    _wait_for_end(int(forked.cells[0].outputs[0].data["text/plain"]))


def test_what_a_notebook_leaves_for_the_end_is_done(run, tmp_path):
    left = tmp_path / "left.txt"
    leave = f"import atexit\n_ = atexit.register(lambda: open({str(left)!r}, 'w').write('done'))"
    _, error = run(book(leave), warm=True)
    assert error is None
    assert left.read_text() == "done"


def test_one_notebook_leaves_nothing_to_the_next(run):
    spoil = "import pandas as pd; pd.spoiled = 1; x = 5; import os; os.environ['SPOILED'] = '1'; os.chdir('/')"
    look = "import pandas as pd, os; hasattr(pd, 'spoiled'), 'x' in dir(), 'SPOILED' in os.environ"
    run(book(spoil), warm=True)
    found, error = run(book(look), warm=True)
    assert error is None
    assert found.cells[0].outputs[0].data["text/plain"] == "(False, False, False)"


def test_the_log_gets_the_output_where_asked(run, caplog):
    with caplog.at_level(logging.INFO, logger="papermill"):
        run(book("print('to the log')"), warm=True, log_output=True)
    assert "to the log" in caplog.text


def test_what_a_cell_prints_is_heard_while_it_still_runs(run, tmp_path):
    heard = tmp_path / "heard"

    class Listener(logging.Handler):
        def emit(self, record):
            if "is anybody there" in record.getMessage():
                heard.touch()

    wait = "for _ in range(200):\n    if heard.exists(): break\n    time.sleep(0.1)"
    listener = Listener()
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    try:
        begin = f"from pathlib import Path; import time; heard = Path({str(heard)!r})"
        asking = f"print('is anybody there')\n{wait}"
        found, error = run(book(begin, asking, "heard.exists()"), warm=True, log_output=True)
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
    assert error is None
    assert found.cells[2].outputs[0].data["text/plain"] == "True"


def test_what_many_threads_print_first_arrives_whole(run):
    tell = "import threading\nline = lambda n: [print(f'{n}\\n', end='') for _ in range(20)]"
    start = "many = [threading.Thread(target=line, args=(n,)) for n in range(10)]\n_ = [one.start() for one in many]"
    found, error = run(book(f"{tell}\n{start}\n_ = [one.join() for one in many]"), warm=True)
    assert error is None
    printed = "".join(output.text for output in found.cells[0].outputs)
    assert sorted(printed.split()) == sorted(str(n) for n in range(10) for _ in range(20))


def test_notebooks_can_run_side_by_side(forker, tmp_path):
    nbformat.write(book("import time; time.sleep(0.3)", "import os; os.getpid()"), tmp_path / "in.ipynb")

    def one(name):
        papermill.execute_notebook(
            tmp_path / "in.ipynb", tmp_path / f"{name}.ipynb", progress_bar=False, engine_name=engine.NAME,
            forker=forker,
        )  # fmt: skip
        ensure_event_loop().close()  # the one that was made for this thread

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    pids = {nbformat.read(tmp_path / f"{n}.ipynb", 4).cells[1].outputs[0].data["text/plain"] for n in range(4)}
    assert len(pids) == 4


def test_when_the_parent_is_killed_its_kernels_end_and_it_is_said(tmp_path):
    mine = Forker()
    kernel = mine.fork()
    assert kernel.started.wait(60)
    os.kill(mine.pid, signal.SIGKILL)
    assert kernel.ended.wait(10)
    _wait_for_end(kernel.pid)
    with pytest.raises(WorkError, match="Run the same command again"):
        mine.fork()
    kernel.connection.close()
    mine.close()


FAULTS = {
    **BROKEN_PARENTS,
    "is killed": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_its_parent_a_run_starts_kernels_afresh(fault, tmp_path, monkeypatch):
    nbformat.write(book(tagged("area = ''", "parameters"), "import time; time.sleep(1); area"), tmp_path / "in.ipynb")
    monkeypatch.setattr(kernels, "Forker", lambda: Forker(FAULTS[fault]))
    mine = kernels.Kernels()
    if fault == "is killed":
        parent = mine._warm_parent()
        assert parent._ready.wait(60)
        threading.Timer(0.7, os.kill, (parent.pid, signal.SIGKILL)).start()
    mine.execute(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {"area": "Leeds"})
    mine.close()
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs[0].data["text/plain"] == "'Leeds'"


def test_what_has_run_is_on_disk_while_a_long_cell_runs(forker, tmp_path):
    target = tmp_path / "out.ipynb"
    pause = "import json, pathlib, time\ntime.sleep(1.1)\nprint('awake')\ntime.sleep(0.2)"
    look = f"""
saved = json.loads(pathlib.Path({os.fspath(target)!r}).read_text())["cells"]
[cell["outputs"][0]["text"] for cell in saved if cell["outputs"]]"""
    nbformat.write(book("print('first')", pause, look), tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        tmp_path / "in.ipynb", target, engine_name=engine.NAME, forker=forker, progress_bar=False
    )
    seen = eval(done.cells[-1].outputs[0].data["text/plain"])  # noqa: S307 (our own notebook's)
    assert ["".join(text) for text in seen] == ["first\n", "awake\n"]
    assert nbformat.read(target, 4).cells == done.cells


def test_when_the_one_who_asked_goes_nothing_is_left():
    mine = Forker()
    kernel = mine.fork()
    assert kernel.started.wait(60)
    mine.close()
    kernel.connection.close()
    _wait_for_end(kernel.pid)
    _wait_for_end(mine.pid)


def test_the_parent_has_one_thread_when_it_forks(forker):
    kernel = forker.fork()
    assert kernel.started.wait(60)
    kernel.connection.close()
    # pyarrow's allocator keeps one in the background, and takes it through forks itself.
    assert forker.threads <= 2


def test_messages_survive_any_cutting():
    whole = wire.packed(wire.IOPUB, [b"", b"abc", memoryview(b"x" * 70_000)]) + wire.packed(wire.SHELL, [b"1"])
    for step in (1, 7, 4096, len(whole)):
        unpacker = wire.Unpacker()
        found = [
            message for at in range(0, len(whole), step) for message in unpacker.feed(whole[at : at + step])
        ]  # fmt: skip
        assert found == [(wire.IOPUB, [b"", b"abc", b"x" * 70_000]), (wire.SHELL, [b"1"])]


def _own_id(cell):
    """The id that the notebook gave; papermill's own cells, which say where it failed, get a new one each time."""
    return cell.id if cell.id.startswith("cell-") else "papermill's"


def _wait_for_end(pid):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    pytest.fail(f"Process {pid} is still there.")


def _wait_for_none(forker):
    deadline = time.monotonic() + 15
    while forker.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert forker.running == 0
