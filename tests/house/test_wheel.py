"""What `pip install` brings: the notebooks and figures are in the wheel, and are found there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that holds the unpacked wheel, as an installer would leave it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow
def test_notebooks_figures_and_page_parts_are_in_it(installed):
    for wanted in (
        "iitk/_bundled/notebooks/*.ipynb", "iitk/_bundled/data/official/gva_lad.parquet",
        "iitk/_bundled/data/LICENCE.md", "iitk/_bundled/data/parameters.toml", "iitk/_bundled/data/glossary.toml",
        "iitk/_bundled/data/records/potential.json", "iitk/_bundled/data/examples/west-yorkshire/options.csv",
        "iitk/_bundled/data/evidence/interventions.toml",
        "iitk/publish/templates/**/*.j2", "iitk/publish/assets/*.css",
        "iitk/serve/templates/*.j2", "iitk/serve/static/*.css", "iitk/serve/static/*.js",
        "iitk/charts/fonts/*.woff2", "iitk/charts/fonts/OFL.txt", "*.dist-info/licenses/LICENSE",
        "*.data/data/share/jupyter/kernels/iitk/kernel.json",
    ):  # fmt: skip
        assert list(installed.glob(wanted)), f"no {wanted}"
    assert not list(installed.rglob("*.pyc"))


@pytest.mark.slow
def test_it_works_in_an_empty_folder(installed, tmp_path):
    code = (
        "from iitk.runs import notebooks; from iitk.sources import paths, tables, geography;"
        "print(paths.data_dir()); print(notebooks.folder()); print(geography.resolve('Leeds').code);"
        "print(tables.gva().current.shape[0])"
    )
    # -P and the first place on the path: only the unpacked wheel, not the checkout that the tests run in.
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {code}"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    data, books, leeds, areas = said.stdout.split()
    assert Path(data) == installed / "iitk/_bundled/data"
    assert Path(books) == installed / "iitk/_bundled/notebooks"
    assert (leeds, areas) == ("E08000035", "361")
