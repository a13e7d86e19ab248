"""What a browser may send to an app's kernel: a new value of a form's field, and what shows the widgets at all.

A visitor can forge any message. Widgets as they come obey most of them: they would take another text to show, other
children, another layout, and open any widget there is. Here every message passes one gate, in front of the kernel's
own handlers. What does not fit is dropped without a word: nobody who uses the page can have sent it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
Check = Callable[[object], bool]

_PARTS = ("content", "metadata")
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
CONTROL = "jupyter.widget.control"  # over this a page asks, when it loads, what there is to show
_fields: dict[str, tuple[str, Check]] = {}  # by the widget's id: the one trait a browser may set, and to what


def allow(model_id: str, trait: str, check: Check) -> None:
    """Let a browser set this one trait of a widget to what `check` accepts."""
    _fields[model_id] = (trait, check)


def install() -> None:
    """Put the gate in front of this process's kernel, once; without a kernel, nobody can send anything."""
    from comm import get_comm_manager
    from ipykernel.kernelbase import Kernel
    from ipywidgets import Widget

    if Kernel.initialized():
        kernel, manager = Kernel.instance(), get_comm_manager()
        # By itself ipywidgets does this only where it is imported after the kernel has started.
        manager.register_target(CONTROL, Widget.handle_control_comm_opened)
        for name, gate in (("comm_open", _opening), ("comm_msg", _telling), ("comm_close", _closing)):
            kernel.shell_handlers[name] = _gated(gate, manager, name)
        for log in (kernel.log, logging.getLogger("Comm")):
            log.addFilter(_worth_a_word)


def _worth_a_word(record: logging.LogRecord) -> bool:
    """Tell what the kernel says of messages that it could not even read or deliver, before the gate, from all else."""
    return not str(record.msg).lower().startswith(("invalid message", "cannot handle", "no such comm"))


def _gated(gate: Callable[[Any, Message], Message | None], manager: Any, name: str) -> Callable[..., None]:
    def handle(stream: Any, ident: Any, message: Message) -> None:
        content, metadata = (part if isinstance(part := message.get(name), dict) else {} for name in _PARTS)
        comm_id = content.get("comm_id")
        known = isinstance(comm_id, str) and _ID.fullmatch(comm_id)
        clean = gate(manager, {**content, "metadata": metadata}) if known else None
        if clean is not None:
            getattr(manager, name)(stream, ident, {**message, "content": clean, "buffers": []})

    return handle


def _opening(manager: Any, asked: Message) -> Message | None:
    """Only the control channel, under an id that is not taken, and one at a time."""
    version = asked["metadata"].get("version")
    if asked.get("target_name") != CONTROL or not isinstance(version, str) or version.split(".")[0] != "1":
        return None
    if asked["comm_id"] in manager.comms:
        return None
    for old in [key for key, comm in manager.comms.items() if comm.target_name == CONTROL]:
        del manager.comms[old]
    return {"comm_id": asked["comm_id"], "target_name": CONTROL, "data": {}}


def _telling(manager: Any, told: Message) -> Message | None:
    """A field's new value; or a page's question what there is, to all widgets or to one."""
    comm, data = manager.comms.get(told["comm_id"]), told.get("data")
    if comm is None or not isinstance(data, dict):
        return None
    method = data.get("method")
    if method == ("request_states" if comm.target_name == CONTROL else "request_state"):
        return {"comm_id": told["comm_id"], "data": {"method": method}}
    trait, check = _fields.get(told["comm_id"], ("", _nothing))
    state = data.get("state")
    if method != "update" or not isinstance(state, dict) or trait not in state or not check(state[trait]):
        return None
    return {"comm_id": told["comm_id"], "data": {"method": "update", "state": {trait: state[trait]}}}


def _closing(manager: Any, asked: Message) -> Message | None:
    """Only the control channel: a form that was closed would be deaf."""
    comm = manager.comms.get(asked["comm_id"])
    return {"comm_id": asked["comm_id"], "data": {}} if comm is not None and comm.target_name == CONTROL else None


def _nothing(_value: object) -> bool:
    return False
