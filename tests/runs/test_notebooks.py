from __future__ import annotations

import pytest

from iitk.errors import UnknownStageError, WorkError
from iitk.runs import notebooks


@pytest.fixture
def folder(tmp_path, notebook):
    for name in ("03_potential", "00_mandate", "01_economy", "draft"):
        notebook(tmp_path / f"{name}.ipynb", "1 + 1")
    return tmp_path


def keys(wanted, folder):
    return [found.key for found in notebooks.find(wanted, folder)]


def test_all_numbered_notebooks_in_their_order(folder):
    assert keys([], folder) == ["00_mandate", "01_economy", "03_potential"]


@pytest.mark.parametrize("name", ["01", "1", "economy", "01_economy", " 01_Economy.ipynb "])
def test_a_stage_has_several_names(folder, name):
    assert keys([name], folder) == ["01_economy"]


def test_each_once_and_in_order_however_asked(folder):
    assert keys(["03", "00", "3", "mandate"], folder) == ["00_mandate", "03_potential"]


def test_unknown_stage_names_those_that_exist(folder):
    with pytest.raises(UnknownStageError, match="'05'.*00_mandate, 01_economy, 03_potential"):
        notebooks.find(["05"], folder)


def test_empty_folder_says_so(tmp_path):
    with pytest.raises(WorkError, match="no numbered notebooks"):
        notebooks.find([], tmp_path)


def test_only_names_of_the_schema_are_parameters(tmp_path, notebook):
    path = notebook(tmp_path / "00_a.ipynb", parameters='area: str = "x"\nsave_to = ""\nsecret = "y"\nimport os\n')
    assert notebooks.Notebook(path).parameters() == {"area", "save_to"}


def test_a_notebook_without_parameters_is_refused(tmp_path, notebook):
    path = notebook(tmp_path / "00_a.ipynb", "1", parameters=None)
    with pytest.raises(WorkError, match="no cell tagged 'parameters'"):
        notebooks.Notebook(path).parameters()


@pytest.mark.parametrize("content", ["", "{", '{"cells": 3}', "[]", '{"cells": [], "nbformat": 99}'])
def test_a_broken_notebook_is_named(tmp_path, content):
    path = tmp_path / "00_a.ipynb"
    path.write_text(content)
    with pytest.raises(WorkError, match="00_a.ipynb"):
        notebooks.Notebook(path).parameters()


def test_the_real_notebooks_take_an_area_and_a_comparator():
    found = notebooks.find()
    assert [notebook.key[:2] for notebook in found] == sorted(notebook.key[:2] for notebook in found)
    for notebook in found:
        assert {"area", "comparator", "save_to"} <= notebook.parameters()
