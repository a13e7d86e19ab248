from __future__ import annotations

import pytest

from iitk.runs import fingerprint


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    (folder / "official").mkdir(parents=True)
    (folder / "cohorts").mkdir()
    (folder / "sources.toml").write_text("[gva]")
    monkeypatch.setenv("IITK_DATA", str(folder))
    forget()
    yield folder
    forget()


@pytest.fixture
def path(tmp_path, notebook):
    return notebook(tmp_path / "00_a.ipynb", "1 + 1")


def forget():
    fingerprint._of_files.cache_clear()
    fingerprint.versions.cache_clear()


def fresh(path, **parameters):
    forget()
    return fingerprint.inputs_hash(fingerprint.inputs(path, parameters))


def test_the_same_inputs_give_the_same_hash_in_any_order(data, path):
    assert fresh(path, area="A", comparator="B") == fresh(path, comparator="B", area="A")


def test_notebook_parameters_figures_and_their_names_all_count(data, path, notebook, monkeypatch):
    seen = {fresh(path, area="A")}
    seen.add(fresh(path, area="B"))
    notebook(path, "1 + 2")
    seen.add(fresh(path, area="A"))
    (data / "official" / "gva.parquet").write_bytes(b"1")
    seen.add(fresh(path, area="A"))
    (data / "official" / "gva.parquet").write_bytes(b"2")
    seen.add(fresh(path, area="A"))
    (data / "official" / "gva.parquet").rename(data / "official" / "jobs.parquet")
    seen.add(fresh(path, area="A"))
    monkeypatch.setattr("iitk.__version__", "0.0.0")
    seen.add(fresh(path, area="A"))
    assert len(seen) == 7


def test_a_new_cohort_file_changes_no_result(data, path):
    before = fresh(path, area="A")
    (data / "cohorts" / "mine.toml").write_text("")
    assert fresh(path, area="A") == before


def test_what_has_changed_can_be_named(data, path):
    before = fingerprint.inputs(path, {"area": "A"})
    forget()
    (data / "official" / "gva.parquet").write_bytes(b"1")
    after = fingerprint.inputs(path, {"area": "B"})
    assert [name for name in before if before[name] != after[name]] == ["parameters", "figures"]
