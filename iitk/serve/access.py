"""Who may ask for what: the name that the server is called by, the token, and what a page may do."""

from __future__ import annotations

import ipaddress
from http.client import responses
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from iitk.errors import IitkError

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_QUERY = 8000  # characters: an area of all districts, by their codes


def policy(host: str) -> str:
    """What a page may load and do: only what this server sends, no script in the page itself, no frame around it.

    Drawings carry their own style. Older browsers do not count a websocket to this very address as 'self', so it is
    named.
    """
    return "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:", "img-src 'self' data:", f"connect-src 'self' ws://{host} wss://{host}",
        "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'",
    ))  # fmt: skip


def is_local(address: str) -> bool:
    """Whether an address reaches this machine only."""
    if address in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str:
    """The name in a Host header, without the port: "[::1]:8866" is "::1"."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name, _, port = host.rpartition(":")
    return (name if name and port.isdecimal() else host).lower()


def welcome(host: str, names: frozenset[str], *, local: bool) -> bool:
    """Whether the server answers to the name in a Host header.

    A page elsewhere can make a browser take any name for this machine's address (DNS rebinding), so a server for this
    machine answers only to its own names, and one for others also to plain addresses, which nobody can take over.
    """
    name = host_name(host)
    if name in LOCAL_NAMES or name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return not local


class Guarded(JupyterHandler):
    """Every answer of the server: checks the name it was called by, and says what the page may do."""

    @property
    def content_security_policy(self) -> str:
        """What the browser enforces."""
        return policy(self.request.host)

    def set_default_headers(self) -> None:
        """Also tell the browser to guess no types, name no addresses to others, and hand on no devices."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", self.content_security_policy)  # Jupyter's websockets send none
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        if self.request.protocol == "https" or is_local(host_name(self.request.host)):
            self.set_header("Cross-Origin-Opener-Policy", "same-origin")  # elsewhere browsers complain of it
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        self.clear_header("Server")

    async def prepare(self, *args: Any, **kwargs: Any) -> None:
        """Refuse strange names and overlong questions before anything else happens."""
        if not welcome(self.request.host, self.settings["iitk_names"], local=self.settings["iitk_local"]):
            raise HTTPError(403, "This server does not answer to that name. Whoever started it can allow it: --name")
        if len(self.request.query) > LONGEST_QUERY:
            raise HTTPError(414, "This link is too long to be one of ours.")
        await super().prepare(*args, **kwargs)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Two words: where these are asked for, nobody reads a page."""
        self.set_header("Content-Type", "text/plain")
        self.finish(responses.get(status_code, "Unknown"))

    def log_exception(self, *args: Any) -> None:
        """Faults of ours go to the log; what a visitor mistyped, or tried, does not."""
        if not isinstance(args[1], HTTPError | IitkError):
            super().log_exception(*args)

    def get_login_url(self) -> str:
        """Where to be asked for the token."""
        return f"{self.base_url}login"
