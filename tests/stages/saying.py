"""All that the stages say of an area. Run with the name of one, it prints it as JSON, from a process of its own."""

from __future__ import annotations

import json
import sys

from iitk.sources import prompts
from iitk.stages import economy, mandate, potential

STAGES = (mandate, economy, potential)


def said(area: str) -> dict[str, str]:
    """All that the stages say of an area, as text, but for the moment of making the record."""
    texts = {}
    for module in STAGES:
        stage = module.prepare(area)
        record = {name: value for name, value in stage.record().items() if name != "generated"}
        texts[f"{module.KEY} record"] = json.dumps(record, default=float)
        for name, table in stage.tables.items():
            texts[f"{module.KEY} table {name}"] = f"{table.to_csv()}{table.dtypes.to_dict()}"
        for name, one in stage.figures.items():
            words = (one.title, one.measure, one.alt_text, one.notes, one.source, one.badge, one.provenance)
            texts[f"{module.KEY} figure {name}"] = f"{words}{one.table.to_csv()}"
        talks = {key: stage.talk(key) for key in prompts.load(module.KEY)}
        blocks = {"opening": stage.opening(), **stage.blocks, **talks}
        texts |= {f"{module.KEY} {name}": block._repr_html_() for name, block in blocks.items()}
    return texts


if __name__ == "__main__":
    print(json.dumps(said(sys.argv[1])))  # noqa: T201
