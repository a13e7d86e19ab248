"""What a browser may send: 1,000 forged messages to a real kernel change nothing but what the form allows."""

from __future__ import annotations

import contextlib
import json
import math
import random

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from iitk.runs.warm import kernel as warm

APP = """
import json, logging, os
from dataclasses import asdict, dataclass
from comm import get_comm_manager
from ipykernel.kernelbase import Kernel
from ipywidgets.widgets.widget import Widget, _instances
from traitlets.log import get_logger
from iitk.views import guard, show
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, Whole, YesNo, choice

@dataclass(frozen=True)
class Chosen(State):
    count: int = choice(Whole("How many?", 5, 30, help="Of all."), 10)
    order: str = choice(OneOf("Which first?", {"size": "The largest", "name": "By name"}), "size")
    all: bool = choice(YesNo("Show all"), False)
    money: int = choice(Whole("Money", 50, 100, step=5, unit="%", slider=True), 100)
    hub: bool = choice(YesNo("Hub", help="£3 million"), False, "Skills")

class Said:
    def __init__(self, text):
        self.text = text
    def _repr_html_(self):
        return f"<p>{self.text}</p>"

logged, states, pages = [], [], []

class Keep(logging.Handler):
    def emit(self, record):
        logged.append(f"{record.name} {record.levelname} {record.getMessage()} {record.exc_info}")

# The app's logger and those of the libraries that handle messages.
for logger in (logging.getLogger(), get_logger(), Kernel.instance().log):
    logger.addHandler(Keep(logging.WARNING))

def draw(state):
    states.append(asdict(state))
    return [Said(f"{state.count} by {state.order}")]

screen = show.Screen(View("chosen", Chosen, Said("as usual"), draw, lambda state: "Shown."))
screen.figure.observe(lambda change: pages.append(change["new"]), "value")
before = {key: str(one.get_state()) for key, one in _instances.items()}
"""
FOUND = """
print(json.dumps({
    "logged": logged, "states": states + [asdict(screen.state)], "pages": pages, "page": screen.figure.value,
    "ids": {name: one.model_id for name, one in {**screen.controls, "figure": screen.figure, "box": screen.box,
            "form": screen.form, "layout": screen.box.layout}.items()},
    "keys": {key: list(one.keys) for key, one in _instances.items()},
    "controls": {name: one.value for name, one in screen.controls.items()},
    "changed": [key for key, one in list(_instances.items()) if str(one.get_state()) != before.get(key)],
    "widgets": len(_instances), "known": len(before), "comms": len(get_comm_manager().comms),
}))
"""
FIELDS = ("count", "order", "all", "money", "hub")
NO_GATE = "from iitk.views import guard\nguard.install = lambda: None\n"
ATTACK = '<img src=x onerror="alert(1)">'


class Talk:
    """A client that says anything to a kernel, and keeps all that the kernel says."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client, self.heard = client, []

    def send(self, kind, content, metadata=None, buffers=(), **header):
        message = self.client.session.msg(kind, metadata={} if metadata is None else metadata)
        message["header"] |= header
        message["content"] = json.dumps(content).encode()  # packed here: content need not be a dict, and holds NaN
        self.client.session.send(self.client.shell_channel.socket, message, buffers=list(buffers))

    def run(self, code):
        """Run code after all that was sent before it; returns what it printed."""
        asked, printed = self.client.execute(code), ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            content, kind = message["content"], message["msg_type"]
            if message["parent_header"].get("msg_id") != asked:
                self.heard.append((kind, content))
            elif kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise AssertionError(content)
            elif kind == "status" and content["execution_state"] == "idle":
                return printed

    def found(self):
        return json.loads(self.run(FOUND))

    def update(self, model, state):
        self.send("comm_msg", {"comm_id": model, "data": {"method": "update", "state": state}})


@contextlib.contextmanager
def app(before="", kernel="python3"):
    manager = KernelManager(kernel_name=kernel)
    manager.start_kernel(extra_arguments=["--HistoryManager.enabled=False"])
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        talk = Talk(client)
        talk.run(before + APP)
        yield talk
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


@pytest.fixture(scope="module", params=["python3", "iitk"])
def talk(request):
    """An app in a kernel of either kind: stock, and forked from a parent that has imported the widgets before."""
    with app(kernel=request.param) as talk:
        yield talk
    if warm._shared is not None:
        warm._shared.close()
        warm._shared = None


def rubbish(dice, depth=3):
    """Any JSON, and some that is not."""
    simple = [
        None, True, False, 0, 1, -1, 2, 7, 12, 10**30, -(10**300), 1.5, math.nan, math.inf, -math.inf, 1e308, "", "7",
        "size", ATTACK, "\x00\ud7ff", "x" * 5_000, "IPY_MODEL_", "update",
    ]  # fmt: skip
    if not depth or dice.random() < 0.5:
        return dice.choice(simple)
    if dice.random() < 0.1:
        nested = 7
        for _ in range(150):
            nested = [nested] if dice.random() < 0.5 else {"state": nested}
        return nested
    if dice.random() < 0.5:
        return [rubbish(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {dice.choice(["method", "state", "value", "index", "x"]): rubbish(dice, depth - 1) for _ in range(3)}


MODEL = {
    "_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0", "_model_name": "HTMLModel",
    "_view_module": "@jupyter-widgets/controls", "_view_module_version": "2.0.0", "_view_name": "HTMLView",
    "value": ATTACK,
}  # fmt: skip


def harmful(ids):
    """What a kernel as it comes obeys: another text to show, a widget opened, one closed; and what it stumbles over."""
    yield "comm_msg", {"comm_id": ids["figure"], "data": {"method": "update", "state": {"value": ATTACK}}}
    opened = {"comm_id": "mine", "target_name": "jupyter.widget", "data": {"state": MODEL}}
    yield "comm_open", opened, {"version": "2.1.0"}
    yield "comm_close", {"comm_id": ids["all"], "data": {}}
    yield "comm_msg", {"comm_id": ids["count"], "data": {"method": "update", "state": {"value": {}}}}
    yield "comm_msg", {"comm_id": "nobody", "data": {}}
    yield "comm_msg", []


def targeted(dice, found):
    """The harmful ones; and each trait of each widget, set to what would do harm or to nonsense."""
    ids, keys = found["ids"], found["keys"]
    yield from harmful(ids)
    for model, names in keys.items():
        for name in names:
            harm = [ATTACK, 10**30, -1, [f"IPY_MODEL_{ids['figure']}"], rubbish(dice), math.nan, None, True]
            for one in harm if name in {"value", "index", "children", "layout"} else [dice.choice(harm)]:
                yield "comm_msg", {"comm_id": model, "data": {"method": "update", "state": {name: one}}}


def forged(dice, found):
    """One message of any shape, to any widget or none."""
    ids = [*found["keys"], "control", "no-such-model", ATTACK]
    comm = dice.choice([*ids, rubbish(dice)]) if dice.random() < 0.2 else dice.choice(ids)
    kind = dice.choice(["comm_msg"] * 6 + ["comm_open", "comm_open", "comm_close"])
    states = [
        {"value": ATTACK}, {"value": rubbish(dice)}, {"index": rubbish(dice)}, {"index": 10**9}, {"index": -1},
        {"value": rubbish(dice), "index": rubbish(dice), "children": []}, {"children": [f"IPY_MODEL_{ids[0]}"]},
        {"layout": {"display": "none"}}, {"_options_labels": [ATTACK], "index": 1}, {"min": -5, "max": 99, "value": 99},
        {"description": ATTACK, "description_allow_html": True}, {"_view_name": "HTMLView"}, {"comm": None},
        {"_dom_classes": [ATTACK]}, rubbish(dice), {"__class__": "x"}, {"value": {"nested": {}}, "": 1},
    ]  # fmt: skip
    data = {
        "method": dice.choice(["update"] * 3 + ["custom", "request_state", "request_states", "echo_update", 7]),
        "state": dice.choice(states), "content": {"event": "click"},
        "buffer_paths": dice.choice([[], [["value"]], [["state", 0, "x"]], rubbish(dice)]),
    }  # fmt: skip
    if kind == "comm_open":
        data = dice.choice([{"state": MODEL}, data, rubbish(dice)])
    content = {"comm_id": comm, "data": data if dice.random() < 0.9 else rubbish(dice)}
    targets = ["jupyter.widget", "jupyter.widget.control", "jupyter.widget.version", "os.system", rubbish(dice)]
    content["target_name"] = dice.choice(targets)
    if dice.random() < 0.05:
        content = dice.choice([rubbish(dice), {"metadata": 3, **content}, {"data": data}])
    versions = [{"version": "2.1.0"}, {"version": "1.0.0"}, {"version": 1}, {}, {"version": ATTACK}]
    return kind, content, dice.choice(versions), dice.choice([(), (), (b"x",), (b"\x00" * 100, b"{}")])


def storm(talk, found, messages=1_000):
    """Send that many forged messages at least, and return how many."""
    dice, sent = random.Random(2_026), 0  # noqa: S311 (the same dice each time)
    for message in targeted(dice, found):
        talk.send(*message)
        sent += 1
    while sent < messages or sent % 100:
        nowhere = {"subshell_id": dice.choice(["x", 7, [], {}])} if dice.random() < 0.05 else {}
        talk.send(*forged(dice, found), **nowhere)
        sent += 1
        if sent % 100 == 0:
            talk.run("pass")  # so that neither side's queue runs full
    return sent


def fits(state):
    return (
        type(state["count"]) is int and 5 <= state["count"] <= 30 and state["order"] in {"size", "name"}
        and isinstance(state["all"], bool) and type(state["money"]) is int and state["money"] in range(50, 101, 5)
        and isinstance(state["hub"], bool)
    )  # fmt: skip


def test_a_real_choice_changes_what_is_shown(talk):
    """The positive control: what the page itself sends is obeyed."""
    ids = talk.found()["ids"]
    talk.update(ids["count"], {"value": 7})
    talk.update(ids["order"], {"index": 1})
    talk.update(ids["all"], {"value": True})
    talk.update(ids["money"], {"value": 65})
    talk.update(ids["hub"], {"value": True})
    found = talk.found()
    assert found["states"][-1] == {"count": 7, "order": "name", "all": True, "money": 65, "hub": True}
    assert found["page"].startswith(
        '<div class="view" data-view="chosen" data-keys="count,order,all,money,hub" '
        'data-query="count=7&amp;order=name&amp;all=yes&amp;money=65&amp;hub=yes" data-status="Shown."><p>7 by name</p>'
    )
    assert len(found["pages"]) == 5  # the figure was set once for each choice


def test_a_page_that_loads_is_told_what_there_is(talk):
    opened = {"comm_id": "a-page", "target_name": "jupyter.widget.control", "data": {}}
    talk.send("comm_open", opened, metadata={"version": "1.0.0"})
    talk.send("comm_msg", {"comm_id": "a-page", "data": {"method": "request_states"}})
    talk.send("comm_close", {"comm_id": "a-page", "data": {}})
    ids = talk.found()["ids"]
    answers = [content["data"] for kind, content in talk.heard if kind == "comm_msg" and content["comm_id"] == "a-page"]
    assert [answer["method"] for answer in answers] == ["update_states"]
    assert set(ids.values()) <= set(answers[0]["states"])
    talk.send("comm_msg", {"comm_id": ids["count"], "data": {"method": "request_state"}})
    talk.run("pass")
    told = [content["data"]["state"] for kind, content in talk.heard
            if kind == "comm_msg" and content["comm_id"] == ids["count"] and content["data"]["method"] == "update"]
    assert told[-1]["description"] == "How many? (5 to 30)"


def test_forged_messages_change_nothing_and_are_not_spoken_of(talk):
    start = talk.found()
    talk.heard.clear()
    assert storm(talk, start) >= 1_000
    found = talk.found()
    assert found["logged"] == []
    assert {kind for kind, _ in talk.heard} <= {"status", "comm_msg", "comm_close"}  # no error, nothing printed
    assert all(fits(state) for state in found["states"])
    assert fits(found["controls"])
    assert found["widgets"] == found["known"]  # none was opened, none was closed
    assert found["comms"] <= start["comms"] + 1  # the control channel
    # What changed is the form's own values, and the page by what they drew; no message set it.
    free = {found["ids"][name] for name in (*FIELDS, "figure")}
    assert set(found["changed"]) <= free
    drawn = {"<p>as usual</p></div>", *(f"<p>{one['count']} by {one['order']}</p></div>" for one in found["states"])}
    for page in [*found["pages"], found["page"]]:
        assert page.startswith(f'<div class="view" data-view="chosen" data-keys="{",".join(FIELDS)}" data-query="')
        assert any(page.endswith(one) for one in drawn)
        assert "onerror" not in page
        assert "data-fault" not in page
    # Nothing harmful was repeated to the page either.
    assert ATTACK not in json.dumps(talk.heard).replace('\\"', '"')
    # And the form still listens.
    talk.update(found["ids"]["count"], {"value": 29 if found["controls"]["count"] == 30 else 30})
    assert talk.found()["states"][-1]["count"] in {29, 30}


def test_without_the_gate_such_messages_do_harm():
    """That the messages arrive: in a kernel as it comes, they are felt."""
    with app(NO_GATE) as talk:
        before = talk.found()
        for message in harmful(before["ids"]):
            talk.send(*message)
        talk.update(before["ids"]["all"], {"value": True})
        found = talk.found()
    assert found["page"] == ATTACK
    assert found["widgets"] > before["widgets"]
    assert found["controls"]["all"] is False  # closed, so deaf
    said = " ".join(found["logged"])
    assert "Invalid message" in said
    assert "No such comm" in said
    assert any(kind == "error" for kind, _ in talk.heard)  # the traceback of what it stumbled over
