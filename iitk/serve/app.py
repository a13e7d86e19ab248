"""Serve the toolkit's pages: one command, one address, to this machine unless asked otherwise."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import quote, urlencode

from traitlets.config import Config

from iitk.errors import UsageError
from iitk.runs import kernels, notebooks, series
from iitk.runs.warm import provisioner
from iitk.serve import access
from iitk.serve.application import App
from iitk.sources import geography

_LONGEST_FOLDER = 35  # characters: a socket's whole name may have 107
IDLE = 1800  # seconds after which a page that nobody uses gives its kernel back


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve."""

    port: int = 8866  # 0 takes a free one
    ip: str = "127.0.0.1"
    token: str | None = None  # None: one is made where others than this machine can reach the server
    names: tuple[str, ...] = ()  # names besides its own that the server answers to
    base: str = "/"
    outputs: Path = field(default_factory=lambda: Path("outputs"))
    visitors: int = 0  # pages with a kernel at once; 0: as IITK_MAX_KERNELS says, else 40
    idle: int = IDLE


def address(stage: str = "", area: str = "", comparator: str = "UK") -> str:
    """The end of the address of a stage for an area, of an area, or of the landing page.

    Raises a `UsageError` for an unknown stage or area.
    """
    if not area:
        if stage:
            raise UsageError(f"--stage {stage} needs an area, such as: --area Leeds")
        return ""
    asked = {"area": series.hand_on(geography.resolve(area))}
    if comparator != "UK":
        asked["comparator"] = series.hand_on(geography.resolve(comparator))
    query = urlencode(asked, quote_via=quote)
    if not stage:
        return f"?{query}"
    (notebook,) = notebooks.find([stage])
    return f"stage/{notebook.key}?{query}"


def serve(options: Options, on_ready: Callable[[str, str], None] = lambda *_: None) -> None:
    """Serve until a signal or Ctrl-C; `on_ready` is told the server's own address and its token.

    Raises a `UsageError` for a port in use and for options that cannot be.
    """
    if not 0 <= options.port <= 65535:
        raise UsageError(f"A port is a number from 0 to 65535, not {options.port}.")
    if options.idle < 1 or options.visitors < 0:
        raise UsageError("--idle is at least 1 second, and --visitors at least 1.")
    if not options.base.startswith("/"):
        raise UsageError(f"--base begins with a slash, such as /toolkit/, not {options.base!r}.")
    token = options.token
    if token is None:
        token = "" if access.is_local(options.ip) else secrets.token_urlsafe(12)
    notebooks.find()  # says at once when there are none
    with _own_kernel(options), _quiet():
        app = App(
            ip=options.ip, port=options.port, base_url=f"{options.base.rstrip('/')}/", open_browser=False,
            token=token, outputs=options.outputs.absolute(), names=[name.lower() for name in options.names],
            config=_config(options), log_level=logging.ERROR,
        )  # fmt: skip
        app.on_ready = lambda its: on_ready(_own_address(options, its.port), token)
        app.initialize([])
        provisioner.get_ready()  # it gets ready while the server does
        app.start()


def _own_address(options: Options, port: int) -> str:
    host = "127.0.0.1" if options.ip in ("", "0.0.0.0", "::", "localhost") else options.ip  # noqa: S104 (compared)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{options.base.rstrip('/')}/"


def _config(options: Options) -> Config:
    return Config(
        MappingKernelManager={"cull_idle_timeout": options.idle, "cull_interval": min(60, options.idle),
                              "cull_connected": True, "default_kernel_name": "python3"},
        KernelManager=_transport(),
        VoilaConfiguration={"file_allowlist": ["(?!)"], "extension_language_mapping": {}, "show_tracebacks": False},
    )  # fmt: skip


def _transport() -> dict[str, str]:
    """How kernels are talked to: over sockets of the file system, where their names are short enough for it.

    A port that is free just now may be another program's a moment later, and the kernel then cannot start.
    """
    short = len(tempfile.gettempdir()) <= _LONGEST_FOLDER
    return {"transport": "ipc"} if sys.platform == "linux" and short else {"transport_encryption": "auto"}


@contextlib.contextmanager
def _own_kernel(options: Options) -> Iterator[None]:
    """Let "python3" be the kernel of this very Python, before any that the user has registered.

    It is a warm one, unless iitk runs without having been installed: then Jupyter does not know of warm kernels.
    """
    spec = kernels.own_spec().to_dict()
    if entry_points(group="jupyter_client.kernel_provisioners", name=provisioner.NAME):
        spec["metadata"] |= {"kernel_provisioner": {"provisioner_name": provisioner.NAME}}
    with tempfile.TemporaryDirectory(prefix="iitk-serve-") as folder:
        kernel = Path(folder) / "kernels" / "python3"
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        changed = {"JUPYTER_PATH": os.pathsep.join(filter(None, [folder, os.environ.get("JUPYTER_PATH", "")]))}
        if options.visitors:
            changed[provisioner.LIMIT] = str(options.visitors)
        before = {name: os.environ.get(name) for name in changed}
        os.environ.update(changed)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what a server says of each visitor; faults are said."""
    names = ("tornado.access", "tornado.application", "tornado.general", "jupyter_client", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Message serialization failed", UserWarning)  # a message of a forger
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
