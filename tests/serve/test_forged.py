"""What a page's kernel is told by forgers: 1,000 messages through its real connection, and frames that are no message.

`tests/views/test_guard.py` looks into such a kernel; here is what a visitor and whoever reads the log see of it.
"""

from __future__ import annotations

import json
import random

import pytest

from tests.serve.conftest import serving
from tests.serve.visitor import PROTOCOLS, line, open_page
from tests.views import test_guard as guard

pytestmark = pytest.mark.slow
MESSAGES = 1_000
USUAL = 10  # industries
FORMS = {"BoundedIntTextModel", "DropdownModel", "CheckboxModel", "HTMLModel"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def served(folder):
    """A server whose temporary files, and so the log of the views' faults, are where this test can read them."""
    with serving(TMPDIR=str(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def page(served):
    return open_page(served)


def widgets(connected) -> dict[str, dict]:
    """Every widget of the page with its state, as a page that loads is told."""
    opened = {"comm_id": "a-page", "target_name": "jupyter.widget.control", "data": {}}
    connected.send("shell", "comm_open", opened, {"version": "1.0.0"})
    asked = connected.send("shell", "comm_msg", {"comm_id": "a-page", "data": {"method": "request_states"}})
    connected.send("shell", "comm_close", {"comm_id": "a-page", "data": {}})
    told = [one["content"]["data"]["states"] for one in connected.answered("shell")
            if one["header"]["msg_type"] == "comm_msg" and one["parent_header"]["msg_id"] == asked]  # fmt: skip
    return {model: one["state"] for model, one in told[0].items()}


def made_up(page, keys):
    """The messages that `test_guard` makes, for the widgets of this page."""
    ids = {name: model for name, (model, _) in page.fields.items()}
    found = {"ids": {"figure": page.figure, "all": ids["order"], "count": ids["industries"]}, "keys": keys}
    dice = random.Random(2_026)  # noqa: S311 (the same dice each time)
    yield from guard.harmful(found["ids"])
    yield from dice.sample(list(guard.targeted(dice, found)), MESSAGES // 2)
    while True:
        yield guard.forged(dice, found)


def usual(connected, page, values) -> str:
    """The page's first figure after its choices were made as they were at first."""
    for name, (model, trait) in page.fields.items():
        connected.tell(model, {trait: values[name]})
    connected.answered("shell")
    connected.choose(page, "industries", USUAL + 1)
    return connected.choose(page, "industries", USUAL)[0]


def complaints(served, folder) -> str:
    """What stands in the server's own log, and in the one of the views' faults."""
    return served.complained() + "".join(log.read_text() for log in folder.rglob("faults.log"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_forged_messages_change_nothing_and_leave_no_trace(served, page, folder, protocol):
    with line(served, page.channels, protocol=PROTOCOLS[protocol]) as connected:
        before = widgets(connected)
        values = {name: before[model][trait] for name, (model, trait) in page.fields.items()}
        shown = usual(connected, page, values)
        assert 'data-view="specialisation"' in shown
        heard, messages = [], made_up(page, {model: list(state) for model, state in before.items()})
        for at in range(MESSAGES):
            connected.send("shell", *next(messages))
            if at % 50 == 49:
                heard += connected.answered("shell")  # so that neither side's queue runs full
        assert {one["header"]["msg_type"] for one in heard} <= {"status", "comm_msg", "comm_close", "kernel_info_reply"}
        assert "onerror" not in json.dumps(heard)
        assert usual(connected, page, values) == shown
        after = widgets(connected)
    assert after.keys() == before.keys()
    free = {model for model, state in before.items() if state["_model_name"] in FORMS}
    assert {model for model in before if after[model] != before[model]} <= free
    assert complaints(served, folder) == ""


HEADER = '{"channel": "shell", "header": {"msg_type": "comm_msg"'
NOT_MESSAGES = [
    "", "x", "{", "[]", "{}", "null", "7", '"x"', "NaN", '{"channel": "shell"}', '{"channel": "shell", "header": {}}',
    '{"channel": "shell", "header": null}', '{"channel": "shell", "header": 7}', '{"channel": [], "header": {}}',
    '{"channel": {}, "header": {"msg_type": "comm_msg"}}', '{"channel": "shell", "header": {"msg_type": []}}',
    f"{HEADER}}}}}", f'{HEADER}, "msg_id": 7}}, "parent_header": 7, "content": 7, "buffers": 7}}',
    f'{HEADER}}}, "parent_header": {{}}, "content": {{}}, "metadata": {{}}, "buffers": [7]}}',
    f'{HEADER}, "date": "x"}}, "parent_header": "x"}}', "[" * 100_000, '{"channel": ' * 5_000 + "7" + "}" * 5_000,
    b"", b"x", b"\x00" * 8, b"\xff" * 8, b"\xff" * 1_000, b"\x01\x00\x00\x00\x00\x00\x00\x00", b"\x00\x00\x00\x01",
    b"\x00\x00\x00\x01\x00\x00\x00\x08{}", b"\x7f\xff\xff\xff" + b"\x00" * 100, bytes(range(256)) * 100,
]  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_frames_that_are_no_message_are_passed_over(served, page, folder, protocol):
    with line(served, page.channels, protocol=PROTOCOLS[protocol]) as connected:
        dice = random.Random(2_026)  # noqa: S311 (the same dice each time)
        for frame in [*NOT_MESSAGES, *(dice.randbytes(dice.randrange(100)) for _ in range(200))]:
            (connected.socket.send if isinstance(frame, str) else connected.socket.send_binary)(frame)
        connected.answered("shell")
        chosen = 8 if connected.v1 else 9
        assert f"industries={chosen}" in connected.choose(page, "industries", chosen)[0]
    assert complaints(served, folder) == ""
