"""What there is no way to: 2,000 made-up addresses, other methods, and visitors who do not play by the rules."""

from __future__ import annotations

import http.client
import io
import random
import re
import socket
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jupyter_core.paths import jupyter_path

from tests.conftest import ROOT
from tests.serve.conftest import serving

pytestmark = pytest.mark.slow
MADE = 2_000
CANARY = "this text is in a file of the results"
METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "POST", "CONNECT", "PROPFIND", "get", "X" * 100]

KERNEL = "/api/kernels/00000000-0000-0000-0000-000000000000"


class Wire:
    """A connection on which anything can be said: nothing puts it right on the way."""

    def __init__(self, server) -> None:
        where = urlsplit(server.url)
        self.place, self.host, self.socket = (where.hostname, where.port), where.netloc, None

    def ask(self, path, method="GET", *more):
        """Status and body of the answer to a request for exactly this path; (0, b"") if there is none."""
        lines = [f"{method} ".encode() + path + b" HTTP/1.1", f"Host: {self.host}".encode(), *more, b"", b""]
        if self.socket is None:
            self.socket = socket.create_connection(self.place, timeout=60)
        try:
            self.socket.sendall(b"\r\n".join(lines))
            answer = http.client.HTTPResponse(self.socket, method=method)
            answer.begin()
            body = answer.read()
        except (http.client.HTTPException, OSError):
            self.close()
            return 0, b""
        if answer.will_close:
            self.close()
        return answer.status, body

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder of results whose files say so."""
    folder = tmp_path_factory.mktemp("results")
    saved = folder / "leeds" / "01_economy"
    saved.mkdir(parents=True)
    for name in ("page.html", "record.json", "notebook.ipynb", "note.txt"):
        (saved / name).write_text(f"{CANARY}: {name}", encoding="utf-8")
    (folder / "secret.csv").write_text(CANARY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def served(results):
    with serving("--out", str(results)) as running:
        yield running


@pytest.fixture
def wire(served):
    connected = Wire(served)
    yield connected
    connected.close()


def real_files(results):
    """Files that are there: of the results, the checkout, its figures, Jupyter, and the machine."""
    checkout = [ROOT / name for name in ("pyproject.toml", "Makefile", "iitk/serve/app.py", "data/sources.toml",
                                         "notebooks/01_economy.ipynb", "data/official", ".git/config")]  # fmt: skip
    jupyters = [Path(jupyter_path()[0]), Path(jupyter_path("kernels")[0]), Path(jupyter_path("voila")[0])]
    machine = [Path("/etc/passwd"), Path("/proc/self/environ"), Path("/etc"), Path.home() / ".bashrc"]
    return [str(path) for path in (*results.rglob("*"), *checkout, *jupyters, *machine)]


FORMER = [  # addresses that Voila or Jupyter have by themselves
    "voila/files/pyproject.toml", "voila/files/", "voila/render/01_economy.ipynb", "voila/tree", "voila/query/x",
    "voila/templates/base/static/voila.js", "voila/themes/x.css", "voila/kernelspecs", "voila/api/shutdown/x",
    "api", "api/contents", "api/contents/pyproject.toml", "api/kernels", "api/kernelspecs", "api/sessions",
    "api/terminals", "api/config/x", "api/me", "api/security/csp-report", "files/pyproject.toml", "view/page.html",
    "nbconvert/html/x.ipynb", "tree", "lab", "edit/x", "kernelspecs/python3/logo.png",
    "metrics", "logout", "custom/custom.css", "favicon.ico", "static/favicon.ico", "static/base/images/favicon.ico",
    "static/", "static", "voila/static/", "voila/labextensions/", "voila", "pack/", "pack/.zip", "stage/", "stage",
    "outputs/leeds/01_economy/record.json", "leeds/01_economy/page.html", "index.html", "areas/", "health/", "help/",
    "pack/leeds.zip/", "pack/leeds", "pack/leeds.zip/01_economy/record.json", "stage/01_economy.ipynb",
    "static/../areas", "voila/labextensions/../x", "pack/../x.zip", "stage/../../areas", "static/page.js",
]  # fmt: skip
UPS = [
    "../", "..\\", "%2e%2e/", "%2e%2e%2f", "..%2f", "..%5c", "%252e%252e%252f", "..%252f", "%c0%ae%c0%ae/",
    "%e0%80%ae%e0%80%ae%c0%af", "..%c0%af", "....//", "..;/", "..%00/", ".%2e/", "%u002e%u002e/", "./../", "%ff/",
    "..%ef%bc%8f",
]  # fmt: skip
ENDS = ["", "/", "//", ".", "..", "%00", "%00.html", "%20", "%2f", ";x=1", "~", "%0d%0aX:y", "\\", "/.", "%23", "*"]
BEFORE = ["/", "//", "///", "/./", "//host/", "http://host/", "file:///", "\\", "/%2f", "/;/", "/%00/", "/~/", "", "*"]


def encoded(dice, text):
    """Some of its characters in another spelling: once or twice encoded, or in full."""
    how = dice.choice(["%{:02x}", "%{:02X}", "%25{:02x}"])
    return "".join(how.format(byte) if dice.random() < 0.3 else chr(byte) for byte in text.encode())


def made_up(dice, results):
    """One address that leads nowhere."""
    files = real_files(results)
    places = ["", "static/", "voila/static/", "voila/labextensions/", "voila/files/", "pack/", "stage/", "areas/"]
    places += ["voila/labextensions/@voila-dashboards/widgets-manager8/static/", "api/contents/", "stage/01_economy/"]
    while True:
        if dice.random() < 0.2:
            target = dice.choice(FORMER)
        else:
            target = dice.choice(places) + dice.choice(UPS) * dice.randrange(0, 12) + dice.choice(files).lstrip("/")
            if dice.random() < 0.2:
                target = encoded(dice, target)
        yield (dice.choices(BEFORE, [60] + [3] * (len(BEFORE) - 1))[0] + target + dice.choice(ENDS)).encode("latin-1")


def test_no_made_up_address_leads_anywhere(wire, results):
    dice = random.Random(2_026)  # noqa: S311 (the same dice each time)
    paths = list(dict.fromkeys(next(made_up(dice, results)) for _ in range(MADE * 2)))[:MADE]
    assert len(paths) == MADE
    answers = {path: wire.ask(path) for path in paths}
    assert {path: status for path, (status, _) in answers.items() if status not in {403, 404}} == {}
    # Every answer is one of two: the page that says so, and two words where nobody reads a page. No file, no listing.
    nothing = wire.ask(b"/there-is-nothing-here")
    assert nothing[0] == 404
    assert b"There is nothing at this address" in nothing[1]
    assert {body for _, body in answers.values()} == {nothing[1], b"Not Found"}


def test_the_addresses_that_there_are_answer(served, wire):
    """That the same connection reaches what is there, and that the canary is where a hole would show it."""
    page = served.get()[2]
    style = re.search(r'href="/(static/style-[0-9a-f]{12}\.css)"', page)[1]
    scripts = re.findall(r'src="/(static/[a-z]+-[0-9a-f]{12}\.js)"', page)
    assert scripts
    for path in ("", "?area=Leeds", "areas?q=lee", "health", "help", "voila/static/voila.js", style, *scripts):
        assert wire.ask(f"/{path}".encode())[0] == 200, path
    status, archive = wire.ask(b"/pack/leeds.zip")
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        assert CANARY in held.read("leeds/01_economy/page.html").decode()


def test_an_asset_has_one_address(wire):
    assert wire.ask(b"/voila/static/voila.js")[0] == 200
    for other in (b"/voila/static/%76oila.js", b"/voila/static/./voila.js", b"/voila/static//voila.js",
                  b"/voila/static/voila.js/", b"/voila/static/voila.js%00", b"/static/../voila/static/voila.js",
                  b"/VOILA/static/voila.js", b"/voila/static/%ff"):  # fmt: skip
        assert wire.ask(other) == (404, b"Not Found") or wire.ask(other)[1] == wire.ask(b"/nothing")[1], other


@pytest.mark.parametrize(
    "path", [b"/a b", b"/\x00", b"/\r", b"/\x7f", b"/a\tb", b"", b"/caf\xe9 x", b"/../../etc/passwd x"]
)
def test_what_is_no_request_at_all_is_refused_before_anything_is_looked_up(wire, path):
    assert wire.ask(path) in {(400, b""), (0, b"")}
    assert wire.ask(b"/health")[0] == 200


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/", "/health", "/help", "/areas", "/login", "/stage/01_economy?area=Leeds",
                                  "/pack/leeds.zip", "/voila/static/voila.js", "/nothing", KERNEL, f"{KERNEL}/channels",
                                  KERNEL.replace("api/kernels", "voila/api/shutdown")])  # fmt: skip
def test_other_methods_do_nothing(wire, path, method):
    status, body = wire.ask(path.encode(), method)
    ends_no_kernel = method == "POST" and "shutdown" in path
    assert status in ({204} if ends_no_kernel else {400, 403, 404, 405})
    assert b"Traceback" not in body
    assert CANARY.encode() not in body


class TestVisitorsWhoDoNotPlayByTheRules:
    """Others are answered all the same."""

    def test_large_headers(self, wire):
        for size in (17 << 10, 1 << 20):
            assert wire.ask(b"/", "GET", b"X-Large: " + b"x" * size)[0] in {0, 400, 431}
            assert wire.ask(b"/health")[0] == 200

    def test_many_headers_and_headers_that_are_none(self, wire):
        for more in ([b"X: y"] * 2_000, [b"no colon"], [b": no name"], [b"X: \x00"], [b"Transfer-Encoding: x"],
                     [b"Content-Length: -1"], [b"Content-Length: 1", b"Content-Length: 2"],
                     [b"Content-Length: 5", b"Transfer-Encoding: chunked"]):  # fmt: skip
            assert wire.ask(b"/health", "GET", *more)[0] in {0, 200, 400, 431}
            assert wire.ask(b"/health")[0] == 200
            wire.close()

    def test_more_is_sent_than_anybody_takes(self, wire):
        assert wire.ask(b"/", "POST", b"Content-Length: 1000000000")[0] in {0, 400, 413}
        assert wire.ask(b"/health")[0] == 200

    def test_requests_that_never_end(self, served, wire):
        halves = [b"", b"G", b"GET / HTTP/1.1\r\nHost: x", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
                  b"GET /api/kernels HTTP/1.1\r\nUpgrade: websocket\r\n"]  # fmt: skip
        waiting = []
        try:
            for at in range(100):
                waiting.append(socket.create_connection(wire.place, timeout=60))
                waiting[-1].sendall(halves[at % len(halves)])
            assert wire.ask(b"/health")[0] == 200
            assert served.get()[0] == 200
        finally:
            for one in waiting:
                one.close()
        assert wire.ask(b"/health")[0] == 200


def test_none_of_this_fills_the_log(served, wire):
    """Refusing costs no line: else whoever asks for nothing often enough fills the disk."""
    for path, method in ((b"/voila/static/x", "PUT"), (KERNEL.encode(), "PUT"), (b"/", "TRACE"), (b"/nothing", "GET")):
        wire.ask(path, method)
    assert served.complained() == ""
