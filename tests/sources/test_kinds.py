"""What the importer knows as data: complete, true to the publishers' files, and refused by name where it is damaged."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from iitk.errors import DataDamagedError
from iitk.sources import importer
from iitk.sources.importer import els, facts, industries, reading, successions
from tests.sources import planting

FOLDER = planting.SHIPPED / "importer"
READERS = {
    "areas": facts.areas,
    "indicators": facts.indicators,
    "industries": facts.industries,
    "innovation": facts.innovation,
    "successions": facts.successions,
    "tables": lambda: reading.read(facts.Tables, "tables"),
}


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """A copy of the facts that a test can spoil, in use instead of the shipped ones."""
    shutil.copytree(FOLDER, tmp_path / "importer")
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    return tmp_path / "importer"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = path.stat().st_mtime_ns
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))  # two edits within one tick of the clock still differ


def test_every_file_has_a_reader_and_reads():
    assert {path.stem for path in FOLDER.iterdir()} == READERS.keys()
    for read in READERS.values():
        assert vars(read())


# file | what stands there | what stands there instead (\n: a new line) | what the error says
SPOILT = r"""
areas | E06000010 = ["Hull"] | E06000010 = "Hull" | aliases\.E06000010 is not a list: 'Hull'
areas | districts = 361 | districts = 361.5 | districts is not a whole number: 361\.5
areas | districts = 361 |  | the file lacks districts
areas | districts = 361 | districts = 361\ncounties = 21 | the file has the unknown counties
areas | "ITL2 area" = "ITL 2025" |  | vintages lacks ITL2 area
areas | N92000002 = "Northern | X92000002 = "Northern | countries are not one each
areas | Cumbraes ({told}) | Cumbraes ({tolled}) | tolled
areas | [cut_notes] | [cut_notes]\nTLZ99 = "x" | cut_notes speak of other areas
industries | 50 = "Sea transport" | 50 = 50 | divisions\.50 is not text: 50
industries | Total = ["01", "98"] | Total = ["01"] | wide\.Total is not a first and a last
industries | A = { name = " | A = { title = " | sections\.A lacks name
indicators | published = "Gigabit capable broadband" |  | entries\.gigabit lacks published
indicators | better = "lower" | better = "less" | entries\.economically_inactive says that 'less' is better
indicators | [group.entries.coverage_4g] | [group.entries.x]\n[group.entries.coverage_4g] | entries\.x lacks
indicators | [group.entries.exports] | [group.entries.gva_per_job] | entries\.gva_per_job is given twice
innovation | label = "Innovate UK funding" | name = "x" | entries\.innovate_uk_funding lacks label
innovation | ["UKM8", "UKM9"] | ["UKM8", 9] | redrawn\.UKM3\.2 is not text: 9
successions | share = "part" | share = "some" | reform\.4 has the share 'some'
successions | "2009-04-01" | "1 April 2009" | reform\.1 .*1 April 2009
tables | [publishers.nesta]\npublisher = " | [publishers.nesta]\nowner = " | publishers\.nesta lacks publisher
tables | [files] | group = 5\n[files] | cannot be read
"""


@pytest.mark.parametrize("case", SPOILT.strip().splitlines())
def test_a_damaged_entry_is_named_with_its_file(own, case):
    name, old, new, says = case.replace(r"\n", "\n").split(" | ")
    edit(own / f"{name}.toml", old, new)
    with pytest.raises(DataDamagedError, match=rf"{name}\.toml is damaged: [^\n]*{says}"):
        READERS[name]()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"group = 5", "group is not a list"),
        (b"[[group]]", r"group\.entries is not a table"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_file_of_another_form_is_refused(own, content, says):
    (own / "indicators.toml").write_bytes(content)
    with pytest.raises(DataDamagedError, match=says):
        facts.indicators()


def test_a_missing_file_is_named(own):
    (own / "innovation.toml").unlink()
    with pytest.raises(DataDamagedError, match=r"innovation\.toml is damaged: it is not there"):
        facts.innovation()


def test_an_entry_that_the_importer_needs_is_named(own):
    for old in ('regions = "lookups', "[group.entries.outlines]", "[measures.gva_lad]", 'by = "nesta"'):
        edit(own / "tables.toml", old, old.replace("regions", "lands").replace("out", "in").replace("gva_lad", "gva_x"))
    edit(own / "tables.toml", 'by = "nesta"', 'by = "nobody"')
    for ask, says in (
        (lambda: facts.file(own, "regions"), "files lacks regions"),
        (lambda: facts.source("outlines"), "entries lacks outlines"),
        (lambda: facts.measures("gva_lad"), "measures lacks gva_lad"),
        (lambda: facts.source("innovation"), "publishers lacks nobody"),
        (lambda: facts.source("gva_lad", missing=1), r"a caveat of entries\.gva_lad cannot be filled in \('areas'\)"),
        (lambda: facts.industries().short("00"), "divisions lacks 00"),
    ):
        with pytest.raises(DataDamagedError, match=says):
            ask()


def test_a_damaged_file_stops_the_build_and_changes_nothing(own, shared, tmp_path):
    edit(own / "tables.toml", "[files]", "[filed]")
    with pytest.raises(DataDamagedError, match=r"tables\.toml"):
        importer.build(shared, tmp_path / "out", parts=("jobs",))
    assert list((tmp_path / "out").iterdir()) == []


def test_an_edit_is_seen_at_once(own):
    assert facts.industries().short("80") == "Security"
    edit(own / "industries.toml", '80 = "Security"', '80 = "Guards"')
    assert facts.industries().short("80") == "Guards"


def test_an_empty_folder_of_figures_can_be_built_with_the_toolkits_own_facts(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    assert facts.areas().uk_name == "United Kingdom"


def test_an_entry_takes_from_its_group_what_it_does_not_say_itself(own):
    text = '[redrawn]\n[[group]]\nunit = "£"\npublisher = "P"\nsource_file = "f"\n'
    text += '[group.entries.a]\nlabel = "A"\n[group.entries.b]\nlabel = "B"\nunit = "€"\n'
    (own / "innovation.toml").write_text(text, encoding="utf-8")
    found = facts.innovation().entries
    assert list(found) == ["a", "b"]
    assert [(one.label, one.unit, one.publisher) for one in found.values()] == [("A", "£", "P"), ("B", "€", "P")]
    assert found["a"].levels == ("nuts2", "nuts3", "lep")


def test_caveats_are_filled_in_and_stand_around_those_of_the_table():
    source = facts.source("gva_lad", missing=3432, areas=11)
    assert source.caveats[0] == "3,432 cells are missing in current prices, in 11 districts."
    assert source.caveats[1].startswith("Industry codes nest")
    assert source.files == ("ons/RGVA_LAD.parquet",)
    jobs = facts.source("jobs_lad_section").caveats
    assert [text.split()[0] for text in jobs] == ["Counts", "BRES", "Only", "Seven"]
    assert facts.source("innovation", files=["a.csv"]).files == ("a.csv",)


def test_the_files_that_are_named_are_there_and_hold_what_is_said(shared):
    for name in reading.read(facts.Tables, "tables").files:
        assert facts.file(shared, name).is_file()
    known = facts.indicators()
    for one in known.entries.values():
        assert one.published in set(els.read(shared / one.source_file)["indicator"]), one
    for name, renamed in known.also.items():
        assert set(els.read(shared / name)["indicator"]) == renamed.keys()
        assert set(renamed.values()) <= {one.published for one in known.entries.values()}
    assert len({one.published for one in known.entries.values()}) == len(known.entries)


def test_short_names_cover_the_divisions_that_the_publisher_counts(shared):
    known = facts.industries()
    rows = pd.read_csv(facts.file(shared, "jobs_nuts2"), dtype=str, usecols=["INDUSTRY_CODE"])
    divisions = set(rows["INDUSTRY_CODE"])
    assert known.divisions.keys() == divisions
    assert set(known.tradable) | set(known.public) <= divisions
    assert not set(known.tradable) & set(known.public)
    every = tuple(sorted(divisions))
    held = [one for its in known.sections.values() for one in industries.divisions_of(its.group, every)]
    assert sorted(held) == sorted(divisions)  # the sections hold each division once
    assert max(map(len, [*known.groups.values(), *known.divisions.values(), *known.in_gva.values()])) <= 28


def test_names_are_given_for_old_areas_that_the_register_lacks_and_no_others(shared):
    register = pd.read_csv(facts.file(shared, "register"), dtype=str, keep_default_na=False)
    known = facts.successions()
    old = [code for reform in known.reform for codes in reform.became.values() for code in codes]
    in_register = set(register["local-authority-code"]) | set(register["gss-code"])
    assert set(old) - in_register == known.names.keys()
    assert {code for code in old if code.startswith("NIR-")} <= in_register
    assert len([code for code in set(old) if code.startswith("NIR-")]) == 25  # of 26: Belfast went on, larger
    assert len([code for code in set(old) if code.startswith("E07")]) == 37  # districts that ended in April 2009


def test_codes_of_2025_go_back_to_those_of_2023():
    assert successions.recoded() == {"E08000038": "E08000016", "E08000039": "E08000019"}


def test_redrawn_areas_stay_in_their_region():
    for old, new in facts.innovation().redrawn.items():
        assert {code[:3] for code in new} == {old[:3]}


def test_kinds_of_area_by_code():
    kinds = {
        "E08000035": "local authority", "S12000033": "local authority", "E12000003": "region", "TLB": "country",
        "E47000003": "combined authority", "K02000001": "United Kingdom", "K03000001": "group of countries",
        "W92000004": "country", "UKX": "United Kingdom", "TLE": "ITL1 area", "TLE4": "ITL2 area", "TLE42": "ITL3 area",
        "E10000023": "", "E11000001": "", "na": "", "TL": "",
    }  # fmt: skip
    assert els.area_kinds(pd.Series(list(kinds))).tolist() == list(kinds.values())


def test_no_fact_is_written_in_the_code_too():
    """Names, caveats and file names of the facts stand in the data only."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(importer.__file__).parent.glob("*.py"))
    tables = reading.read(facts.Tables, "tables")
    texts = [*tables.files.values(), *(one.title for one in tables.entries.values())]
    texts += [text for one in tables.entries.values() for text in one.caveats]
    texts += [one.label for one in facts.indicators().entries.values() if " " in one.label]
    texts += [name for name in facts.industries().groups.values() if " " in name]
    assert not [text for text in texts if re.search(rf'(?<!")"[^"\n]*{re.escape(text)}', code)]
