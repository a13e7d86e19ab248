"""The way in: whatever is asked for there is a page, and it can be used by anyone."""

from __future__ import annotations

import http.server
import json
import re
import threading
import tomllib
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iitk.publish.record import write_record
from iitk.serve import assets, country, finished, landing
from iitk.sources import geography, paths
from tests.accessible import violations

POLICY = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'self'"
HEADLINE = "Finance weighs 1.7 times as much here as in the UK. Making things weighs 35% less."


def record(code, name, key, **changes):
    """A record as a stage leaves it."""
    return {
        "schema_version": 1, "stage": {"number": int(key[:2]), "key": key, "title": "What?"},
        "area": {"code": code, "name": name, "slug": re.sub("[^a-z]+", "-", name.lower()), "kind": "local authority",
                 "lads": sorted(code.split("+"))},
        "comparator": {"code": "K02000001", "name": "UK"}, "status": "done", "message": "", "headline": HEADLINE,
        "findings": [], "files": [], "sources": [], "parameters": {}, "inputs_hash": "", "iitk_version": "0",
        "generated": "2026-11-20T10:00:00+00:00",
    } | changes  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of four areas: one with three stages, one of them failed; a sum; one damaged."""
    out = tmp_path_factory.mktemp("results")
    decided = [{"text": "We look at <b>metals</b> first", "owner": "Ada", "date": "2026-11-21"},
               {"text": "Ask the colleges"}, {"text": "Fund two options", "outcome": "proposed", "badge": "modelled"},
               {"text": "What the example funds", "outcome": "approved", "badge": "illustrative"}]  # fmt: skip
    write_record(out / "leeds/01_economy", record("E08000035", "Leeds", "01_economy", decisions=decided))
    write_record(out / "leeds/00_mandate",
                 record("E08000035", "Leeds", "00_mandate", comparator={"code": "E92000001", "name": "England"}))
    write_record(out / "leeds/03_potential", record("E08000035", "Leeds", "03_potential", status="failed",
                                                    message="There are no figures.", headline=""))  # fmt: skip
    write_record(out / "bradford/01_economy", record("E08000032", "Bradford", "01_economy"))
    write_record(out / "our-city/01_economy", record("E08000035+E08000032", "Our city", "01_economy"))
    (out / "york/01_economy").mkdir(parents=True)
    (out / "york/01_economy/record.json").write_text("{", encoding="utf-8")
    return out


class _Links(HTMLParser):
    """All links outside the map, by what they say."""

    def __init__(self, html):
        super().__init__()
        self.found, self._href, self._in_map = {}, None, False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._in_map |= tag == "svg"
        if tag == "a" and not self._in_map:
            self._href = dict(attributes)["href"]

    def handle_endtag(self, tag):
        self._in_map &= tag != "svg"
        if tag == "a":
            self._href = None

    def handle_data(self, text):
        if self._href:
            self.found.setdefault(text, self._href)


def links(html):
    return _Links(html).found


def text_of(html):
    main = re.sub(r"(?s)<svg.*?</svg>", "", html.split("<main")[1].split("</main>")[0])
    apart = re.sub(r"</(p|h\d|li|span|option|a)>", " ", main)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", apart)).split())


def test_the_first_page_asks_one_question_and_shows_the_way(results):
    html = landing.page(results)
    assert html.count("<h1") == 1
    assert "Where could growth come from in your place, and how sure are we?" in text_of(html)
    assert 'name="q"' in html
    assert html.count('class="step-row') == 11
    assert text_of(html).count("to come") == 6
    assert "Content-Security-Policy" not in html  # the server sends it


def test_a_place_has_its_journey(results):
    html = landing.page(results, area="E08000035", comparator="England")
    assert "Where could growth come from in Leeds, and how sure are we?" in text_of(html)
    address = links(html)["What is our economy, compared with places like us?"]
    assert address == "/stage/01_economy?area=E08000035&comparator=E92000001"
    assert links(html)["West Yorkshire"] == "/?area=E47000003&comparator=E92000001"
    assert HEADLINE in text_of(html)
    assert "Done on 20 November 2026, compared with the UK." in text_of(html)
    assert "Not finished: There are no figures." in text_of(html)
    assert "2 steps are saved." in text_of(html)


def test_decisions_are_shown_the_latest_first_as_plain_text(results):
    said = text_of(landing.page(results, area="Leeds"))
    assert "We look at <b>metals</b> first Ada, 21 November 2026 Ask the colleges Proposed: Fund two options" in said
    assert "What the example funds" not in said  # nobody decided that
    assert "No decision is recorded for Bradford yet." in text_of(landing.page(results, area="Bradford"))


def test_the_pack_is_offered_where_there_is_one(results):
    assert links(landing.page(results, area="Leeds"))["Download the pack"] == "/pack/leeds.zip"
    html = landing.page(results, area="Manchester")
    assert "Download the pack" not in html
    assert "Nothing is saved for Manchester yet." in text_of(html)


def test_areas_that_were_worked_out_are_links_with_their_first_sentence(results):
    html = landing.page(results, comparator="Wales")
    assert links(html)["Our city"] == "/?area=E08000035%2BE08000032&comparator=W92000004"
    assert "Finance weighs 1.7 times as much here as in the UK. 1 of 11 steps 20 November 2026" in text_of(html)
    assert "York" not in links(html)  # its record is damaged, and it has no other


def test_the_cohort_can_be_switched_and_keeps_the_comparator(results, tmp_path):
    shipped = links(landing.page(results, area="Leeds", comparator="Scotland"))
    assert shipped["Kirklees"] == "/?area=E08000034&comparator=S92000003"
    own = tmp_path / "ours.toml"
    own.write_text('name = "Ours"\nareas = ["York", "Our sum = Leeds + Bradford"]', encoding="utf-8")
    html = landing.page(results, area="E08000035+E08000032", cohort=own)
    assert "<p>Ours</p>" in html
    assert 'aria-current="page">Our sum</a>' in html
    assert "Where could growth come from in Our sum" in text_of(html)
    assert "Kirklees" not in links(html)


def test_the_last_cohort_that_was_run_is_the_one_to_switch_within(tmp_path):
    run = {"cohort": "Coast", "areas": [{"code": "E06000065", "name": "North Yorkshire", "folder": "x"}]}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    assert "<p>Coast</p>" in landing.page(tmp_path)
    for damaged in ("{", "[]", '{"cohort": 3, "areas": []}', '{"cohort": "", "areas": [{}]}'):
        (tmp_path / "run.json").write_text(damaged, encoding="utf-8")
        assert "<p>West Yorkshire</p>" in landing.page(tmp_path)


def test_many_areas_are_named_in_short(tmp_path):
    for code, name in zip(geography.lads()["code"][:20], geography.lads()["name"][:20], strict=True):
        write_record(tmp_path / f"area-{code.lower()}" / "01_economy", record(code, name, "01_economy"))
    html = landing.page(tmp_path)
    assert html.count("Finance weighs") == landing.MOST_SHOWN
    assert "8 more" in text_of(html)


@pytest.mark.parametrize(
    ("asked", "said", "near"),
    [
        ("newcaste", "No place that we know is called “newcaste”. Is it one of these?", "Newcastle upon Tyne"),
        ("Berwick upon Tweedmouth", "Is it one of these?", None),
        ("Cumbria County Council of old", "Is it one of these?", "Cumberland"),
        ("Leeds + West Yorkshire", "'Leeds' and 'West Yorkshire' overlap: both hold Leeds (E08000035).", None),
        ("Leeds +", "A name is missing beside '+'", None),
        ("<script>alert(1)</script>", "No place that we know is called “<script>alert(1)</script>”.", None),
    ],
)
def test_what_cannot_be_understood_is_said_with_places_that_are_near(results, asked, said, near):
    html = landing.page(results, area=asked)
    assert said in text_of(html)
    assert "iitk areas" not in html  # advice for the command line
    assert "<script>alert" not in html
    if near:
        assert links(html)[near].startswith("/?area=E0")


def test_a_name_that_is_searched_for_opens_its_place(results):
    assert "in Leeds, and" in text_of(landing.page(results, query="leeds"))
    assert "Craven" in text_of(landing.page(results, query="craven"))  # it is North Yorkshire now, and that is said


def test_the_question_is_answered_where_its_stage_has_been_worked_out(tmp_path):
    answer = "Metals could grow. So could printing."
    write_record(tmp_path / "york/03_potential", record("E06000014", "York", "03_potential", headline=answer))
    assert f'<p class="lead">{answer}</p>' in landing.page(tmp_path, area="York")
    compared_otherwise = landing.page(tmp_path, area="York", comparator="England")
    assert f'<p class="lead">{answer}</p>' not in compared_otherwise
    assert answer in text_of(compared_otherwise)


def test_a_sum_is_understood_though_its_plus_became_a_space(results):
    html = landing.page(results, area="E08000032 E08000035")
    assert "in Bradford + Leeds, and" in text_of(html)
    assert links(html)["Download the pack"] == "/pack/our-city.zip"  # in whichever order it is written
    address = links(html)["Who are we, and what may we decide?"]
    assert parse_qs(urlsplit(address).query)["area"] == ["E08000032+E08000035"]


def test_a_comparator_that_is_none_is_said_and_the_uk_takes_its_place(results):
    html = landing.page(results, area="Leeds", comparator="Atlantis")
    assert "No place that we know is called “Atlantis”. The UK is compared with instead." in text_of(html)
    assert '<option value="UK" selected>' in html
    assert '<option value="E08000003" selected>Manchester' in landing.page(results, comparator="Manchester")


@settings(max_examples=60)
@given(area=st.text(max_size=60), comparator=st.text(max_size=30), query=st.text(max_size=30))
def test_there_is_a_page_for_any_text(results, area, comparator, query):
    html = landing.page(results, area=area, comparator=comparator, query=query)
    assert html.rstrip().endswith("</html>")
    assert html.count("<script") == 2
    assert isinstance(landing.search(area), list)


def test_there_is_a_page_for_a_very_long_text_and_for_every_district_together(results):
    assert "No place that we know" in text_of(landing.page(results, area="x" * 1_000_000))
    every = "+".join(geography.lads()["code"])
    assert "and 358 more" in text_of(landing.page(results, area=every))


def test_there_is_a_page_without_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    html = landing.page(tmp_path, area="Leeds", comparator="England")
    assert "is missing" in text_of(html)
    assert landing.search("leeds") == []


def test_links_begin_where_the_server_is(results):
    html = landing.page(results, area="Leeds", base="/toolkit/")
    assert {address.split("?")[0].split("#")[0] for address in links(html).values() if address.startswith("/")} <= {
        "/toolkit/", "/toolkit/help", "/toolkit/stage/00_mandate", "/toolkit/stage/01_economy",
        "/toolkit/stage/03_potential", "/toolkit/stage/06_options", "/toolkit/stage/07_choose",
        "/toolkit/pack/leeds.zip",
    }  # fmt: skip


def test_the_search_tells_areas_apart_and_names_each_once():
    found = landing.search("leeds")
    assert found[0] == {"code": "E08000035", "name": "Leeds", "kind": "local authority",
                        "parents": ["West Yorkshire", "Yorkshire and The Humber", "England"],
                        "href": "/?area=E08000035"}  # fmt: skip
    assert [area["name"] for area in found].count("Leeds") == 1  # the ITL area is the same place
    assert [area["kind"] for area in landing.search("west midlands")][:2] == ["combined authority", "region"]
    assert landing.search("Leeds + Bradford")[0]["code"] == "E08000035+E08000032"
    assert landing.search("Leeds + Bradf")[0]["name"] == "Bradford"
    assert len(landing.search("south", limit=3)) == 3
    assert landing.search("") == landing.search("x" * 100_000) == []


def test_the_map_has_every_district_is_small_and_stays_out_of_the_way():
    drawn = str(country.draw("/?comparator=UK&area=", chosen=["E08000035"]))
    codes = re.findall(r"&amp;area=([EWSN]\d{8})", drawn)
    assert set(codes) == set(geography.lads()["code"])
    assert len(codes) == 361 + 33  # London twice
    assert len(drawn) < 150_000
    assert 'aria-hidden="true"' in drawn
    assert drawn.count('tabindex="-1"') == len(codes)
    assert drawn.count('class="chosen"') == 1


def test_folders_that_are_no_areas_are_passed_over(tmp_path):
    for name in ("leeds", ".leeds.old", "Leeds", "a b"):
        (tmp_path / name).mkdir()
    (tmp_path / "york").symlink_to(tmp_path / "leeds", target_is_directory=True)
    assert list(finished.folders(tmp_path)) == ["leeds"]


def test_a_record_that_changes_is_read_again(tmp_path):
    write_record(tmp_path / "leeds/01_economy", record("E08000035", "Leeds", "01_economy"))
    assert finished.worked(tmp_path)[0].first_sentence.startswith("Finance")
    write_record(tmp_path / "leeds/01_economy", record("E08000035", "Leeds", "01_economy", headline="St. Ives. Is it?"))
    assert finished.worked(tmp_path)[0].first_sentence == "St. Ives."


def test_the_shipped_cohorts_can_be_read():
    for name in geography.cohorts():
        text = (paths.data_dir() / "cohorts" / f"{name}.toml").read_text(encoding="utf-8")
        assert geography.load_cohort(name).name == tomllib.loads(text)["name"]


@pytest.fixture(scope="module")
def site(results):
    """The page and what it asks for, served to this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 20

        def do_GET(self):
            asked = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            if asked.path == "/":
                given = {"area": query.get("area", ""), "query": query.get("q", "")}
                answer = landing.page(results, comparator=query.get("comparator", "UK"), **given)
                self.reply(answer.encode(), "text/html; charset=utf-8")
            elif asked.path == "/areas":
                self.reply(json.dumps(landing.search(query.get("q", ""))).encode(), "application/json")
            elif asset := assets.all_assets().get(asked.path[1:]):
                self.reply(asset.read(), asset.kind)
            else:
                self.send_error(404)

        def reply(self, content, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(site, browser):
    """Open an address at a width, with or without scripts; what goes elsewhere and what the console says is kept."""
    contexts = []

    def open_page(address, width=1280, *, script=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda asked: page.asked.append(asked.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(site + address)
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


PAGES = {"start": "/", "area": "/?area=E08000035&comparator=E92000001", "near": "/?q=newcaste"}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_no_violation_no_request_elsewhere_and_a_quiet_console(visit, site, address, width):
    page = visit(address, width)
    assert violations(page) == {}
    assert [url for url in page.asked if not url.startswith((site, "data:"))] == []
    assert page.said == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 820, 640, 390, 320])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_nothing_scrolls_sideways(visit, address, width):
    assert visit(address, width).evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_a_place_is_found_and_opened_with_the_keyboard_alone(visit):
    page = visit("/")
    field = page.get_by_role("combobox", name="Which place are you?")
    while not field.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("newcas")
    page.get_by_role("option", name="Newcastle upon Tyne").wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator("#found").inner_text() == f"{page.locator('#places li').count()} places found."
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    chosen = page.locator("#places").get_by_role("option").first
    assert chosen.get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert violations(page) == {}
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.get_attribute("aria-activedescendant") is None
    assert not page.get_by_role("listbox").is_visible()
    assert field.input_value() == "newcas"
    page.keyboard.press("ArrowUp")
    assert page.locator("#places").get_by_role("option").last.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")
    name = chosen.evaluate("e => e.firstChild.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?area=E*&comparator=UK")
    assert name in page.get_by_role("heading", level=1).inner_text()


@pytest.mark.browser
def test_a_suggestion_can_be_tapped_and_takes_the_comparator_along(visit):
    page = visit("/", 390)
    page.get_by_label("Compared with").select_option(label="Wales")
    page.get_by_label("Which place are you?").press_sequentially("cardif")
    page.get_by_role("option", name="Cardiff").first.click()
    page.wait_for_url("**comparator=W92000004")
    assert "in Cardiff, and how sure" in page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_label("Compared with").input_value() == "W92000004"


@pytest.mark.browser
def test_all_of_it_works_without_script(visit):
    page = visit("/", script=False)
    page.get_by_label("Which place are you?").fill("newcaste")
    page.get_by_role("button", name="Show the journey").click()
    page.get_by_role("link", name="Newcastle upon Tyne").click()
    assert "in Newcastle upon Tyne" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_label("Compared with").select_option(label="Scotland")
    page.get_by_role("button", name="Change").click()
    assert page.get_by_label("Compared with").input_value() == "S92000003"
    page.get_by_label("Another place?").fill("leeds")
    page.get_by_role("button", name="Show", exact=True).click()
    href = page.get_by_role("link", name="Who are we").get_attribute("href")
    assert href == f"/stage/00_mandate?area=E08000035&comparator={quote('S92000003')}"


@pytest.mark.browser
def test_the_map_names_what_is_under_the_pointer_and_opens_it(visit):
    page = visit("/?area=E08000035&comparator=E92000001")
    assert page.locator(".map-name").inner_text() == "Leeds"
    shape = page.locator('.country a[href$="area=S12000017"]')  # Highland
    shape.hover(force=True)
    assert page.locator(".map-name").inner_text() == "Highland"
    shape.click(force=True)
    page.wait_for_url("**/?comparator=E92000001&area=S12000017")
    assert page.locator(".country .chosen path").evaluate("e => getComputedStyle(e).fill") == "rgb(244, 106, 37)"


@pytest.mark.browser
def test_paper_has_the_journey_and_no_controls(visit):
    page = visit(PAGES["area"])
    page.emulate_media(media="print")
    assert page.get_by_role("link", name="What is our economy").is_visible()
    assert page.get_by_text("compared with England").first.is_visible()  # on the screen a field says so
    assert page.get_by_role("button").all() == []
    assert page.get_by_label("Another place?").is_visible() is False
    assert not page.get_by_role("link", name="Download the pack").is_visible()
