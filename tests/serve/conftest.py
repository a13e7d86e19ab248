"""A real server for the tests of this folder: the command as people type it, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import psutil
import pytest

from tests.runs.conftest import write_notebook
from tests.serve.visitor import LIVE


@dataclass(frozen=True)
class Server:
    """A server that runs: its address with the slash, the way in with a token, and its process."""

    url: str
    way_in: str
    process: subprocess.Popen
    complaints: TextIO

    def complained(self) -> str:
        """What it wrote where faults are written."""
        self.complaints.seek(0)
        return self.complaints.read()

    def get(self, path="", **options):
        """Status, headers and text of an answer, whatever the status is."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, **options), timeout=120) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()


@contextlib.contextmanager
def serving(*arguments: str, program: Sequence[str] = ("-m", "iitk"), **env: str) -> Iterator[Server]:
    """`iitk serve` with these arguments, until the block ends; then it must stop in order, with all that it started."""
    command = [sys.executable, *program, "serve", "--port", "0", "--json", *arguments]
    with tempfile.TemporaryFile("a+", encoding="utf-8") as complaints:  # both read and written to its end
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True,
                                   env={**os.environ, **env}, start_new_session=True)  # fmt: skip
        running = Server("", "", process, complaints)
        try:
            told = process.stdout.readline()
            if not told:
                process.wait(timeout=30)
                raise AssertionError(running.complained())
            told = json.loads(told)
            yield replace(running, url=told["address"], way_in=told["open"])
        finally:
            started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            left = psutil.wait_procs(started, timeout=30)[1]
            for one in left:
                one.kill()
            assert not left, "the server left processes behind"


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> Path:
    """A folder with one notebook, whose figure has choices and takes no time."""
    folder = tmp_path_factory.mktemp("books")
    write_notebook(folder / "01_economy.ipynb", LIVE)
    return folder


@pytest.fixture(scope="session")
def outputs(tmp_path_factory) -> Path:
    """Where saved results would be."""
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="session")
def server(outputs) -> Iterator[Server]:
    """The toolkit's own notebooks, served."""
    with serving("--out", str(outputs)) as running:
        yield running
