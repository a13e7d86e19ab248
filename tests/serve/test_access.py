"""Who is let in: by which name the server is called, from where it is asked, and with which token."""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlsplit

import psutil
import pytest
from websocket import WebSocketBadStatusException

from tests.serve.conftest import serving
from tests.serve.visitor import line, open_page

pytestmark = pytest.mark.slow
STAGE = "stage/01_economy?area=Leeds"
KERNEL = "api/kernels/00000000-0000-0000-0000-000000000000"
SECRET = "kept-to-ourselves"  # noqa: S105 (the test's own)


@pytest.fixture(scope="module")
def served(books):
    with serving("--name", "Toolkit.example.org", IITK_NOTEBOOKS=str(books)) as running:
        yield running


@pytest.fixture(scope="module")
def locked(books):
    with serving("--token", SECRET, IITK_NOTEBOOKS=str(books)) as running:
        yield running


def ask(server, path="", method="GET", body=None, **headers):
    """Status, headers and text of one answer, without following where it leads."""
    where = urlsplit(server.url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/{path}", body=body, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


class TestNames:
    STRANGE = ("evil.example", "evil.example:8866", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1",
               "[::2]", "toolkit.example", "x@127.0.0.1", "127.0.0.1@evil.example", "", "2130706433", "127.1",
               "evil.example\ttoolkit.example.org")  # fmt: skip

    @pytest.mark.parametrize("path", ["", "health", "areas?q=lee", "help", "login", "pack/leeds.zip", "nothing", STAGE,
                                      "voila/static/voila.js", KERNEL])  # fmt: skip
    def test_strange_ones_are_refused_everywhere(self, served, path):
        """Else a page elsewhere whose name leads to this machine for a moment could read ours (DNS rebinding)."""
        for host in self.STRANGE:
            status, _, page = ask(served, path, Host=host)
            assert status in {400, 403, 404}, host
            assert "Leeds" not in page
        assert ask(served, path)[0] in {200, 404, 403, 302}

    def test_its_own_are_answered(self, served):
        port = urlsplit(served.url).port
        for host in (f"127.0.0.1:{port}", "localhost", "LOCALHOST:1", "[::1]:8866", "toolkit.example.org",
                     "TOOLKIT.example.org:443"):  # fmt: skip
            assert ask(served, "health", Host=host)[0] == 200, host

    def test_without_leave_the_same_name_is_strange(self, locked):
        assert ask(locked, f"health?token={SECRET}", Host="toolkit.example.org")[0] == 403
        assert ask(locked, f"health?token={SECRET}")[0] == 200


class TestOrigins:
    @pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "null",
                                        "http://127.0.0.1:1", "file://"])  # fmt: skip
    def test_no_other_page_connects(self, served, origin):
        page = open_page(served, STAGE)
        with pytest.raises(WebSocketBadStatusException) as refused, line(served, page.channels, origin=origin):
            pytest.fail("it must not connect")
        assert refused.value.status_code == 403
        with line(served, page.channels) as connected:
            assert "<p>7 by size</p>" in connected.choose(page, "count", 7)[0]
        served.get(f"voila/api/shutdown/{page.kernel}", method="POST", data=b"")

    def test_under_a_strange_name_nobody_connects(self, served):
        page = open_page(served, STAGE)
        with pytest.raises(WebSocketBadStatusException) as refused, line(
            served, page.channels, host="evil.example", origin="http://evil.example"
        ):
            pytest.fail("it must not connect")
        assert refused.value.status_code == 403
        served.get(f"voila/api/shutdown/{page.kernel}", method="POST", data=b"")

    @pytest.mark.parametrize("path", ["", "health", "login", "areas", STAGE, "pack/leeds.zip", KERNEL, f"{KERNEL}/x"])
    def test_nothing_can_be_posted(self, served, path):
        for headers in ({"Origin": "http://evil.example"}, {"Origin": served.url.rstrip("/")}, {}):
            assert ask(served, path, "POST", b"x=1", **headers)[0] in {403, 404, 405}

    def test_no_other_page_is_let_read(self, served):
        for path in ("", "health", "areas?q=lee"):
            _, headers, _ = ask(served, path, Origin="http://evil.example")
            assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("path", "status"),
    [("", 200), (STAGE, 200), ("health", 200), ("areas?q=lee", 200), ("help", 200), ("nothing", 404), (KERNEL, 404),
     ("voila/static/voila.js", 200), ("voila/static/x.js", 404), ("stage/01_economy?area=Nowhere", 404),
     ("pack/nobody.zip", 404), ("stage/01_economy", 302), (f"areas?q={'x' * 9000}", 414), (f"{KERNEL}/channels", 404)],
)  # fmt: skip
def test_every_answer_says_what_the_browser_may_do(served, path, status):
    found, headers, _ = ask(served, path)
    assert found == status
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["object-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe-inline" not in rules["script-src"]
    assert not re.search(r"\*|https?:", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Server" not in headers


class TestToken:
    CLOSED = ("", "?area=Leeds", "areas?q=lee", "health", "help", "pack/leeds.zip", STAGE, KERNEL, f"{KERNEL}/channels")

    @pytest.mark.parametrize("path", CLOSED)
    @pytest.mark.parametrize("given", ["", "token=", "token=wrong", f"token={SECRET.upper()}", f"token={SECRET[:-1]}",
                                       "token=%00"])  # fmt: skip
    def test_without_it_there_is_only_the_way_to_it(self, locked, path, given):
        joined = f"{path}{'&' if '?' in path else '?'}{given}"
        status, headers, page = ask(locked, joined)
        assert status in {302, 400, 403}
        assert urlsplit(headers.get("Location", "/login")).path == "/login"
        assert "Set-Cookie" not in headers or "username" not in headers["Set-Cookie"]
        assert "Leeds" not in page
        assert SECRET not in page + str(headers)

    def test_it_is_asked_for(self, locked):
        status, _, page = locked.get(STAGE)
        assert status == 403
        style = re.search(r'href="/(static/style-[0-9a-f]{12}\.css)"', page)[1]
        assert ask(locked, style)[0] == 200
        assert "This server asks for a token" in page
        assert "That token is not the one" in locked.get("login?token=wrong")[2]

    def test_with_it_a_cookie_opens_everything(self, locked):
        status, headers, page = ask(locked, f"?token={SECRET}")
        assert status in {200, 302}
        cookie = headers["Set-Cookie"].split(";")[0]
        assert "HttpOnly" in headers["Set-Cookie"]
        assert SECRET not in page + cookie
        for path in ("", "areas?q=lee", "health", "help"):
            assert ask(locked, path, Cookie=cookie)[0] == 200
        status, _, page = ask(locked, STAGE, Cookie=cookie)
        assert status == 200
        assert SECRET not in page
        locked_open = open_page_with(locked, cookie)
        with line(locked, locked_open.channels, cookie=cookie) as connected:
            assert "<p>9 by size</p>" in connected.choose(locked_open, "count", 9)[0]
        for headers in ({}, {"cookie": cookie.partition("=")[0] + "=forged"}):
            with pytest.raises(WebSocketBadStatusException) as refused, line(locked, locked_open.channels, **headers):
                pytest.fail("it must not connect")
            assert refused.value.status_code == 403

    def test_it_is_written_down_nowhere(self, locked):
        ask(locked, f"nothing?token={SECRET}")
        ask(locked, f"{STAGE}&token={SECRET}")
        assert SECRET not in locked.complained()


def open_page_with(server, cookie):
    """A page with choices, opened with a cookie."""

    class WithCookie:
        def get(self, path):
            return ask(server, path, Cookie=cookie)

    return open_page(WithCookie(), STAGE)


def listening(server) -> set[str]:
    """The addresses that the server can be reached by."""
    port = urlsplit(server.url).port
    every = psutil.Process(server.process.pid).net_connections("tcp")
    return {one.laddr.ip for one in every if one.laddr.port == port and one.status == "LISTEN"}


def test_only_this_machine_reaches_it_unless_asked_and_then_there_is_a_token(served, books):
    assert listening(served) == {"127.0.0.1"}
    assert "token" not in served.way_in
    with serving("--ip", "0.0.0.0", IITK_NOTEBOOKS=str(books)) as running:  # noqa: S104 (what is tested)
        assert listening(running) == {"0.0.0.0"}  # noqa: S104
        token = re.search(r"[?&]token=([\w-]{16,})", running.way_in)[1]
        assert ask(running, "health")[0] in {302, 403}
        assert json.loads(ask(running, f"health?token={token}")[2])["status"] == "ok"
        assert ask(running, f"health?token={token}", Host="10.1.2.3:8866")[0] == 200  # a plain address is nobody's name
        assert ask(running, f"health?token={token}", Host="evil.example")[0] == 403


def test_the_token_can_come_from_the_environment_where_other_accounts_do_not_see_it():
    with serving(IITK_TOKEN="words of ours") as running:  # noqa: S106 (no secret)
        assert running.get("health")[0] == 403
        assert running.get("health?token=words%20of%20ours")[0] == 200
        assert running.get(running.way_in.removeprefix(running.url))[0] == 200


def test_a_server_for_a_network_without_tls_sends_no_header_that_browsers_complain_of(served):
    headers = served.get("help", headers={"X-Forwarded-Proto": "https"})[1]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    with serving("--name", "toolkit.local") as running:
        assert "Cross-Origin-Opener-Policy" not in running.get("help", headers={"Host": "toolkit.local"})[1]
