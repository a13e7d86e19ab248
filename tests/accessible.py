"""What a machine can see of accessibility, on a page that a browser has open."""

from __future__ import annotations

from typing import Any

import pytest


def violations(page: Any) -> dict[str, list[str]]:
    """Rules of WCAG 2.2, levels A and AA, and good practice, that the page breaks, each with where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page, options={"rules": {"target-size": {"enabled": True}}}).response["violations"]
    return {one["id"]: [node["html"][:120] for node in one["nodes"]] for one in found}


def sideways(page: Any) -> bool:
    """Whether the page has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def open_all(page: Any) -> None:
    """Open what is folded: details, and on a phone the parts of a served page."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for button in page.get_by_role("button", name="Open all parts").all():
        button.click()
