"""A visitor without a browser: opens a page, and says to its kernel what a browser could, or what it never would."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)
from websocket import ABNF, WebSocket, create_connection

V1 = "v1.kernel.websocket.jupyter.org"
PROTOCOLS = {"default": None, "v1": V1}
PARTS = ("header", "parent_header", "metadata", "content")
PATIENCE = 60  # seconds against hanging


@dataclass(frozen=True)
class Page:
    """What a page tells its script: the kernel, and the widgets of its first figure with choices."""

    text: str
    kernel: str
    figure: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # key: (widget, trait)

    @property
    def channels(self):
        return f"api/kernels/{self.kernel}/channels?session_id=a-visitor"


def open_page(server, path="stage/01_economy?area=E08000035") -> Page:
    """A page with choices, as the server sends it."""
    status, _, text = server.get(path)
    assert status == 200
    first = text.partition('class="live"')[2].partition('class="live"')[0]
    keys = re.search(r'data-keys="([^"]*)"', first)[1].split(",")
    found = re.findall(r'data-field="(\w+)" data-trait="(\w+)"', first)
    return Page(text, re.search(r'"kernelId": "([0-9a-f-]{36})"', text)[1],
                re.search(r'data-model="(\w+)"', first)[1], dict(zip(keys, found, strict=True)))  # fmt: skip


class Line:
    """A connection to a page's kernel, in one of the two protocols."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket, self.v1 = socket, socket.subprotocol == V1
        self.pack = Session(key=b"")

    def send(self, channel, kind, content, metadata=None, buffers=(), *, header="") -> str:
        """Send one message; returns its name. What `header` holds, in JSON, comes after what belongs there."""
        message = self.pack.msg(kind, content, metadata=metadata)
        message["header"]["date"] = "2026-11-23T11:00:00Z"
        parts = [json.dumps(message[part]) for part in PARTS]
        parts[0] = parts[0].removesuffix("}") + header + "}"
        if self.v1:
            whole = [*(part.encode() for part in parts), *buffers]
            self.socket.send_binary(serialize_msg_to_ws_v1(whole, str(channel)))
        elif buffers:
            whole = {**{part: message[part] for part in PARTS}, "channel": channel, "buffers": buffers}
            self.socket.send_binary(serialize_binary_message(whole))
        else:
            whole = ", ".join(f'"{name}": {part}' for name, part in zip(PARTS, parts, strict=True))
            self.socket.send(f'{{{whole}, "buffers": [], "channel": {json.dumps(channel)}}}')
        return message["header"]["msg_id"]

    def hear(self) -> dict:
        """The next message."""
        until = time.monotonic() + PATIENCE
        while (frame := self.socket.recv_data(control_frame=True))[0] not in {ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY}:
            assert frame[0] != ABNF.OPCODE_CLOSE, "the server has closed the connection"
            assert time.monotonic() < until, "nothing but pings was heard"
        kind, told = frame
        if not self.v1:
            return json.loads(told) if kind == ABNF.OPCODE_TEXT else deserialize_binary_message(told)
        channel, parts = deserialize_msg_from_ws_v1(told)
        return {"channel": channel, **{name: json.loads(part) for name, part in zip(PARTS, parts[:4], strict=True)}}

    def until(self, wanted) -> list[dict]:
        """Everything up to the first message that is wanted."""
        heard = [self.hear()]
        while not wanted(heard[-1]):
            heard.append(self.hear())
        return heard

    def answered(self, channel) -> list[dict]:
        """Ask what every page may ask; returns all that came until it was answered and the kernel was idle again."""
        asked = self.send(channel, "kernel_info_request", {})
        left = {"kernel_info_reply", "idle"}

        def done(message):
            if message["parent_header"].get("msg_id") == asked:
                left.discard(message["header"]["msg_type"])
                left.discard(message["content"].get("execution_state"))
            return not left

        return self.until(done)

    def tell(self, model, state) -> str:
        """Set a widget, as a browser does when somebody chooses."""
        return self.send("shell", "comm_msg", update(model, state))

    def choose(self, page, key, value) -> tuple[str, list[dict]]:
        """Choose in a page's first form; returns what its figure shows then, and all that was heard on the way."""
        model, trait = page.fields[key]
        asked = self.tell(model, {trait: value})

        def shown(message):
            if message["header"]["msg_type"] != "comm_msg" or message["parent_header"].get("msg_id") != asked:
                return False
            content = message["content"]
            return content["comm_id"] == page.figure and "value" in content["data"]["state"]

        heard = self.until(shown)
        return heard[-1]["content"]["data"]["state"]["value"], heard


LIVE = """
from dataclasses import dataclass
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, Whole, YesNo, choice

@dataclass(frozen=True)
class Chosen(State):
    count: int = choice(Whole("How many?", 5, 30, help="Of all."), 10)
    order: str = choice(OneOf("Which first?", {"size": "The largest", "name": "By name"}), "size")
    all: bool = choice(YesNo("Show all"), False)

class Said:
    def __init__(self, text):
        self.text = text
    def _repr_html_(self):
        return f"<p>{self.text}</p>"

view(View("chosen", Chosen, Said("as usual"), lambda state: [Said(f"{state.count} by {state.order}")],
          lambda state: "Shown."))
"""  # a notebook's cell with a figure that has choices, and takes no time


def update(model, state) -> dict:
    """What a widget is told."""
    return {"comm_id": model, "data": {"method": "update", "state": state, "buffer_paths": []}}


@contextlib.contextmanager
def line(server, path, *, protocol=None, **options) -> Iterator[Line]:
    """A connection to the kernel at an address, closed at the end."""
    socket = create_connection(f"ws{server.url.removeprefix('http')}{path}", timeout=PATIENCE,
                               subprotocols=[protocol] if protocol else None, **options)  # fmt: skip
    try:
        yield Line(socket)
    finally:
        socket.close()
