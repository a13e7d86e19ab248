"""The guides for servers in front of ours, tried: their own blocks, in the real server, with TLS."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.conftest import ROOT
from tests.serve.conftest import serving
from tests.serve.visitor import PROTOCOLS, line, open_page

pytestmark = pytest.mark.slow
NAME, BASE, SECRET = "toolkit.example.org", "/toolkit/", "kept-to-ourselves"
STAGE = "stage/01_economy?area=Leeds"


def command(name: str) -> str:
    """The program, wherever Debian keeps it; without it CI fails for nginx, and elsewhere the test is skipped."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        advice = f"{name} is missing, so its guide was not tried: run tools/install-nginx.sh, or install {name}."
        if os.environ.get("CI") and name == "nginx":
            pytest.fail(advice)
        pytest.skip(advice)
    return found


def block(guide: str, language: str) -> str:
    """The block of a guide in this language."""
    text = (ROOT / "docs" / "how-to" / f"{guide}.md").read_text(encoding="utf-8")
    return re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]


def changed(text: str, changes: dict[str, str]) -> str:
    """A block with what differs on this machine; each must be there."""
    for old, new in changes.items():
        assert old in text, f"{old} is not in the guide any more"
        text = text.replace(old, new)
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Front:
    """A server in front of ours, as a visitor sees it."""

    port: int
    trust: ssl.SSLContext
    base: str
    token: str
    folder: Path  # what it writes

    @property
    def url(self):
        return f"https://{NAME}:{self.port}{self.base}"

    def connect(self) -> ssl.SSLSocket:
        """A connection with TLS under the name that visitors type."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return self.trust.wrap_socket(plain, server_hostname=NAME)

    def ask(self, path, method="GET", host=None, **headers):
        """Status, headers and text of one answer."""
        connection = http.client.HTTPConnection(NAME, self.port)
        connection.sock = self.connect()
        try:
            connection.request(method, path, headers={"Host": host or f"{NAME}:{self.port}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def cookie(self) -> str:
        """What a browser remembers after the link with the token."""
        given = self.ask(f"{self.base}?token={self.token}")[1]["Set-Cookie"]
        assert "Secure" in given
        assert "HttpOnly" in given
        return given.split(";")[0]

    def get(self, path=""):
        """As `Server.get`, of somebody who has the token."""
        return self.ask(f"{self.base}{path}", Cookie=self.cookie())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A folder with a certificate of our own making."""
    folder = tmp_path_factory.mktemp("certificate")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", folder / "privkey.pem",
            "-out", folder / "fullchain.pem"]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    return folder


@contextlib.contextmanager
def started(arguments: list[str], port: int, **env: str) -> Iterator[None]:
    """A process that listens on a port, until the block ends."""
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={**os.environ, **env})  # fmt: skip
    try:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            time.sleep(0.05)
        else:
            process.kill()
            raise AssertionError(process.communicate()[0])
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def nginx(folder: Path, certificate: Path, behind: str, base: str) -> tuple[list[str], int]:
    """How nginx is started with the guide's block, and its port."""
    port = free_port()
    told = changed(block("serve-behind-nginx", "nginx"), {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl", "/etc/ssl/toolkit/": f"{certificate}/",
        "http://127.0.0.1:8866": f"http://{urlsplit(behind).netloc}", "/var/log/nginx/": f"{folder}/", BASE: base,
    })  # fmt: skip
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                     for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    whole = f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n{places}{told}}}\n"
    written = folder / "nginx.conf"
    written.write_text(whole, encoding="utf-8")
    return [command("nginx"), "-p", str(folder), "-c", str(written), "-e", str(folder / "error.log")], port


def caddy(folder: Path, certificate: Path, behind: str, base: str) -> tuple[list[str], int]:
    """How Caddy is started with the guide's block, and its port."""
    port = free_port()
    tls = f"bind 127.0.0.1\n\ttls {certificate}/fullchain.pem {certificate}/privkey.pem\n\theader Strict"
    told = changed(block("serve-behind-caddy", "caddyfile"), {
        f"{NAME} {{": f"{NAME}:{port} {{", "header Strict": tls, "127.0.0.1:8866": urlsplit(behind).netloc, BASE: base,
    })  # fmt: skip
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(options + told, encoding="utf-8")
    return [command("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], port


@contextlib.contextmanager
def in_front(kind, folder, certificate, books, base=BASE) -> Iterator[Front]:
    """Ours as the guide starts it, and the other in front of it."""
    command("nginx" if kind is nginx else "caddy")
    with serving("--base", base, "--name", NAME, "--token", SECRET, IITK_NOTEBOOKS=str(books)) as behind:
        arguments, port = kind(folder, certificate, behind.url, base)
        with started(arguments, port, XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)):
            yield Front(port, ssl.create_default_context(cafile=certificate / "fullchain.pem"), base, SECRET, folder)


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def front(request, tmp_path_factory, certificate, books):
    with in_front(request.param, tmp_path_factory.mktemp("front"), certificate, books) as front:
        yield front


@contextlib.contextmanager
def websocket(front, page, protocol=None, **options):
    """A connection to a page's kernel, through the other server."""
    with front.connect() as secured, line(
        Plain(f"http://{NAME}:{front.port}{front.base}"), page.channels, protocol=protocol, socket=secured,
        **{"origin": f"https://{NAME}:{front.port}", "cookie": front.cookie(), **options},
    ) as connected:  # fmt: skip
        yield connected


@dataclass(frozen=True)
class Plain:
    """What `line` asks of a server: its address. TLS is there already."""

    url: str


def test_the_pages_their_style_and_health(front):
    status, headers, page = front.get()
    assert status == 200
    assert "max-age" in headers["Strict-Transport-Security"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    style = re.search(rf'href="{front.base}(static/style-[0-9a-f]{{12}}\.css)"', page)[1]
    assert front.ask(front.base + style)[0] == 200
    assert json.loads(front.get("health")[2])["status"] == "ok"
    assert front.get("nothing")[0] == 404
    status, headers, _ = front.ask("/")
    assert (status, urlsplit(headers["Location"]).path) == (302, front.base)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_choice_changes_its_figure(front, protocol):
    page = open_page(front, STAGE)
    with websocket(front, page, PROTOCOLS[protocol]) as connected:
        assert "<p>7 by size</p>" in connected.choose(page, "count", 7)[0]
    assert front.ask(f"{front.base}voila/api/shutdown/{page.kernel}", "POST", Cookie=front.cookie())[0] == 204


def test_strangers_stay_outside(front):
    status, headers, _ = front.ask(f"{front.base}health")
    assert status == 302
    assert urlsplit(headers["Location"]).path == f"{front.base}login"
    assert front.ask(f"{front.base}health?token={SECRET}", host="evil.example")[0] in {200, 403, 404, 421}
    assert "kernels" not in front.ask(f"{front.base}health?token={SECRET}", host="evil.example")[2]


def test_the_token_is_written_down_nowhere(front):
    assert front.ask(f"{front.base}health?token={SECRET}")[0] == 200
    assert front.get("nothing")[0] == 404
    written = {path.name: path.read_bytes() for path in front.folder.rglob("*") if path.is_file()}
    assert written
    assert [name for name, text in written.items() if SECRET.encode() in text] == []
    if "iitk.log" in written:  # nginx's
        assert b"GET /toolkit/health 200" in written["iitk.log"]


@pytest.mark.parametrize("base", ["/services/toolkit/", "/user/jo.smith+x/proxy/absolute/8866/"])
def test_under_a_path_every_link_stays_under_it(tmp_path, certificate, books, base):
    with in_front(nginx, tmp_path, certificate, books, base) as front:
        page = open_page(front, STAGE)
        kinds = ["", "?area=Leeds", STAGE, "help", "nothing", "stage/01_economy?area=Nowhere", "login?token=x"]
        seen, waiting = set(), [base + kind for kind in kinds]
        while waiting:
            path = waiting.pop().partition("#")[0]
            if path in seen:
                continue
            _, headers, text = front.ask(path, Cookie=front.cookie())
            seen.add(path)
            links = re.findall(r'(?:href|src|action|data-areas|data-wait)="([^"#][^"]*)"', text)
            links = [link.replace("&amp;", "&") for link in [*links, headers.get("Location") or path]]
            inside = [urljoin(path, link) for link in links if not link.startswith(("http", "data:", "mailto:"))]
            assert [link for link in inside if not link.startswith(base)] == []
            waiting += [one for one in inside if "static/" in one or "help" in one]
        assert len(seen) > 8
        assert json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page.text)[1])["baseUrl"] == base
        with websocket(front, page) as connected:
            assert "<p>8 by size</p>" in connected.choose(page, "count", 8)[0]
