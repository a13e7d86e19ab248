from __future__ import annotations

import pytest

from iitk.errors import UnknownAreaError, UsageError
from iitk.runs.cohorts import read_cohort
from iitk.sources import geography
from iitk.sources.paths import data_dir

GOOD = 'name = "Two"\nareas = ["Leeds", "Bradford + Calderdale"]\nreference = "Cambridge"\n'


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cohort_names_areas_and_a_reference(tmp_path):
    cohort = read_cohort(write(tmp_path / "two.toml", GOOD))
    assert cohort.name == "Two"
    assert cohort.areas == ("Leeds", "Bradford + Calderdale")
    assert cohort.reference == "Cambridge"


def test_windows_editors_may_add_a_mark_at_the_start(tmp_path):
    assert read_cohort(write(tmp_path / "two.toml", f"\ufeff{GOOD}")).name == "Two"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no name"),
        ('name = "A"', "no areas"),
        ('name = "A"\nareas = []', "no areas"),
        ('name = "A"\nareas = "Leeds"', "no areas"),
        ('name = "A"\nareas = [1]', "no areas"),
        ('name = "A"\nareas = ["Leeds"]\nreference = 3', "one area in quotes"),
        ('name = "A"\nareas = ["Leeds"]\nareaz = 3', "areaz"),
        ("name = ", "not valid TOML"),
    ],
)
def test_faults_are_named_with_the_file(tmp_path, text, words):
    with pytest.raises(UsageError, match=words) as error:
        read_cohort(write(tmp_path / "mine.toml", text))
    assert "mine.toml" in str(error.value)


def test_not_text_and_not_there(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(UsageError, match="UTF-8"):
        read_cohort(tmp_path / "a.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_cohort(tmp_path)


def test_an_unknown_area_in_it(tmp_path):
    with pytest.raises(UnknownAreaError):
        read_cohort(write(tmp_path / "a.toml", 'name = "A"\nareas = ["Leedz"]'))


def test_the_default_cohort_is_west_yorkshire_with_cambridge_as_reference():
    cohort = read_cohort(data_dir() / "cohorts" / "west-yorkshire.toml")
    areas = [geography.resolve(area) for area in cohort.areas]
    assert [area.name for area in areas] == ["Leeds", "Bradford", "Kirklees", "Calderdale", "Wakefield"]
    reference = geography.resolve(cohort.reference)
    assert reference.name == "Cambridge sub-region"
    assert {"E07000008", "E07000012"} <= set(reference.lads)  # Cambridge and South Cambridgeshire
