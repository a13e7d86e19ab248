"""Scripts in what people and files say: put in by every way that there is, and opened in a real browser.

Two browsers open each page: one as it is, and one that takes no notice of the page's policy, so that what is shown
has to be harmless by itself.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from urllib.parse import quote

import pytest

from iitk.publish.record import write_record
from tests.runs.conftest import write_notebook
from tests.serve.conftest import serving
from tests.serve.test_landing import record
from tests.serve.visitor import LIVE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def payload(way: str) -> str:
    """Text that notes the way by which it came, if any part of it is executed."""
    note = f"(window.fired=window.fired||[]).push(`{way}`)"
    return f"x\"'><img src=x onerror=\"{note}\"><svg onload={note}></svg><script>{note}</script>{way}"


STAGE = "stage/01_economy?area=Leeds"
BY_LINK = {  # way: (before, after) the text in an address
    "an area's name": ("?area=", ""),
    "words searched for": ("?q=", ""),
    "a comparator": ("?area=Leeds&comparator=", ""),
    "the area of a stage": ("stage/01_economy?area=", ""),
    "the comparator of a stage": (f"{STAGE}&comparator=", ""),
    "the name of a sum": ("stage/01_economy?area=", "%20%3D%20Leeds%20%2B%20Bradford"),
    "the name of a sum, on its journey": ("?area=", "%20%3D%20Leeds%20%2B%20Bradford"),
    "the name of a sum to compare with": (f"{STAGE}&comparator=", "%20%3D%20Leeds%20%2B%20Bradford"),
    "a choice of a number": (f"{STAGE}&count=", ""),
    "a choice of one of some": (f"{STAGE}&order=", ""),
    "a choice that there is not": (f"{STAGE}&", "=1"),
    "the screen": (f"{STAGE}&screen=", ""),
    "a stage's name": ("stage/", ""),
    "an address": ("", ""),
    "a pack's name": ("pack/", ".zip"),
    "a token": ("login?token=", ""),
    "where to go after the token": ("login?next=", ""),
    "a place on a page": (f"{STAGE}#", ""),
    "a question for suggestions": ("areas?q=", ""),
}
IN_RECORDS = ["an area's name in a record", "a headline", "a decision", "a decision's owner",
              "a comparator in a record", "what failed", "a cohort's name", "an area's name in a cohort",
              "a cohort's reference"]  # fmt: skip
OUTPUTS = {  # way: the code of a cell; P is the text, W the way, and OURS begins a block as the toolkit's own do
    "HTML": "show('text/html', P)",
    "HTML that looks like ours": "show('text/html', OURS + P + '</section>')",
    "a form that looks like ours": "show('text/html', LIVE.replace('M', html.escape(P)) + P + '</div>')",
    "a page in a page": "show('text/html', OURS + '<iframe srcdoc=\"' + html.escape(P) + '\"></iframe>' + W)",
    "a link": "show('text/html', OURS + '<a href=\"javascript:window.fired=[1]\">' + W + '</a>')",
    "markdown": "show('text/markdown', P + ' [x](javascript:alert(1))')",
    "a drawing": "show('image/svg+xml', '<svg xmlns=\"http://www.w3.org/2000/svg\"><text>' + P + '</text></svg>')",
    "a script": "show('application/javascript', 'window.fired=[`a script`]')",
    "LaTeX": "show('text/latex', '$' + P + '$')",
    "plain text": "show('text/plain', P)",
    "what is printed": "print(P)",
    "what is complained of": "import sys; print(P, file=sys.stderr)",
    "advice of ours": "from iitk.errors import WorkError; raise WorkError(P)",
}
SHOW = """
import html
from IPython.display import display
OURS, LIVE = '<section class="talk">', '<div class="live" data-model="M">'
def show(kind, value):
    display({kind: value}, raw=True)
"""
IN_WIDGETS = ["a widget's description", "a widget's value", "a widget's options"]
WAYS = [*BY_LINK, "words typed", *IN_RECORDS, *OUTPUTS, *IN_WIDGETS]
NOT_SHOWN = {"HTML", "a script", "LaTeX", "what is complained of", "a comparator in a record"}
SHOWN = {*IN_RECORDS[:6], *OUTPUTS} - NOT_SHOWN


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server whose notebooks and results are full of it."""
    books, results = tmp_path_factory.mktemp("books"), tmp_path_factory.mktemp("results")
    cells = [f"P, W = {payload(way)!r}, {way!r}\n{code}" for way, code in OUTPUTS.items()]
    write_notebook(books / "00_mandate.ipynb", SHOW, *cells)
    write_notebook(books / "01_economy.ipynb", LIVE)
    told, value, option = (payload(way) for way in IN_WIDGETS)
    write_notebook(books / "03_potential.ipynb", "import ipywidgets", f"ipywidgets.VBox([ipywidgets.Text({value!r}, "
                   f"description={told!r}), ipywidgets.Dropdown(options=[{option!r}])])")  # fmt: skip
    name, headline, decision, owner, comparator, failed, cohort, member, reference = map(payload, IN_RECORDS)
    decided = [{"text": decision, "owner": owner, "date": "2026-11-21"}]
    write_record(results / "leeds/01_economy",
                 record("E08000035", name, "01_economy", headline=headline, decisions=decided,
                        comparator={"code": "K02000001", "name": comparator}))
    write_record(results / "leeds/03_potential",
                 record("E08000035", name, "03_potential", status="failed", message=failed))
    run = {"cohort": cohort, "areas": [{"code": "E08000032", "name": member}], "reference": reference}
    (results / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (results / payload("a folder").replace("/", "_")).mkdir()
    with serving("--out", str(results), IITK_NOTEBOOKS=str(books)) as running:
        yield running


def visit(context, address, then=lambda page: None):
    """What was executed on a page, what its policy stopped, and its text."""
    page = context.new_page()
    try:
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(address, wait_until="load")
        then(page)
        page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
        found = {way for frame in page.frames for way in frame.evaluate("window.fired || []")}
        assert page.locator('[href^="javascript:" i], [srcdoc], object, embed, base').count() == 0
        return found, page.evaluate("window.stopped"), page.locator("body").inner_text()
    finally:
        page.close()


@contextlib.contextmanager
def opened(browser, *, careless):
    """A browser that notes what a policy stops; one that is careless takes no notice of policies."""
    context = browser.new_context(bypass_csp=careless)
    context.add_init_script("window.stopped = []; addEventListener('securitypolicyviolation', "
                            "(event) => window.stopped.push(event.effectiveDirective));")  # fmt: skip
    try:
        yield context
    finally:
        context.close()


def typed(page):
    page.locator("#q, [name=q], [name=area]").first.press_sequentially(payload("words typed")[:60])
    page.locator("#q, [name=q], [name=area]").first.press("Enter")
    page.wait_for_load_state("load")


@pytest.fixture(scope="module", params=["careful", "careless"])
def fired(request, browser, served):
    """What was executed, and all that was read, after every way was gone."""
    every, read = set(), ""
    visits = [before + quote(payload(way), safe="") + after for way, (before, after) in BY_LINK.items()]
    visits += ["", "?area=E08000035", "stage/00_mandate?area=Leeds"]
    with opened(browser, careless=request.param == "careless") as context:
        for address in visits:
            found, _, text = visit(context, served.url + address)
            every, read = every | found, read + text
        every |= visit(context, served.url, typed)[0]
        every |= visit(context, f"{served.url}stage/03_potential?area=Leeds", lambda page: page.locator(
            "input[type=text]").first.wait_for(state="attached"))[0]  # fmt: skip
    return every, read


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_executed(fired, way):
    every, read = fired
    assert way not in every
    if way in SHOWN:
        assert way in read  # it came as far as the page
    assert every == set()


class Bare(http.server.BaseHTTPRequestHandler):
    """Shows what it is told as it stands; under /ours/ with the policy of our pages."""

    policy = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path.startswith("/ours/"):
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>x</title><p>{payload('bare')}".encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def bare(served):
    Bare.policy = served.get()[1]["Content-Security-Policy"]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_without_our_care_the_same_text_is_executed(browser, bare):
    """That the text is harmful, that it would be noticed, and that the policy is a second wall."""
    with opened(browser, careless=False) as context:
        assert visit(context, f"{bare}/")[0] == {"bare"}
        found, stopped, _ = visit(context, f"{bare}/ours/")
        assert found == set()
        assert {"script-src-elem", "script-src-attr"} <= set(stopped)
    with opened(browser, careless=True) as context:
        assert visit(context, f"{bare}/ours/")[0] == {"bare"}
