"""Packs: what is in an area's own folder, of the kinds that we write, and nothing from anywhere else."""

from __future__ import annotations

import io
import json
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.serve import packs

RECORD = {
    "schema_version": 1, "stage": {"number": 1, "key": "01_economy", "title": "What is our economy?"},
    "area": {"code": "E08000035", "name": "Leeds", "slug": "leeds", "kind": "local authority", "lads": ["E08000035"]},
    "comparator": {"code": "K02000001", "name": "UK"}, "status": "done", "message": "", "headline": "Finance weighs.",
    "findings": [], "files": [], "sources": [], "parameters": {}, "inputs_hash": "", "iitk_version": "0",
    "generated": "2026-11-20T10:00:00+00:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of two areas, beside things that are none of a visitor's business."""
    out = tmp_path_factory.mktemp("results")
    for name, text in {
        "leeds/01_economy/page.html": "<p>Leeds</p>" * 1000,
        "leeds/01_economy/notebook.ipynb": "{}",
        "leeds/01_economy/record.json": json.dumps(RECORD),
        "leeds/01_economy/tables/total.csv": "year,gva\n2023,36612.4\n",
        "leeds/00_mandate/page.html": "<p>Mandate</p>",
        "leeds/.01_economy.1234.part/page.html": "half",
        "leeds/01_economy/.page.html.12.part": "half",
        "leeds/01_economy/id_rsa": "secret",
        "leeds/01_economy/run.log": "secret",
        "york/01_economy/page.html": "<p>York</p>",
        "empty/nothing.txt": "",
        ".hidden/page.html": "hidden",
        "run.json": "{}",
    }.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    return out


def names(content):
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_a_pack_holds_the_files_of_its_area(results):
    content = packs.pack(results, "leeds")
    assert names(content) == [
        "index.html",
        "leeds/00_mandate/page.html",
        "leeds/01_economy/notebook.ipynb",
        "leeds/01_economy/page.html",
        "leeds/01_economy/record.json",
        "leeds/01_economy/tables/total.csv",
    ]
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert archive.read("leeds/01_economy/tables/total.csv") == b"year,gva\n2023,36612.4\n"
    assert archive.getinfo("leeds/01_economy/page.html").compress_size < 1000


def test_the_first_page_leads_to_the_saved_pages(results):
    first = zipfile.ZipFile(io.BytesIO(packs.pack(results, "leeds"))).read("index.html").decode()
    assert 'href="leeds/01_economy/page.html"' in first
    assert "york" not in first.lower()  # another area's results are not in this pack


def test_the_same_files_make_the_same_pack(results):
    first = packs.pack(results, "leeds")
    os.utime(results / "leeds/01_economy/page.html", (1, 1))
    assert packs.pack(results, "leeds") == first


def test_what_there_is_to_take_away(results):
    assert [(one.slug, one.files) for one in packs.available(results)] == [("leeds", 6), ("york", 2)]
    assert packs.describe(results, "york").size == len("<p>York</p>")
    assert packs.describe(results, "empty") is None
    assert packs.available(results / "nowhere") == []


@pytest.mark.parametrize(
    "slug",
    ["", ".", "..", "../results", "leeds/01_economy", "leeds/", "/leeds", "%2e%2e", "leeds\x00", "LEEDS", ".hidden",
     "run.json", "empty", "leeds\n", "l" * 5000, "\ud800", "bradford"],
)  # fmt: skip
def test_no_other_name_gives_a_pack(results, slug):
    with pytest.raises(packs.NoPackError, match="no pack of this name"):
        packs.pack(results, slug)


@given(st.text())
def test_no_text_reaches_another_file(results, slug):
    try:
        found = names(packs.pack(results, slug))
    except packs.NoPackError:
        assert slug not in {"leeds", "york"}
    else:
        assert all(name.startswith(f"{slug}/") for name in found if name != "index.html")


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "keys.json").write_text("secret", encoding="utf-8")
    out = tmp_path / "out"
    (out / "leeds").mkdir(parents=True)
    (out / "leeds" / "page.html").write_text("Leeds", encoding="utf-8")
    (out / "leeds" / "keys.json").symlink_to(secret / "keys.json")
    (out / "leeds" / "01_economy").symlink_to(secret, target_is_directory=True)
    (out / "york").symlink_to(secret, target_is_directory=True)
    assert names(packs.pack(out, "leeds")) == ["index.html", "leeds/page.html"]
    with pytest.raises(packs.NoPackError):
        packs.pack(out, "york")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_a_pipe_does_not_hold_the_server_up(tmp_path):
    (tmp_path / "leeds").mkdir()
    (tmp_path / "leeds" / "page.html").write_text("Leeds", encoding="utf-8")
    os.mkfifo(tmp_path / "leeds" / "pipe.csv")
    assert names(packs.pack(tmp_path, "leeds")) == ["index.html", "leeds/page.html"]


def test_a_folder_that_is_too_large_is_refused_with_a_sentence(results, monkeypatch):
    monkeypatch.setattr(packs, "MOST", 100)
    with pytest.raises(packs.PackTooLargeError, match="more than the 0 million that one download may have"):
        packs.pack(results, "leeds")
    assert "york/01_economy/page.html" in names(packs.pack(results, "york"))


def test_results_that_vanish_while_they_are_packed_are_said_to_be_in_the_making(results, monkeypatch):
    def gone(_one):
        raise FileNotFoundError("gone")

    monkeypatch.setattr(packs, "_content", gone)
    with pytest.raises(packs.NoPackError, match="being made anew"):
        packs.pack(results, "leeds")
