"""What the server answers at each address, but for the stages themselves."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from jupyter_client.multikernelmanager import MultiKernelManager
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado import web
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

import iitk
from iitk.errors import IitkError
from iitk.serve import access, assets, capacity, help, landing, packs, sentence  # noqa: A004 (a page's name)

MOST_PARTS = 20  # of a message; a page's have six
_FOREVER = 31_536_000  # seconds; the address changes with the content


class Page(access.Guarded):
    """An HTML page; what goes wrong is said in a sentence."""

    def answer(self, html: str, status: int = 200) -> None:
        """Send a whole page, which nobody should keep."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(html)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what is wrong and what to do, never how it came about."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = error.log_message % error.args if isinstance(error, web.HTTPError) and error.log_message else None
        self.clear_header("Content-Length")
        self.answer(sentence.page(status_code, said, base=self.base_url), status_code)


class Landing(Page):
    """The way in."""

    @web.authenticated
    def get(self) -> None:
        """Show it, with an area's journey where one is asked for."""
        self.answer(landing.page(
            self.settings["iitk_outputs"], area=self.get_query_argument("area", ""),
            comparator=self.get_query_argument("comparator", "UK"), query=self.get_query_argument("q", ""),
            base=self.base_url,
        ))  # fmt: skip


class Areas(Page):
    """Areas by name, for those who type."""

    @web.authenticated
    def get(self) -> None:
        """Answer with JSON."""
        self.finish_json(landing.search(self.get_query_argument("q", "")[:200], base=self.base_url))

    def finish_json(self, value: Any) -> None:
        """Send JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value, ensure_ascii=False))


class Health(Areas):
    """How the server is, for whoever looks after it; no visitor's choice is in it."""

    @web.authenticated
    def get(self) -> None:
        """Answer with JSON."""
        self.finish_json({"status": "full" if capacity.full(self.kernel_manager) else "ok",
                          "version": iitk.__version__, **capacity.state(self.kernel_manager)})  # fmt: skip


class Pack(Page):
    """An area's saved pages as one download."""

    @web.authenticated
    def get(self, slug: str) -> None:
        """Send the archive."""
        try:
            content = packs.pack(self.settings["iitk_outputs"], slug)
        except IitkError as error:
            raise web.HTTPError(413 if isinstance(error, packs.PackTooLargeError) else 404, str(error)) from error
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f'attachment; filename="{slug}.zip"')
        self.finish(content)


class Help(Page):
    """How to use the pages."""

    @web.authenticated
    def get(self) -> None:
        """Show it."""
        self.answer(help.page(self.base_url))


class Login(Page):
    """Where those come who have no token yet. The token itself is taken from any address by Jupyter's own means."""

    @allow_unauthenticated
    def get(self) -> None:
        """Ask for it, or go on where it has been given."""
        if self.current_user:
            self.redirect(self.base_url)
        else:
            self.answer(sentence.token_page(self.base_url, wrong=bool(self.get_query_argument("token", ""))), 403)


class Static(access.Guarded):
    """Style, scripts and fonts: those that `assets` lists, and nothing else. Without a token too: its page has them."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send one; its address has one spelling."""
        name = self.request.path.removeprefix(self.base_url)
        asset = assets.all_assets().get(name)
        if asset is None:
            raise web.HTTPError(404)
        self.set_header("Content-Type", asset.kind)
        ours = name.startswith("static/")
        self.set_header("Cache-Control", f"public, max-age={_FOREVER}, immutable" if ours else "public, max-age=86400")
        self.finish(asset.read())


class Alive(access.Guarded, KernelHandler):
    """Whether a page's kernel still runs: Voila's front end asks first of all, and our pages now and then."""

    SUPPORTED_METHODS = ("GET",)


class Channels(access.Guarded, VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voila has no types
    """A page's connection to its kernel. Voila's own lets through only what widgets say."""

    async def open(self, kernel_id: str) -> None:
        """Connect; and send small messages at once: held back to be sent together, they come 40 ms late."""
        self.set_nodelay(True)
        await super().open(kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        """Hand a message on. What is none is passed over: no page sent it, and the log is not for visitors to fill."""
        with contextlib.suppress(Exception):
            if isinstance(ws_message, str) or self._countable(ws_message):
                super().on_message(ws_message)

    def _countable(self, frame: bytes) -> bool:
        """Whether a frame has few parts. It begins with their number, and Jupyter believes any: some take for ever."""
        newer = bool(self.selected_subprotocol)
        parts = int.from_bytes(frame[:8], "little") if newer else int.from_bytes(frame[:4], "big")
        return parts <= MOST_PARTS


class Leave(access.Guarded):
    """A page that is closed gives its kernel back."""

    def check_xsrf_cookie(self) -> None:
        """A browser that is leaving sends no more than the address; whoever knows the kernel's name may end it."""

    async def post(self, kernel_id: str) -> None:
        """End the kernel."""
        manager: MultiKernelManager = self.kernel_manager
        if kernel_id in manager:
            await manager.shutdown_kernel(kernel_id)  # type: ignore[misc]  # Jupyter's is asynchronous
        self.set_status(204)


class Nothing(Page):
    """Any other address."""

    def prepare(self) -> None:  # type: ignore[override]
        """Say so, whatever was to be done with it."""
        raise web.HTTPError(404)
