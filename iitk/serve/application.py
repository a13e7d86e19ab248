"""The server: Voila on its own, with our addresses in place of its own, for this machine unless asked otherwise.

Standalone on purpose: as an extension of a Jupyter server, Voila would let its visitors run code.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tornado.ioloop
from jupyter_core.utils import run_sync
from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets import Instance, List, Unicode, default
from voila.app import Voila
from voila.voila_identity_provider import VoilaIdentityProvider

from iitk.errors import UsageError
from iitk.serve import access, handlers, stage_page

_KERNEL = r"(?P<kernel_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"


class App(Voila):  # type: ignore[misc]  # Voila has no types
    """Voila with the toolkit's pages."""

    port: int
    _said = 0  # bytes of the kernels' log
    outputs = Instance(Path)
    unclaimed = 60  # seconds within which a page must have come for its kernel
    names = List(Unicode())  # names besides its own that it answers to
    on_ready: Callable[[App], None] = staticmethod(lambda _: None)

    @default("identity_provider_class")
    def _by_token_alone(self) -> Any:
        return VoilaIdentityProvider

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Read none: what is open to visitors is not for a file in some folder to say."""

    def setup_template_dirs(self) -> None:
        """Voila's templates are not used."""
        self.template_paths: list[str] = []
        self.static_paths: list[str] = []

    def init_settings(self) -> dict[str, Any]:
        """As Voila's, with what our addresses need."""
        settings: dict[str, Any] = super().init_settings()
        settings.update(
            iitk_outputs=self.outputs, iitk_names=frozenset(self.names), iitk_local=access.is_local(self.ip),
            iitk_unclaimed=self.unclaimed, iitk_voila=self.voila_configuration, iitk_kernel_env=self._kernel_env(),
            allow_origin="", allow_remote_access=True,  # the name is checked by `access`, the origin by Jupyter
            websocket_max_message_size=1 << 20,
            login_url=url_path_join(self.base_url, "login"), compress_response=True,
            default_handler_class=handlers.Nothing,
        )  # fmt: skip
        return settings

    def _kernel_env(self) -> dict[str, str]:
        return {**os.environ, "IITK_APP_LOG": str(self._faults)}

    @property
    def _faults(self) -> Path:
        """Where kernels write what went wrong with a choice."""
        return Path(self.connection_dir) / "faults.log"

    def _say_faults(self) -> None:
        """Say what kernels have written since, where the server says what goes wrong."""
        if self._faults.exists():
            with self._faults.open(encoding="utf-8", errors="replace") as log:
                log.seek(self._said)
                told, self._said = log.read(), log.tell()
            if told.strip():
                self.log.error(told.rstrip())

    def init_handlers(self) -> list[Any]:
        """Every address that there is."""
        places = (
            (r"/", handlers.Landing), (r"/areas", handlers.Areas), (r"/health", handlers.Health),
            (r"/help", handlers.Help), (r"/login", handlers.Login), (r"/pack/([a-z0-9-]{1,80})\.zip", handlers.Pack),
            (r"/stage/(\d\d_[a-z0-9_]{1,40})", stage_page.Stage),
            (r"/(?:static|voila/static|voila/labextensions)/[^?]{1,200}", handlers.Static),
            (rf"/api/kernels/{_KERNEL}", handlers.Alive), (rf"/api/kernels/{_KERNEL}/channels", handlers.Channels),
            (rf"/voila/api/shutdown/{_KERNEL}", handlers.Leave),
        )
        return [(re.escape(self.server_url.rstrip("/")) + pattern, handler) for pattern, handler in places]

    def listen(self) -> None:
        """Serve until stopped."""
        try:
            sockets = bind_sockets(self.port, self.ip)
        except OSError as error:
            advice = "Take another: --port 0 finds a free one."
            raise UsageError(f"Port {self.port} cannot be used: {error.strerror}.\n{advice}") from error
        self.port = sockets[0].getsockname()[1]
        server = HTTPServer(self.app, xheaders=True, max_buffer_size=4 << 20, max_header_size=16 << 10)
        server.add_sockets(sockets)
        self.ioloop = tornado.ioloop.IOLoop.current()
        faults = tornado.ioloop.PeriodicCallback(self._say_faults, 1000)
        faults.start()
        self.on_ready(self)
        try:
            self.ioloop.start()
        finally:
            faults.stop()
            server.stop()
            self.stop()

    def _handle_signal_stop(self, *_: Any) -> None:
        self.ioloop.add_callback_from_signal(self.ioloop.stop)

    def stop(self) -> None:
        """End every kernel, then the rest."""
        run_sync(self.kernel_manager.shutdown_all)()
        self._say_faults()
        shutil.rmtree(self.connection_dir, ignore_errors=True)
