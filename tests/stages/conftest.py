"""The choice of the example, and the same by hand, for every test of a stage of choosing."""

from __future__ import annotations

from pathlib import Path

import pytest

from iitk.sources import geography
from iitk.stages import selection
from iitk.stages.selection import Selection
from tests.stages.choosing import Hand


@pytest.fixture(scope="module")
def found(own: Path) -> Selection:
    """What there is to choose from in an area without files of its own."""
    return selection.of(geography.resolve("West Yorkshire"))


@pytest.fixture(scope="module")
def hand() -> Hand:
    """The same from the files of the example, without the library."""
    return Hand()
