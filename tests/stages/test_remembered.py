"""What is asked again is not worked out again, however it is asked."""

from __future__ import annotations

import csv
import shutil

import pytest

from iitk.errors import UsageError
from iitk.stages import choose, options, selection
from iitk.stages.remembered import remembered
from tests.stages.choosing import EXAMPLE, apart, read


def test_an_argument_left_out_is_its_default():
    asked = []

    @remembered(8)
    def best(aim="group", percent=100):
        asked.append((aim, percent))
        return object()

    first = best()
    assert best("group") is best("group", 100) is best(percent=100, aim="group") is first
    assert asked == [("group", 100)]
    assert best("jobs") is not first
    best.cache_clear()
    assert best() is not first
    with pytest.raises(TypeError):
        best(other=1)


def test_the_latest_are_kept():
    asked = []
    twice = remembered(2)(lambda number: asked.append(number) or number * 2)
    assert [twice(number) for number in (1, 2, 3, 3, 2, 1)] == [2, 4, 6, 6, 4, 2]
    assert asked == [1, 2, 3, 1]


def test_a_short_list_that_nobody_can_weigh_is_refused_with_the_way_out(tmp_path):
    with apart(tmp_path) as areas:
        folder = areas / "west-yorkshire"
        shutil.copytree(EXAMPLE, folder)
        for name in ("options", "factors"):
            rows = read(name)
            key = "name" if name == "options" else "option"
            more = [{**rows[1], key: f"Bootcamp number {number}"} for number in range(60)]  # the one without links
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows + more)
        with pytest.raises(UsageError, match=r"short list has 81 options: nobody can weigh more than 60.*factors\.csv"):
            choose.prepare("West Yorkshire", draws=0)
        assert len(options.prepare("West Yorkshire").blocks["long_list"].options) == 85  # the long list may be long
    assert selection.MOST == 60
