"""Pages that are built at the same moment, as a run over areas does, keep their content apart."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from iitk.publish.page import build_page
from iitk.words import blocks


def _notebook(place: str) -> NotebookNode:
    cells = [new_markdown_cell(f"# What of {place}?")]
    for n in range(12):
        html = blocks.AreaNote(f"{place} number {n}. " * 40)._repr_html_()
        cells += [
            new_markdown_cell(f"## Part {n} of {place}"),
            new_code_cell("1", outputs=[new_output("execute_result", {"text/html": html, "text/plain": "1"})]),
        ]
    return nbformat.from_dict(new_notebook(cells=cells))


def test_no_page_holds_a_word_of_another(real: ModuleType) -> None:
    context = real.context()
    places = [f"Place{letter}" for letter in "ABCDEFGH"]
    alone = {place: build_page(_notebook(place), context) for place in places}
    calm = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places as often as they can
    try:
        with ThreadPoolExecutor(8) as pool:
            made = pool.map(lambda place: build_page(_notebook(place), context), places)
            together = dict(zip(places, made, strict=True))
    finally:
        sys.setswitchinterval(calm)
    for place in places:
        assert together[place] == alone[place]
        assert not [other for other in places if other != place and other in together[place]]
