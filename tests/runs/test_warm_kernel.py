"""The kernelspec `iitk` against the stock kernel: managers, servers and nbclient cannot tell them apart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from jupyter_client.ioloop import AsyncIOLoopKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from iitk.errors import UsageError
from iitk.runs.warm import kernel as warm
from iitk.runs.warm import provisioner, wire
from tests.runs.conftest import BROKEN_PARENTS

pytestmark = pytest.mark.skipif(not wire.SUPPORTED, reason="kernels are forked on Linux only")
WARM, STOCK = "iitk", "python3"
LONG = 60  # seconds until a test gives up


@pytest.fixture(scope="module", autouse=True)
def _one_parent():
    yield
    if warm._shared is not None:
        warm._shared.close()
        warm._shared = None


class Talk:
    """A kernel and what one says to it."""

    def __init__(self, manager):
        self.manager = manager

    async def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=LONG)
        return self

    async def run(self, code, answer=None, during=None):
        """Status of the answer and all that was put out, without what differs from run to run."""
        seen = []

        def note(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                seen.append((content["name"], content["text"]))
            elif message["msg_type"] in {"execute_result", "display_data", "update_display_data"}:
                seen.append((message["msg_type"], content["data"]["text/plain"], content.get("transient")))
            elif message["msg_type"] == "error":
                seen.append((content["ename"], content["evalue"]))

        def hear(message):
            seen.append(("asked", message["content"]["prompt"]))
            self.client.input(answer)

        asked = {"allow_stdin": answer is not None, "stdin_hook": hear}
        running = asyncio.ensure_future(
            self.client.execute_interactive(code, output_hook=note, timeout=LONG, **asked)  # type: ignore[arg-type]
        )
        if during is not None:
            await until(lambda: ("stdout", "begun\n") in seen)
            await during()
        return (await running)["content"]["status"], seen

    async def value(self, expression):
        _, seen = await self.run(f"import json; print(json.dumps({expression}))")
        return json.loads(seen[0][1])


@contextlib.asynccontextmanager
async def started(name, manager_class=AsyncKernelManager, start=None, **options):
    manager = manager_class(kernel_name=name, **options)
    await manager.start_kernel(**(start or {}))
    talk = Talk(manager)
    try:
        yield await talk.connect()
    finally:
        talk.client.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)


async def until(condition):
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "it has not come about"
        await asyncio.sleep(0.02)


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_warm(manager):
    return isinstance(manager.provisioner.process, provisioner._Process)


def both(story, *arguments):
    """What a story says of each kind of kernel; the warm one must really have been warm."""

    async def tell(name):
        async with started(name) as talk:
            assert is_warm(talk.manager) == (name == WARM)
            return await story(talk, *arguments)

    return asyncio.run(tell(WARM)), asyncio.run(tell(STOCK))


CELLS = (
    "1 + 1", "print('a'); 'b'", "x = 5", "1 / 0", "import sys; print('e', file=sys.stderr)", "!echo from the shell",
    "import os; _ = os.system('echo from a program')", "%timeit -n1 -r1 -q pass", "%nosuchmagic", "code = 3; code",
    "from IPython.display import display; h = display('one', display_id='d')", "h.update('two')",
    "sys.argv[1], sys.path, sys.flags, __name__", "import signal; signal.getsignal(signal.SIGTERM)",
    "import asyncio; await asyncio.sleep(0.01)", "import logging; logging.getLogger('x').warning('w')",
    "import threading; [thread.name for thread in threading.enumerate() if not thread.daemon]",
    "get_ipython().kernel.implementation, get_ipython().kernel.parent.parent_handle > 1",
    "sys.stdin.read(), os.isatty(0)", "import warnings; warnings.warn('careful')", "input('who?')",
    "sorted(name for name in os.environ if not name.startswith('PYDEVD'))", "os.getpgrp() == os.getpid()",
    "os.getcwd()", "import debugpy; get_ipython().kernel.debugger is not None", "len(In)", "import gc; gc.isenabled()",
)  # fmt: skip


async def _cells(talk):
    return [await talk.run(cell) for cell in CELLS]


def _plain(told):
    return json.loads(re.sub(r"0x[0-9a-f]+|ipykernel_\d+/\d+|\d+\.py", "...", json.dumps(told)))


def test_cells_come_out_as_from_the_stock_kernel():
    ours, theirs = both(_cells)
    for cell, one, other in zip(CELLS, ours, theirs, strict=True):
        assert _plain(one) == _plain(other), cell


async def _dialogue(talk):
    asked = await talk.run("input('who? ') + '!'", answer="me")
    secret = await talk.run("import getpass; getpass.getpass('word? ')", answer="x")
    comm = "import ipywidgets as w; s = w.IntSlider(value=3); s.comm is not None"
    shown = await talk.run(comm)
    model = await talk.value("s.model_id")
    change = {"comm_id": model, "data": {"method": "update", "state": {"value": 7}}}
    talk.client.shell_channel.send(talk.client.session.msg("comm_msg", change))
    moved = await talk.value("s.value")
    completed = (await talk.client.complete("s.val", 5, reply=True, timeout=LONG))["content"]["matches"]
    looked = (await talk.client.inspect("len", 3, reply=True, timeout=LONG))["content"]["found"]
    whole = (await talk.client.is_complete("for i in x:", reply=True, timeout=LONG))["content"]["status"]
    info = (await talk.client.kernel_info(reply=True, timeout=LONG))["content"]
    info["banner"] = info["banner"].split("Tip:")[0]  # another each time
    debug = {"type": "request", "seq": 1, "command": "initialize", "arguments": {"clientID": "t", "adapterID": ""}}
    talk.client.control_channel.send(talk.client.session.msg("debug_request", debug))
    debugger = (await talk.client.get_control_msg(timeout=LONG))["content"]["success"]
    return asked, secret, shown, moved, completed, looked, whole, info, debugger, await talk.manager.is_alive()


def test_questions_widgets_and_other_messages_are_answered_alike():
    ours, theirs = both(_dialogue)
    assert ours == theirs
    assert (ours[3], ours[0][1][1]) == (7, ("execute_result", "'me!'", None))


LOOP = "print('begun')\nimport sys; sys.stdout.flush()\nwhile True: pass"
WAIT = "import subprocess, sys\nprint('begun', flush=True)\nsubprocess.run(['sleep', '600'])"


async def _interrupted(talk):
    told = [await talk.run(cell, during=talk.manager.interrupt_kernel) for cell in (LOOP, WAIT)]
    talk.manager.kernel_spec.interrupt_mode = "message"
    told += [await talk.run(LOOP, during=talk.manager.interrupt_kernel), await talk.run("'goes on'")]
    return [(status, seen[1][0]) for status, seen in told[:3]], told[3]


def test_cells_are_interrupted_by_signal_and_by_message():
    ours, theirs = both(_interrupted)
    assert ours == theirs
    assert ours[0] == [("error", "KeyboardInterrupt")] * 3


async def _ends(talk, folder):
    process, ports = talk.manager.provisioner.process, talk.manager.get_connection_info()
    await talk.run("import subprocess; started = subprocess.Popen(['sleep', '600'])")
    first, helper = await talk.value("[__import__('os').getpid(), started.pid]")
    assert first == talk.manager.provisioner.pid
    await talk.manager.restart_kernel(now=True)
    codes = [process.poll(), gone(first)]
    await until(lambda: gone(helper))
    await talk.client.wait_for_ready(timeout=LONG)
    same = talk.manager.get_connection_info() == ports
    cleared = await talk.run("started")
    await talk.run(
        "import atexit, threading, time, os\n"
        f"def late(name): time.sleep(0.3); open(os.path.join({str(folder)!r}, name), 'w').close()\n"
        "_ = atexit.register(late, 'at exit')\nthreading.Thread(target=late, args=['thread']).start()"
    )
    process = talk.manager.provisioner.process
    await talk.manager.shutdown_kernel()
    left = sorted(path.name for path in folder.iterdir())
    return codes, same, cleared, process.poll(), left, talk.manager.has_kernel


def test_restart_and_shutdown_are_orderly(tmp_path):
    told = []
    for name in (WARM, STOCK):
        (tmp_path / name).mkdir()

        async def tell(name=name):
            async with started(name) as talk:
                return await _ends(talk, tmp_path / name)

        told.append(asyncio.run(tell()))
    assert told[0] == told[1]
    codes, same, cleared, status, left, has_kernel = told[0]
    assert (codes, same, status, left, has_kernel) == ([-signal.SIGKILL, True], True, 0, ["at exit", "thread"], False)
    assert cleared[1][0][0] == "NameError"


async def _dies(talk):
    """Exit codes: what it said itself, a signal it sent itself, one from us, being killed."""
    codes = []
    for end in ("import os; os._exit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", None, "now"):
        process = talk.manager.provisioner.process
        if end == "now":
            await talk.manager.shutdown_kernel(now=True)
        elif end is None:
            await talk.manager.signal_kernel(signal.SIGUSR1)
        else:
            talk.client.execute(end)
        await until(lambda process=process: process.poll() is not None)
        codes.append((process.poll(), await talk.manager.is_alive()))
        if end != "now":
            assert gone(process.pid)
            await talk.manager.restart_kernel(now=True)
            await talk.client.wait_for_ready(timeout=LONG)
            assert (await talk.run("1"))[0] == "ok"
    return codes


def test_exit_codes_are_those_of_the_process():
    ours, theirs = both(_dies)
    assert ours == theirs
    assert [code for code, _ in ours] == [3, -signal.SIGTERM, -signal.SIGUSR1, -signal.SIGKILL]


@pytest.mark.parametrize("options", [{"transport": "ipc"}, {"transport_encryption": "required"}, {"ip": "127.0.0.1"}])
def test_every_way_of_talking_is_understood(options, tmp_path):
    async def tell():
        async with started(WARM, connection_file=str(tmp_path / "k.json"), **options) as talk:
            assert is_warm(talk.manager)
            return await talk.run("'heard'"), talk.manager.get_connection_info()

    heard, connection = asyncio.run(tell())
    assert heard == ("ok", [("execute_result", "'heard'", None)])
    assert ("curve_publickey" in connection) == ("transport_encryption" in options)


def test_folder_surroundings_and_log_are_those_asked_for(tmp_path):
    (tmp_path / "beside.py").write_text("answer = 42")
    look = "import os, time, beside\nos.getcwd(), os.environ['PROBE'], 'HOME' in os.environ, beside.answer, time.tzname"

    async def tell(name):
        env = {**os.environ, "PROBE": "seen", "TZ": "Asia/Tokyo"}
        env.pop("HOME")
        with (tmp_path / name).open("w") as log:
            start = {"cwd": str(tmp_path), "env": env, "stderr": log, "stdout": log}
            async with started(name, start=start) as talk:
                assert is_warm(talk.manager) == (name == WARM)
                told = await talk.run(look)
        return told, (tmp_path / name).read_text()

    ours, theirs = asyncio.run(tell(WARM)), asyncio.run(tell(STOCK))
    assert ours == theirs
    assert "IPKernelApp" in ours[1]


def test_each_kernel_has_chance_of_its_own():
    async def tell():
        async with started(WARM) as one, started(WARM) as other:
            draw = "[__import__('random').random(), __import__('numpy').random.rand()]"
            return await one.value(draw), await other.value(draw)

    one, other = asyncio.run(tell())
    assert one[0] != other[0]
    assert one[1] != other[1]


def test_a_kernel_that_died_comes_back_by_itself():
    config = Config(KernelRestarter={"time_to_dead": 0.1, "random_ports_until_alive": False})

    async def tell(name):
        async with started(name, AsyncIOLoopKernelManager, config=config) as talk:
            first = talk.manager.provisioner.pid
            os.kill(first, signal.SIGKILL)
            await until(lambda: talk.manager.has_kernel and talk.manager.provisioner.pid != first)
            await talk.client.wait_for_ready(timeout=LONG)
            return is_warm(talk.manager), await talk.run("'back'")

    assert asyncio.run(tell(WARM)) == (True, ("ok", [("execute_result", "'back'", None)]))


def test_idle_kernels_are_culled_and_their_places_given_back(monkeypatch):
    monkeypatch.setenv(provisioner.LIMIT, "1")

    async def tell():
        kernels = AsyncMappingKernelManager(default_kernel_name=WARM, cull_idle_timeout=1, cull_interval=1)
        name = await kernels.start_kernel()
        pid = kernels.get_kernel(name).provisioner.pid
        with pytest.raises(provisioner.KernelsFullError, match=r"are taken \(1 of 1\)") as refused:
            await kernels.start_kernel()
        assert refused.value.status_code == 503
        await kernels.restart_kernel(name)  # it keeps its place
        assert is_warm(kernels.get_kernel(name))
        await until(lambda: name not in kernels)
        assert gone(pid)
        again = await kernels.start_kernel()
        await kernels.shutdown_kernel(again)

    asyncio.run(tell())


def test_a_dead_kernel_holds_no_place(monkeypatch):
    monkeypatch.setenv(provisioner.LIMIT, "1")

    async def tell():
        async with started(WARM) as talk:
            os.kill(talk.manager.provisioner.pid, signal.SIGKILL)
            await until(lambda: talk.manager.provisioner.process.poll() is not None)
            async with started(WARM) as other:
                return await other.run("1")

    assert asyncio.run(tell())[0] == "ok"


def _other_python(folder):
    (folder / "python").symlink_to(sys.executable)
    return [str(folder / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def _other_options(_):
    return [sys.executable, "-X", "frozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


STARTED_AFRESH = {
    "another Python": (_other_python, {}),
    "options for Python": (_other_options, {}),
    "with a pipe": (None, {"stdout": subprocess.PIPE}),
    "to outlive the server": (None, {"independent": True}),
    "another path for Python": (None, {"env": {**os.environ, "PYTHONPATH": "elsewhere"}}),
    "long surroundings": (None, {"env": {**os.environ, "LONG": "x" * 70_000}}),
}  # fmt: skip


@pytest.mark.parametrize("kind", STARTED_AFRESH)
def test_what_cannot_be_forked_starts_afresh(kind, tmp_path):
    command, start = STARTED_AFRESH[kind]

    async def tell():
        manager = AsyncKernelManager(kernel_name=WARM)
        if command:
            manager._kernel_spec = KernelSpec(metadata=manager.kernel_spec.metadata, argv=command(tmp_path))
        await manager.start_kernel(**start)
        assert isinstance(manager.provisioner.process, subprocess.Popen)
        await manager.shutdown_kernel(now=True)

    asyncio.run(tell())


FAULTS = {
    **BROKEN_PARENTS,
    "is not possible here": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_a_parent_the_same_spec_starts_the_stock_kernel(fault, monkeypatch, request):
    if FAULTS[fault] is None:
        monkeypatch.setattr(wire, "SUPPORTED", False)
    broken = warm.Forker(FAULTS[fault]) if FAULTS[fault] else None
    request.addfinalizer(broken.close if broken else lambda: None)
    monkeypatch.setattr(provisioner, "forker", lambda: broken)

    async def tell():
        async with started(WARM) as talk:
            assert not is_warm(talk.manager)
            told = await talk.run("'here'")
            await talk.manager.restart_kernel(now=True)
            return told

    assert asyncio.run(tell()) == ("ok", [("execute_result", "'here'", None)])
    if broken:
        broken.close()


def test_a_parent_that_never_got_ready_is_not_tried_again(monkeypatch):
    broken = warm.Forker(FAULTS["never starts"])
    monkeypatch.setattr(warm, "_shared", broken)
    broken._listener.join(LONG)
    assert warm.forker() is broken
    broken.close()


def test_a_kernel_nobody_waits_for_is_ended_once_it_has_started():
    asked = warm.forker().launch([], "/", dict(os.environ), [0, 1, 2])
    warm.forker().give_up(asked)
    assert asked.ended.wait(LONG)
    assert (asked.status, gone(asked.pid)) == (-signal.SIGKILL, True)


def test_a_number_of_places_that_is_none_is_said(monkeypatch):
    monkeypatch.setenv(provisioner.LIMIT, "many")
    with pytest.raises(UsageError, match="IITK_MAX_KERNELS is a whole number of kernels, not 'many'"):
        provisioner.WarmProvisioner().max_kernels  # noqa: B018


SERVER_THAT_FORKED = """
import os, signal, sys, time
from iitk.runs.warm import kernel
listen = '''
import os, stat
os.read(next(n for n in range(3, 99) if stat.S_ISSOCK(os.stat(f"/proc/self/fd/{n}").st_mode)), 1)
'''
kernel._shared = kernel.Forker([sys.executable, "-c", listen])
if helper := os.fork():
    print(kernel._shared.pid, helper, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(600)
"""


def test_what_the_server_forks_does_not_keep_the_parent_alive():
    with subprocess.Popen([sys.executable, "-c", SERVER_THAT_FORKED], stdout=subprocess.PIPE) as server:
        parent, helper = map(int, server.stdout.readline().split())
        try:
            asyncio.run(until(lambda: gone(parent)))
            assert not gone(helper)
        finally:
            os.kill(helper, signal.SIGKILL)


def _executed(name, *sources, **options):
    cells = [new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": name, "display_name": name}})
    NotebookClient(notebook, kernel_name=name, record_timing=False, **options).execute()
    return notebook


def test_nbclient_executes_the_same_notebook():
    sources = "import ipywidgets as w; s = w.IntSlider(); s", "print('a')", "import pandas as pd; pd.Series([1])"
    ours, theirs = _executed(WARM, *sources), _executed(STOCK, *sources)
    for one, other in zip(ours.cells[1:], theirs.cells[1:], strict=True):
        assert one.outputs == other.outputs
        assert one.execution_count == other.execution_count
    assert ours.metadata.language_info == theirs.metadata.language_info
    states = [len(next(iter(made.metadata.widgets.values())).state) for made in (ours, theirs)]
    assert states[0] == states[1] > 0


def test_nbclient_notices_death_and_overtime():
    with pytest.raises(DeadKernelError):
        _executed(WARM, "import os; os._exit(3)")
    with pytest.raises(CellTimeoutError):
        _executed(WARM, "while True: pass", timeout=1)


def test_the_spec_is_where_jupyter_looks():
    spec = KernelSpecManager().get_kernel_spec(WARM)
    ours = json.loads((Path(provisioner.__file__).parent / "kernel.json").read_text())
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == provisioner.NAME
    assert spec.argv == ours["argv"]
    stock = KernelSpecManager().get_kernel_spec(STOCK)
    assert spec.argv[1:] == stock.argv[1:]
    assert {**spec.metadata, "kernel_provisioner": None} == {**stock.metadata, "kernel_provisioner": None}


def test_when_the_parent_is_killed_kernels_and_all_that_they_started_end():
    async def tell():
        async with started(WARM) as talk:
            await talk.run("import subprocess; started = subprocess.Popen(['sleep', '600'])")
            pids = await talk.value("[__import__('os').getpid(), started.pid]")
            os.kill(warm.forker().pid, signal.SIGKILL)
            await until(lambda: talk.manager.provisioner.process.poll() is not None)
            assert not await talk.manager.is_alive()
            await until(lambda: all(map(gone, pids)))

    asyncio.run(tell())


class TestServer:
    """A real Jupyter server in a process of its own."""

    @pytest.fixture
    def server(self, tmp_path):
        command = [
            sys.executable, "-m", "jupyter_server", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--no-browser",
            "--IdentityProvider.token=t", f"--ServerApp.root_dir={tmp_path}", "--allow-root",
            "--KernelRestarter.time_to_dead=0.2", "--WarmProvisioner.max_kernels=2",
        ]  # fmt: skip
        env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"), "JUPYTER_CONFIG_DIR": str(tmp_path)}
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        told = tmp_path / "run" / f"jpserver-{process.pid}.json"
        deadline = time.monotonic() + LONG
        while not (told.exists() and told.read_text().strip().endswith("}")):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.url = json.loads(told.read_text())["url"]
        yield process
        process.kill()
        process.wait()

    def ask(self, what, /, **content):
        request = urllib.request.Request(f"{self.url}api/{what}", headers={"Authorization": "token t"})
        if content:
            request.data = json.dumps(content).encode()
        try:
            with urllib.request.urlopen(request, timeout=LONG) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def test_its_kernels_end_with_it_whatever_ends_it(self, server):
        assert self.ask("kernels", name=WARM)[0] == 201
        notebook = {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": WARM}}
        assert self.ask("sessions", **notebook)[0] == 201
        status, refused = self.ask("kernels", name=WARM)
        assert status == 503
        assert refused["message"].startswith("All places for kernels are taken (2 of 2).")
        assert len(self.ask("kernels")[1]) == 2
        below = psutil.Process(server.pid).children(recursive=True)
        (parent,) = psutil.Process(server.pid).children()
        assert len([one for one in parent.children() if one.cmdline() == parent.cmdline()]) == 2
        parent.kill()
        assert psutil.wait_procs(below, timeout=LONG)[1] == []
        deadline = time.monotonic() + LONG
        while len(psutil.Process(server.pid).children(recursive=True)) < len(below):  # it starts them again
            assert time.monotonic() < deadline
            time.sleep(0.05)
        below = psutil.Process(server.pid).children(recursive=True)
        assert len(psutil.Process(server.pid).children()) == 1
        server.send_signal(signal.SIGKILL)
        assert psutil.wait_procs(below, timeout=LONG)[1] == []
