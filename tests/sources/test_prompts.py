"""Prompts are content: each notebook finds those that it shows, and a broken file is said in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from iitk.errors import WorkError
from iitk.sources import paths, prompts

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_each_notebook_shows_every_prompt_of_its_file(path: Path) -> None:
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert set(re.findall(r'stage\.talk\("(\w+)"\)', source)) == set(prompts.load(path.stem))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_prompt_asks_one_open_question(path: Path) -> None:
    for prompt in prompts.load(path.stem).values():
        assert prompt.question.endswith("?"), prompt.key
        assert 3 <= prompt.minutes <= 30
        assert 2 <= len(prompt.steps) <= 4


@pytest.mark.parametrize(
    ("text", "said"),
    [("[a\n", "cannot be read"), ('[a]\ntitle = "x"\n', r"\[a\].*lacks .*minutes"), ("", None)],
)
def test_a_broken_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str | None) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "01_economy.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "data_dir", lambda: tmp_path)
    if said is None:
        assert prompts.load("01_economy") == {}
    else:
        with pytest.raises(WorkError, match=said):
            prompts.load("01_economy")
    with pytest.raises(WorkError, match="missing"):
        prompts.load("00_mandate")
