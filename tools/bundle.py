"""Build hook: the wheel carries the notebooks and the figures, so that `pip install iitk` works in an empty folder.

An editable install gets no copy: there the checkout's own folders are used, which people edit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Put data/ and notebooks/ into the wheel as iitk/_bundled/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to a standard wheel."""
        if version != "standard":
            return
        for folder in ("data", "notebooks"):
            build_data["force_include"][str(Path(self.root) / folder)] = f"iitk/_bundled/{folder}"
