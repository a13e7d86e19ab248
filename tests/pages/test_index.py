"""The landing page: every area, every stage, what failed and why, and nothing that is not there."""

from __future__ import annotations

import re

from iitk.publish.index import write_index
from iitk.publish.record import write_record
from iitk.sources.files import write_text


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("</style>")[1]).split())


def test_a_leader_sees_areas_headlines_stages_and_the_failure(outputs):
    html = (outputs / "index.html").read_text(encoding="utf-8")
    said = text_of(html)
    for expected in (
        "What do the figures say about West Yorkshire?",
        "Three areas, eight pages",
        "made on 23 November 2026",
        "making things weighs 35% less",
        "£36.6bn",
        "The table gva_lad.parquet is damaged",
        "One page could not be finished",
        "April 2025",
        "NUTS2 2016",
        "An official figure",
        "compared with the UK",
        "Source: Regional gross value added",
    ):
        assert expected in said


def test_every_link_leads_to_a_file(outputs):
    html = (outputs / "index.html").read_text(encoding="utf-8")
    links = [link for link in re.findall(r'<a href="([^"#]+)"', html) if not link.startswith("https://")]
    assert len(links) == 8
    assert all((outputs / link).is_file() for link in links)


def test_the_economy_speaks_for_the_area_whatever_its_place(real, tmp_path):
    write_record(
        tmp_path / "leeds" / "00_mandate", real.record(number=0, key="00_mandate", headline="From the mandate.")
    )
    write_record(tmp_path / "leeds" / "01_economy", real.record(headline="From the economy."))
    said = text_of(write_index(tmp_path).read_text(encoding="utf-8"))
    assert "From the economy." in said
    assert "From the mandate." not in said


def test_without_the_economy_the_earliest_stage_speaks(real, tmp_path):
    for number, key in ((3, "03_potential"), (0, "00_mandate")):
        write_record(tmp_path / "leeds" / key, real.record(number=number, key=key, headline=f"From {key}."))
    assert "From 00_mandate." in text_of(write_index(tmp_path).read_text(encoding="utf-8"))


def test_a_page_that_is_not_there_is_not_linked(real, tmp_path):
    write_record(tmp_path / "leeds" / "01_economy", real.record())
    html = write_index(tmp_path).read_text(encoding="utf-8")
    assert "01_economy/page.html" not in html
    assert "its page is not there" in html


def test_a_damaged_record_is_named_and_stops_nothing(real, tmp_path):
    write_text(tmp_path / "leeds" / "01_economy" / "record.json", "{")
    write_text(tmp_path / "leeds" / "01_economy" / "page.html", "x")
    write_record(tmp_path / "bradford" / "01_economy", real.record("Bradford"))
    said = text_of(write_index(tmp_path).read_text(encoding="utf-8"))
    assert "cannot be read" in said
    assert "Bradford" in said
    assert "Leeds" in said


def test_the_order_of_the_cohort_comes_first_then_names(real, tmp_path):
    for name in ("Wakefield", "Leeds", "Bradford"):
        write_record(tmp_path / name.lower() / "01_economy", real.record(name))
    html = write_index(tmp_path, order=["wakefield"]).read_text(encoding="utf-8")
    assert re.findall(r"<h3>(\w+)</h3>", html) == ["Wakefield", "Bradford", "Leeds"]


def test_nothing_run_yet_says_what_to_do(tmp_path):
    assert "iitk run Leeds" in text_of(write_index(tmp_path).read_text(encoding="utf-8"))


def test_a_script_in_a_record_stays_text(real, tmp_path):
    changes = {
        "headline": real.SCRIPT,
        "message": real.SCRIPT,
        "stage": {"number": 1, "key": "01_economy", "title": real.SCRIPT},
    }
    write_record(
        tmp_path / "leeds" / "01_economy",
        real.record(real.SCRIPT, **changes)
        | {"area": {"code": "E1", "name": real.SCRIPT, "slug": "leeds", "kind": real.SCRIPT, "lads": []}},
    )
    html = write_index(tmp_path, cohort_name=real.SCRIPT).read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
