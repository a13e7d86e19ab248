"""Records are whole, checked and traceable, or they are not written."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from iitk.errors import IitkError, OutputError
from iitk.publish.record import RecordError, faults, read_record, schema, write_record
from iitk.sources import files


def test_a_record_comes_back_as_it_was_written(real, tmp_path):
    record = real.record()
    path = write_record(tmp_path / "leeds" / "01_economy", record)
    assert path.name == "record.json"
    assert read_record(path) == record == read_record(path.parent)
    assert sorted(p.name for p in path.parent.iterdir()) == ["record.json"]  # nothing left beside


def test_the_schema_is_itself_valid():
    assert schema()["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"status": "odd"}, "status"),
        ({"stage": {"number": 11, "key": "11_more", "title": "x"}}, "stage.number"),
        ({"status": "failed", "message": ""}, "message"),
        ({"schema_version": 2}, "schema_version"),
        ({"findings": [{"key": "a"}]}, "findings.0"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_and_says_where(real, tmp_path, change, where):
    with pytest.raises(RecordError, match=where):
        write_record(tmp_path, real.record(**change))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_named(real):
    record = real.record()
    del record["sources"]
    assert faults(record) == ["record: 'sources' is a required property"]


def test_a_number_that_json_lacks_is_refused(real, tmp_path):
    with pytest.raises(RecordError, match="missing as null"):
        write_record(tmp_path, real.record(parameters={"share": float("nan")}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"status": "done"}'])
def test_a_damaged_record_is_named_with_what_to_do(tmp_path, text):
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"iitk run AREA --stages"):
        read_record(tmp_path)


def test_a_record_that_is_not_there(tmp_path):
    with pytest.raises(RecordError, match="is missing"):
        read_record(tmp_path)


def test_a_crash_while_writing_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = files.write_text(tmp_path / "a.json", "old")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as half:
            half.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        files.write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_that_cannot_be_made_is_an_error_with_advice(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(IitkError, match="--out FOLDER"):
        files.write_text(tmp_path / "file" / "a.json", "x")


def test_text_is_utf8_and_line_ends_stay(tmp_path):
    path = files.write_text(tmp_path / "a.txt", "£1\n–\n")
    assert path.read_bytes() == "£1\n–\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
