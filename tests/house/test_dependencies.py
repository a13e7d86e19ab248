"""pyproject.toml, environment.yml and requirements.lock say the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ORACLES = (ROOT / "tests" / "oracles.lock").read_text(encoding="utf-8")
STOCK = (ROOT / "benchmarks" / "stock.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def bounds(lines):
    """Names and version bounds of requirement lines."""
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): str(one.specifier) for one in parsed}


def declared():
    project = PYPROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return bounds([*project["dependencies"], *extras, *PYPROJECT["dependency-groups"]["dev"]])


def locked(lock=LOCK):
    """Exact versions of every package in the lock, by name: some have one for each Python."""
    versions = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(Version(version))
    return versions


def conda():
    """Requirements of environment.yml, without the Python and pip that a conda environment is made of."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = re.findall(r"^\s+- ([A-Za-z0-9._-]+[<>=].*|pip)$", text, re.MULTILINE)
    return bounds([line for line in lines if line != "pip" and not line.startswith("python>")])


def test_conda_users_get_the_same_packages_and_bounds():
    assert conda() == declared()


def test_conda_users_get_the_same_python():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f"- python{PYPROJECT['project']['requires-python']}\n" in text


def test_every_declared_package_is_locked_within_its_bounds():
    versions, wanted = locked(), declared()
    assert set(wanted) <= set(versions)
    outside = [
        f"{name} {version}"
        for name, bound in wanted.items()
        for version in versions[name]
        if version not in SpecifierSet(bound)
    ]
    assert outside == []


def test_what_we_compare_with_is_locked_and_leaves_the_environment_as_it_is():
    versions, wanted = locked(ORACLES), bounds(PYPROJECT["dependency-groups"]["oracles"])
    assert all(version in SpecifierSet(bound) for name, bound in wanted.items() for version in versions[name])
    both = set(versions) & set(locked())
    assert {"numpy", "pandas", "scipy"} <= both
    assert {name: versions[name] for name in both} == {name: locked()[name] for name in both}


def test_what_we_measure_against_is_what_pip_brings_with_what_our_own_settings_leave_out():
    versions, wanted = locked(STOCK), bounds(PYPROJECT["project"]["dependencies"])
    assert {"papermill", "voila", "rfc3987-syntax"} <= set(versions)
    assert all(version in SpecifierSet(bound) for name, bound in wanted.items() for version in versions[name])


@pytest.mark.parametrize(
    ("lock", "least"), [(LOCK, 100), (ORACLES, 10), (STOCK, 100)], ids=["environment", "oracles", "stock"]
)
def test_every_locked_package_has_hashes(lock, least):
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(entries) == sum(map(len, locked(lock).values())) > least
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("unwanted", [r"://", r"rfc3987-syntax", r"(?<![\w.])/\w+/", r"file:", r"@ "])
def test_the_lock_holds_no_address_no_path_and_no_slow_grammar(unwanted):
    assert re.findall(unwanted, LOCK + ORACLES) == []


@pytest.mark.parametrize("unwanted", [r"://", r"(?<![\w.])/\w+/", r"file:", r"@ "])
def test_the_lock_of_what_we_measure_against_holds_no_address_and_no_path(unwanted):
    assert re.findall(unwanted, STOCK) == []


def test_runtime_and_build_parts_do_not_bring_the_workshop_tools():
    """What a user installs is small: the tools of this workshop stay in the dev group."""
    runtime = bounds(PYPROJECT["project"]["dependencies"])
    assert not {"pytest", "ruff", "mypy", "playwright", "hypothesis", "pyproj"} & set(runtime)


def test_warm_kernels_get_ready_without_what_only_tests_bring():
    """Such as matplotlib: it comes with what we compare with, and users have none of that."""
    strange = {name.replace("-", "_"): None for name in set(locked(ORACLES)) - set(locked())}
    assert "matplotlib" in strange
    code = f"import sys; sys.modules |= {strange}; from iitk.runs.warm import parent; parent.preload(); print('ready')"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert said.stdout == "ready\n", said.stderr


def test_what_runs_here_is_what_the_lock_says():
    from importlib.metadata import version

    for name in ("altair", "pandas", "papermill", "nbconvert", "voila", "vl-convert-python"):
        assert Version(version(name)) in locked()[name], f"{name}: refresh the environment with: make env"
