"""What a stranger gets from `iitk run Leeds Cornwall Craven`, seen in a real browser at desktop and phone width."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accessible import violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("real-run")]
PLACES = {"leeds": "Leeds", "cornwall": "Cornwall", "north-yorkshire": "North Yorkshire"}
STAGES = ("00_mandate", "01_economy", "03_potential")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("real")
    command = [sys.executable, "-m", "iitk", "run", "Leeds", "Cornwall", "Craven", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return out


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("slug", PLACES)
def test_each_page_is_whole_quiet_and_accessible(run, browser, slug, stage, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    outside, said = [], []
    page.on("request", lambda r: outside.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    page.on("console", lambda message: said.append(message.text))
    page.goto((run / slug / stage / "page.html").as_uri())
    page.get_by_role("heading", level=1).wait_for()
    record = json.loads((run / slug / stage / "record.json").read_text(encoding="utf-8"))
    assert page.get_by_text(record["headline"]).count() == 1
    for finding in (f for f in record["findings"] if f["group"] in {"facts", "puzzles", "gaps"}):
        assert page.get_by_text(finding["sentence"], exact=True).count() >= 1, finding["sentence"]
    assert page.locator("figure.figure svg").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == {}
    assert outside == []
    assert said == []
    page.close()


def test_no_page_shows_a_figure_of_another_place(run):
    for slug, name in PLACES.items():
        for stage in STAGES:
            text = (run / slug / stage / "page.html").read_text(encoding="utf-8")
            titles = re.findall(r"<figure[^>]*>.*?<h3[^>]*>(.*?)</h3>", text, flags=re.DOTALL)
            others = [other for other in PLACES.values() if other != name]
            assert titles
            assert not [t for t in titles if any(re.match(rf"(Places like )?{other}\b", t) for other in others)]


def test_cornwall_says_what_is_missing_and_craven_is_explained(run):
    cornwall = (run / "cornwall" / "01_economy" / "page.html").read_text(encoding="utf-8")
    assert "have no published figure for Cornwall in 2023" in cornwall
    assert "Missing is missing, not zero." in cornwall
    craven = (run / "north-yorkshire" / "00_mandate" / "page.html").read_text(encoding="utf-8")
    assert "Craven (E07000163) became part of North Yorkshire (E06000065) on 1 April 2023" in craven


def test_the_landing_page_leads_to_every_page(run):
    landing = (run / "index.html").read_text(encoding="utf-8")
    for slug in PLACES:
        for stage in STAGES:
            assert f'href="{slug}/{stage}/page.html"' in landing
