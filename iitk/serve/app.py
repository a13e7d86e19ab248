"""One stage of one area as an app: a standalone Voila that serves one prepared notebook, to this machine only.

Standalone on purpose: as an extension of a Jupyter server, Voila would let its visitors run code. Its lists of allowed
and denied files can be got around, so no file is allowed at all, and no folder is listed.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from iitk.errors import UsageError, WorkError
from iitk.runs import kernels, notebooks, series
from iitk.runs.warm import provisioner
from iitk.sources import geography

_HOST = "127.0.0.1"
# Voila, with the process that its visitors' kernels are forked from getting ready meanwhile.
_VOILA = "from iitk.runs.warm import provisioner; provisioner.get_ready(); from voila.app import main; main()"


@dataclass(frozen=True, slots=True)
class Served:
    """An app that runs."""

    url: str
    title: str
    process: subprocess.Popen[bytes]

    def wait(self) -> int:
        """Wait until the app ends; returns 0, or 1 if it ended by itself."""
        return 1 if self.process.wait() else 0


@contextlib.contextmanager
def serve(
    stage: str, area: str, *, comparator: str = "UK", port: int = 8866, where: Path | None = None
) -> Iterator[Served]:
    """Serve one stage for one area at `port` of this machine (0 takes a free one) until the block ends.

    Raises a `UsageError` for an unknown stage or area or a port in use, and `WorkError` if the app does not come up.
    """
    (notebook,) = notebooks.find([stage], where)
    place, against = geography.resolve(area), geography.resolve(comparator)
    port = _free_port(port)
    given = {"area": series.hand_on(place), "comparator": series.hand_on(against)}
    declared = notebook.parameters()
    with tempfile.TemporaryDirectory(prefix="iitk-serve-") as folder:
        prepared = Path(folder) / "app" / notebook.path.name
        prepared.parent.mkdir()
        kernels.prepare(notebook.path, prepared, {name: value for name, value in given.items() if name in declared})
        with _voila(prepared, Path(folder), port) as process:
            url = f"http://{_HOST}:{port}/"
            _wait_until_up(url, process, Path(folder) / "voila.log")
            yield Served(url, f"{notebook.key} for {place.name}", process)


@contextlib.contextmanager
def _voila(notebook: Path, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable, "-c", _VOILA, str(notebook), "--no-browser", f"--port={port}", f"--Voila.ip={_HOST}",
        "--Voila.port_retries=0", "--Voila.open_browser=False", "--strip_sources=True", "--show_tracebacks=False",
        "--VoilaConfiguration.file_allowlist=['(?!)']", "--VoilaConfiguration.extension_language_mapping={}",
        "--KernelManager.transport_encryption=auto",
        "--MappingKernelManager.cull_idle_timeout=1800", "--MappingKernelManager.cull_interval=60",
    ]  # fmt: skip
    with (folder / "voila.log").open("wb") as log:
        # A session of its own: Ctrl-C reaches us alone, and we end the app in order.
        process = subprocess.Popen(  # noqa: S603 (our own command, no shell)
            command, stdout=log, stderr=log, cwd=notebook.parent, env=_environment(folder), start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Environment in which "python3" is the kernel of this very Python, before any that the user has registered.

    It is a warm one, unless iitk runs without having been installed: then Jupyter does not know of warm kernels.
    """
    spec = kernels.own_spec().to_dict()
    if entry_points(group="jupyter_client.kernel_provisioners", name=provisioner.NAME):
        spec["metadata"] |= {"kernel_provisioner": {"provisioner_name": provisioner.NAME}}
    kernel = folder / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    before = os.environ.get("JUPYTER_PATH", "")
    return {**os.environ, "JUPYTER_PATH": os.pathsep.join(filter(None, [str(folder / "jupyter"), before]))}


def _free_port(wanted: int) -> int:
    if not 0 <= wanted <= 65535:
        raise UsageError(f"A port is a number from 0 to 65535, not {wanted}.")
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, wanted))
        except OSError as error:
            advice = "Take another: --port 0 finds a free one."
            raise UsageError(f"Port {wanted} cannot be used: {error.strerror}.\n{advice}") from error
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Wait until the server answers at all; it renders a page only when one is asked for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}static/none", timeout=2).close()  # noqa: S310 (our own server)
        except urllib.error.HTTPError:
            return  # it answers, if only to say that there is no such file
        except OSError:
            time.sleep(0.1)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise WorkError(f"The app did not come up. Voila said: {said[-1] if said else 'nothing'}")
