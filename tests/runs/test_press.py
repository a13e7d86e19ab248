"""One process draws for all kernels; whatever becomes of it, every kernel gets its drawings."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading

import altair as alt
import nbformat
import papermill
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from iitk.charts import svg
from iitk.runs.warm import engine, press, wire
from iitk.runs.warm.kernel import Forker

pytestmark = pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
CHART = {
    "mark": "bar", "data": {"values": [{"a": 1, "b": "é"}]}, "encoding": {"x": {"field": "a"}, "y": {"field": "b"}},
}  # fmt: skip
DRAW = """
import altair as alt
from iitk.charts import svg
chart = alt.Chart(alt.InlineData(values=[{"a": "Leeds"}])).mark_text().encode(text="a:N")
svg.draw(chart, label="one"), svg._first_drawn_in.cache_info().currsize
"""


@pytest.fixture(scope="module")
def forker():
    mine = Forker()
    yield mine
    mine.close()


@pytest.fixture(scope="module")
def running():
    mine = press.Press()
    yield mine
    mine.close()


@pytest.fixture
def pen(running):
    connection = running.connect()
    yield press.Pen(connection)
    connection.close()


def drawn_in_a_kernel(forker, tmp_path, *cells):
    """What the last of the cells returned: the drawing, and whether the kernel started an engine of its own."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = new_notebook(cells=[new_code_cell(cell) for cell in (*cells, DRAW)], metadata={"kernelspec": spec})
    nbformat.write(book, tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", engine_name=engine.NAME, forker=forker, progress_bar=False
    )
    drawing, own_engines = eval(done.cells[-1].outputs[0].data["text/plain"])  # noqa: S307 (our own notebook's)
    return drawing, bool(own_engines)


def presses(forker):
    found = psutil.Process(forker.pid).children()
    return [each for each in found if "iitk.runs.warm.press" in each.cmdline() and each.status() != "zombie"]


def test_it_draws_what_the_engine_draws(pen):
    for config in ({}, {"font": "Chart Sans", "background": None}):
        assert pen(CHART, config) == svg.by_engine(CHART, config)


def test_many_kernels_at_once_each_get_their_own(running):
    connections = [running.connect() for _ in range(8)]
    found = {}

    def ask(number):
        found[number] = press.Pen(connections[number])({**CHART, "title": f"title {number}"}, {})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    assert len(found) == 8
    assert all(f"title {number}" in drawn for number, drawn in found.items())


def test_a_chart_that_cannot_be_drawn_stops_neither_press_nor_explanation(pen):
    assert pen({"mark": "no such mark"}, {}) is None
    assert pen(CHART, {}) == svg.by_engine(CHART, {})
    svg.draw_with(pen)
    try:
        with pytest.raises(ValueError, match="conversion failed"):
            svg.draw(alt.Chart(alt.InlineData(values=[]), mark="no such mark"), label="")
    finally:
        svg.draw_with(None)


def test_a_kernel_draws_without_an_engine_of_its_own(forker, tmp_path):
    drawing, own_engine = drawn_in_a_kernel(forker, tmp_path)
    chart = alt.Chart(alt.InlineData(values=[{"a": "Leeds"}])).mark_text().encode(text="a:N")
    assert drawing == svg.draw(chart, label="one")
    assert not own_engine


def test_without_the_press_a_kernel_draws_by_itself_and_the_next_has_a_new_one(forker, tmp_path):
    before, _ = drawn_in_a_kernel(forker, tmp_path)
    (process,) = presses(forker)
    kill = f"import os, signal; os.kill({process.pid}, signal.SIGKILL)"
    drawing, own_engine = drawn_in_a_kernel(forker, tmp_path, kill)
    assert drawing == before
    assert own_engine
    for _ in range(2):  # the first finds out that it has gone
        drawing, own_engine = drawn_in_a_kernel(forker, tmp_path)
        assert drawing == before
    assert not own_engine
    assert len(presses(forker)) == 1


def test_a_press_that_does_not_answer_is_not_waited_for_again(monkeypatch):
    monkeypatch.setattr(press, "PATIENCE", 0.05)
    ours, theirs = socket.socketpair()
    pen = press.Pen(ours)
    assert pen(CHART, {}) is None
    theirs.setblocking(False)
    asked = theirs.recv(1 << 16)
    assert pen(CHART, {}) is None
    (_, (wanted,)) = next(wire.Unpacker().feed(asked))
    assert json.loads(wanted) == [CHART, {}]
    assert theirs.recv(1) == b""  # it hung up
    theirs.close()


def test_a_process_that_a_notebook_forks_stays_out_of_the_conversation(pen):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if pen(CHART, {}) is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert pen(CHART, {}) == svg.by_engine(CHART, {})


def test_it_ends_with_its_parent():
    mine = Forker()
    kernel = mine.fork()
    assert kernel.started.wait(60)
    (process,) = presses(mine)
    os.kill(mine.pid, signal.SIGKILL)
    process.wait(15)
    assert not process.is_running()
    kernel.connection.close()
    mine.close()
