"""What a page's kernel does not hear: whatever would run code in it, look into it, or hold it up."""

from __future__ import annotations

import pytest

from tests.runs.conftest import write_notebook
from tests.serve.conftest import serving
from tests.serve.visitor import LIVE, PROTOCOLS, line, open_page, update

pytestmark = pytest.mark.slow
CHANNELS = ["shell", "control"]
CODE = {"code": "import os", "cursor_pos": 9, "detail_level": 0}
KINDS = {
    "execute_request": {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
    "inspect_request": CODE,
    "complete_request": CODE,
    "is_complete_request": CODE,
    "history_request": {"hist_access_type": "tail", "n": 5, "raw": True, "output": False},
    "connect_request": {},
    "debug_request": {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}},
    "interrupt_request": {},
    "usage_request": {},
    "create_subshell_request": {},
    "list_subshell_request": {},
}
OPEN = """
import sys
from iitk.cli import main
from iitk.serve.application import App

listen = App.listen

def without_a_filter(self):
    self.kernel_manager.allowed_message_types = []
    listen(self)

App.listen = without_a_filter
sys.exit(main(sys.argv[1:]))
"""


def ask(connection, channel, kind, proof):
    """Say one of the forbidden things, then an allowed one on the same channel; returns what was heard of each."""
    content = {**KINDS[kind], "code": f"open({str(proof)!r}, 'w')"} if kind == "execute_request" else KINDS[kind]
    asked = connection.send(channel, kind, content)
    heard = connection.answered(channel)
    return [one for one in heard if one["parent_header"].get("msg_id") == asked], heard


@pytest.fixture(scope="module")
def page(server):
    return open_page(server)


@pytest.fixture(scope="module", params=list(PROTOCOLS))
def connection(request, server, page):
    with line(server, page.channels, protocol=PROTOCOLS[request.param]) as connected:
        assert connected.v1 is (request.param == "v1")
        yield connected


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_neither_done_nor_answered(connection, page, tmp_path, kind, channel):
    proof = tmp_path / "the code ran"
    answers, heard = ask(connection, channel, kind, proof)
    assert answers == []
    assert heard[-1]["parent_header"]["msg_type"] == "kernel_info_request"
    # The same connection, and the kernel behind it, do what they are there for.
    chosen = 12 if "industries=12" not in connection.choose(page, "industries", 11)[0] else 11
    shown, heard = connection.choose(page, "industries", chosen)
    assert f'data-query="industries={chosen}"' in shown
    assert not any(kind.removesuffix("_request") in one["header"]["msg_type"] for one in heard)
    assert not proof.exists()


@pytest.mark.parametrize("channel", ["stdin", "iopub", "nowhere", "", None, 7])
def test_other_channels_lead_nowhere(server, page, tmp_path, channel):
    proof = tmp_path / "the code ran"
    with line(server, page.channels) as connected:
        asked = connected.send(channel, "execute_request", {"code": f"open({str(proof)!r}, 'w')", "silent": False})
        replied = connected.send(channel, "input_reply", {"value": "x"})
        heard = connected.answered("shell")
    assert not {asked, replied} & {one["parent_header"].get("msg_id") for one in heard}
    assert not proof.exists()


@pytest.mark.parametrize("kinds", [("comm_msg", "execute_request"), ("execute_request", "comm_msg")])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_kind_that_is_named_twice_does_not_slip_through(server, page, tmp_path, protocol, kinds):
    """Whoever checks and whoever obeys read the same one of the two."""
    proof = tmp_path / "the code ran"
    first, second = kinds
    with line(server, page.channels, protocol=PROTOCOLS[protocol]) as connected:
        content = {**update("x", {}), "code": f"open({str(proof)!r}, 'w')", "silent": False}
        connected.send("shell", first, content, header=f', "msg_type": "{second}"')
        heard = connected.answered("shell")
    assert "execute_reply" not in {one["header"]["msg_type"] for one in heard}
    assert not proof.exists()


def test_without_the_filter_all_of_it_is_done_and_answered(tmp_path):
    """That the messages are good ones: the same server without its filter obeys them."""
    write_notebook(tmp_path / "01_economy.ipynb", LIVE)
    with serving(program=["-c", OPEN], IITK_NOTEBOOKS=str(tmp_path)) as running:
        page = open_page(running)
        for name, protocol in PROTOCOLS.items():
            with line(running, page.channels, protocol=protocol) as connected:
                done = {kind: {reply["header"]["msg_type"] for channel in CHANNELS
                               for reply in ask(connected, channel, kind, tmp_path / f"{name}-{channel}")[0]}
                        for kind in KINDS}  # fmt: skip
            assert {kind for kind, heard in done.items() if kind.replace("request", "reply") in heard} == set(KINDS)
            assert (tmp_path / f"{name}-shell").exists()
            assert (tmp_path / f"{name}-control").exists()
