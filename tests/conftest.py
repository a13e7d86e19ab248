"""What the tests share: the publishers' files, and a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Tests never assert times: a busy machine must not fail a property.
settings.register_profile("iitk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("iitk")

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config):
    # Subprocesses and kernels that tests start find the figures and the publishers' files where the tests do.
    os.environ.setdefault("IITK_SHARED", str((ROOT / "../shared/data").resolve()))
    # Long results are kept among the tests' own, and a team's own files are never looked for.
    os.environ["IITK_CACHE"] = str(Path(tempfile.gettempdir()) / f"iitk-tests-{os.getpid()}")
    os.environ["IITK_AREAS"] = str(Path(os.environ["IITK_CACHE"]) / "areas")


def pytest_unconfigure(config):
    shutil.rmtree(os.environ["IITK_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the publishers' files: `IITK_SHARED`, else ../shared/data beside the checkout."""
    folder = Path(os.environ["IITK_SHARED"])
    if not folder.is_dir():
        pytest.skip(f"The publishers' files are not in {folder}: set IITK_SHARED to their folder.")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium: `IITK_CHROMIUM`, else the system's. Without one CI fails, and elsewhere the test is skipped."""
    names = filter(None, [os.environ.get("IITK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"])
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        advice = "Chromium is missing, so no page was looked at: run tools/install-chromium.sh, or set IITK_CHROMIUM."
        if os.environ.get("CI"):
            pytest.fail(advice)
        pytest.skip(advice)
    return found


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium, driven by Playwright, told to ask nothing of the network by itself."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    quiet = ("quic", "background-networking", "component-update", "sync", "gpu")
    arguments = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Where a team of this module would keep its own files for choosing: empty, and so is what was kept."""
    from tests.stages.choosing import apart

    with apart(tmp_path_factory.mktemp("apart")) as folder:
        yield folder
