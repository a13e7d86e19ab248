"""A notebook and a run as they come out of real work, made by hand: figures of Leeds from the public sketch."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from iitk.model import Badge, Finding, Prompt, Source
from iitk.publish.index import write_index
from iitk.publish.page import PageContext, build_page, journey
from iitk.publish.record import write_record
from iitk.sources.files import write_text
from iitk.words import blocks

GVA = "Regional gross value added (balanced) by industry from the Office for National Statistics"
SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
SOURCES = (
    Source(
        "gva_lad",
        "Office for National Statistics",
        "Regional gross value added (balanced) by industry",
        "April 2025",
        "OGL v3.0",
        "Contains public sector information licensed under the Open Government Licence v3.0. "
        "Source: Office for National Statistics.",
        "£ million",
        "LAD December 2023",
    ),
    Source(
        "jobs_nuts2_division",
        "Office for National Statistics",
        "Business Register and Employment Survey",
        "2021",
        "OGL v3.0",
        "Contains public sector information licensed under the Open Government Licence v3.0. "
        "Source: Office for National Statistics.",
        "jobs",
        "NUTS2 2016",
    ),
)


def finding(headline: str, label: str, sentence: str, **more: object) -> Finding:
    plain = {
        "key": "largest-specialisation",
        "badge": Badge.OBSERVED,
        "source": GVA,
        "unit": "£ million",
        "period": "2023",
    }
    return Finding(headline=headline, label=label, sentence=sentence, **(plain | more))  # type: ignore[arg-type]


FACTS = [
    finding(
        "£36.6bn",
        "of value added in 2023",
        "Leeds makes 1.5% of what the UK makes, the largest share in West Yorkshire.",
        theme="Business and enterprise",
        values={"gva_2023": 36612.4, "uk_gva_2023": 2434400.0, "share": 0.01504},
    ),
    finding(
        "1.7×",
        "the UK share in rental and leasing",
        "The most concentrated industry: 1.7 times the UK share, between 1.6 and 1.8 in the last five years.",
        theme="Business and enterprise",
        values={"lq": 1.7412, "lowest": 1.64, "highest": 1.82},
    ),
    finding("6%", "from manufacturing", "Against 9% in the UK. It was 12% in 1998.", values={"share": 0.0602}),
    finding(
        "+24%",
        "real growth since 2007",
        "Of five large cities compared, Manchester grew most (+63%).",
        badge=Badge.MODELLED,
        unit="index, 2007 = 100",
        period="2007 to 2023",
        values={"index": 124.0, "base_year": 2007},
    ),
    finding(
        "2013",
        "when output passed its 2007 peak",
        "It fell 7% to its trough in 2009 and needed four more years.",
        values={"peak_year": 2007, "trough_year": 2009, "recovered_year": 2013},
    ),
    finding("£39.40", "made in each hour worked", "96% of the UK figure.", unit="£ an hour", period="2022"),
    finding("11.2", "business births per 100 firms", "The UK has 10.9."),
    finding(
        "78%",
        "of people aged 16 to 64 in work",
        "Between 75% and 81%: the survey is small.",
        values={"lower": 75.1, "upper": None},
    ),
    finding("Finance and insurance", "the largest industry", "It makes 12% of all value added."),
    finding("4 of 10", "fastest industries are services", "Warehousing grew fastest, from a small base."),
]
PROMPT = Prompt(
    "strengths",
    "Which strengths are ours to build on?",
    "Turn a table into claims that someone can check.",
    15,
    "threes, then the room",
    "Which of these would you bet your own budget on?",
    (
        "*Alone, 2 minutes.* Mark the one you would bet on, and the one you think is a trick of the figures.",
        "*In threes, 8 minutes.* Which firms, skills or equipment make the bet real? Whose view is missing?",
        "*Room, 5 minutes.* Each three reads out one claim and what would make them drop it.",
    ),
    "claim, evidence, confidence, who will check it, by when",
    "What would we expect to see in five years if this were true? What do we see now?",
    "Go round, one sentence each, most junior first.",
    "One large employer leaving, or a revised figure below 1.2.",
)
QUOTIENTS = [
    ("Rental and leasing", 1.74),
    ("Employment, travel, security", 1.69),
    ("Office support", 1.68),
    ("Wood, paper, printing", 1.62),
    ("Membership, repair", 1.59),
    ("Finance and insurance", 1.52),
]


def svg(*, narrow: bool) -> str:
    """A bar chart drawn by hand, so that the page's tests do not lean on the charts."""
    width, left = (340, 0) if narrow else (720, 230)
    step, bars = (46 if narrow else 34), []
    for at, (name, value) in enumerate(QUOTIENTS):
        top = at * step + (20 if narrow else 4)
        length = value / 1.8 * (width - left - 60)
        label = (0, top - 6, "start") if narrow else (left - 8, top + 16, "end")
        bars.append(
            f'<text x="{label[0]}" y="{label[1]}" text-anchor="{label[2]}" font-size="15">{name}</text>'
            f'<rect x="{left}" y="{top}" width="{length:.0f}" height="22" fill="#12436D"></rect>'
            f'<text x="{left + length + 6:.0f}" y="{top + 16}" font-size="15" font-weight="600">{value}</text>'
        )
    return (
        f'<svg viewBox="0 0 {width} {step * len(QUOTIENTS) + 20}" role="img" aria-label="Bar chart: rental and leasing '
        f'leads with 1.74 times the UK share" xmlns="http://www.w3.org/2000/svg">{"".join(bars)}</svg>'
    )


ROWS = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in QUOTIENTS)
FIGURE = f"""<figure class="figure">
<figcaption><h3>Rental and leasing weighs 1.7 times as much in Leeds as in the UK</h3>
<p class="measure">Location quotient of GVA, six highest industries, Leeds, 2023</p></figcaption>
<div class="drawing"><div class="wide">{svg(narrow=False)}</div><div class="narrow">{svg(narrow=True)}</div></div>
<footer>{blocks.badge("observed")}<span class="source">Source: {GVA}</span></footer>
<details class="numbers"><summary>Show the numbers</summary>
<div class="scroll" role="group" tabindex="0" aria-label="Numbers"><table>
<thead><tr><th scope="col">Industry</th><th scope="col">LQ</th></tr></thead>
<tbody>{ROWS}</tbody></table></div></details></figure>"""


class Html(str):
    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def shown(block: object, *, tags: tuple[str, ...] = (), plain: str = "object at 0x7f") -> NotebookNode:
    """A code cell whose last line showed `block`."""
    html = block._repr_html_()  # type: ignore[attr-defined]
    output = nbformat.v4.new_output("execute_result", {"text/html": html, "text/plain": plain}, execution_count=1)
    return nbformat.v4.new_code_cell("stage.show()", outputs=[output], metadata={"tags": list(tags)})


def text(source: str, *tags: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def economy(area: str = "Leeds") -> NotebookNode:
    """The notebook of stage 1 after its run."""
    warning = nbformat.v4.new_output("stream", name="stderr", text="UserWarning: a secret warning")
    puzzles = [
        finding(
            "1.69",
            "Employment, travel and security",
            "Employment, travel and security rose from 1.13 to 1.69 times the UK share in five years.",
            question="Is it the work that grew, or the office where agencies book it?",
        ),
        finding(
            "1.53",
            "Construction of buildings",
            "Construction of buildings went from 0.86 to 1.53.",
            question="A few large sites, or a trend?",
        ),
        finding(
            "2.1",
            "Hours",
            "Output for each hour fell while jobs rose.",
            question="Which jobs are these?",
            badge=Badge.MODELLED,
        ),
    ]
    gaps = [
        finding(
            "No figure",
            "Firms that trade abroad",
            "Exports are published for the region, not for the city.",
            question="The chamber of commerce, within a week.",
        ),
        finding(
            "No figure",
            "Research in firms",
            "Business R&D is published by region only.",
            question="The two universities.",
        ),
    ]
    peers = [
        blocks.Peer("Sheffield", 0.82, ("GVA per hour", "employment rate"), ("house prices",)),
        blocks.Peer("Birmingham", 1.104, ("pay",), ("qualifications", "births of firms")),
    ]
    table = pd.DataFrame({"Industry": ["Finance", "Fishing"], "GVA": [4400.25, float("nan")], "LQ": [1.52, 0.0]})
    lenses = [
        blocks.LensCard(
            "Low carbon and energy",
            "3.1%",
            "of value added",
            "Less than the UK's 4.4%.",
            "Energy, waste, and the part of construction that serves them.",
            0.62,
            source=GVA,
            period="2023",
            values={"share": 0.031},
        ),
        blocks.LensCard(
            "Life sciences",
            "0.9%",
            "of value added",
            "About the UK's share.",
            "Pharmaceuticals, research.",
            0.41,
            source=GVA,
            period="2023",
        ),
    ]
    return nbformat.v4.new_notebook(
        cells=[
            text("# What is our economy, compared with places like us?"),
            nbformat.v4.new_code_cell("area = 'E08000035'", metadata={"tags": ["parameters"]}, outputs=[warning]),
            shown(blocks.StageHeader(1, 45, "ten facts, five puzzles, three gaps", area, "the UK")),
            shown(
                blocks.Lead(
                    "Finance, IT and law weigh 40 to 52% more in Leeds than in the UK; making things weighs 35% less. "
                    "What grew fastest here in the last five years is not what people usually name."
                )
            ),
            shown(blocks.AreaNote(f"{area} has kept its boundary since 1974.")),
            shown(blocks.FactCards(FACTS)),
            text(
                "## What are we unusually good at?\n\n"
                "The quotient compares an industry's share here with its share in the UK."
            ),
            shown(Html(FIGURE)),
            text("It measures concentration, **not** growth."),
            shown(blocks.Talk(PROMPT)),
            text("## Have we recovered?"),
            shown(Html(FIGURE)),
            shown(blocks.Puzzles(puzzles)),
            shown(blocks.Gaps(gaps)),
            text("## Who is like us?"),
            shown(blocks.PeersTable(peers, area, source=GVA)),
            shown(
                blocks.Numbers(
                    table,
                    "Two industries of Leeds",
                    {"GVA": "£ million, 2023"},
                    source=GVA,
                    badge=Badge.OBSERVED,
                    decimals={"LQ": 2},
                )
            ),
            text("## Which lenses fit?"),
            shown(blocks.LensCards(lenses)),
            text("## What did we decide?"),
            shown(blocks.MandateCard({"Area": area, "Who decides": "", "Money a year": "£4m", "Reports to": ""})),
            shown(blocks.Decision(confidence="medium")),
        ]
    )


def context(**changes: object) -> PageContext:
    plain: dict[str, object] = {
        "area_name": "Leeds",
        "comparator": "UK",
        "stage_number": 1,
        "stage_key": "01_economy",
        "title": "What is our economy?",
        "stages": journey(
            "01_economy", {"00_mandate": "../00_mandate/page.html", "03_potential": "../03_potential/page.html"}
        ),
        "sources": SOURCES,
        "generated": date(2026, 11, 23),
        "cohort_name": "West Yorkshire",
        "index_href": "../../index.html",
    }
    return PageContext(**(plain | changes))  # type: ignore[arg-type]


def record(
    name: str = "Leeds",
    number: int = 1,
    key: str = "01_economy",
    title: str = "What is our economy?",
    **changes: object,
) -> dict:
    facts = [
        {
            "key": f.key,
            "headline": f.headline,
            "label": f.label,
            "sentence": f.sentence,
            "badge": f.badge.value,
            "source": f.source,
            "unit": f.unit,
            "period": f.period,
            "values": f.values,
        }
        for f in FACTS[:4]
    ]
    return {
        "schema_version": 1,
        "stage": {"number": number, "key": key, "title": title},
        "area": {
            "code": "E08000035",
            "name": name,
            "slug": name.lower(),
            "kind": "local authority",
            "lads": ["E08000035"],
        },
        "comparator": {"code": "UK", "name": "UK"},
        "status": "done",
        "message": "",
        "headline": f"Finance, IT and law weigh 40 to 52% more in {name} than in the UK; "
        "making things weighs 35% less.",
        "findings": facts,
        "files": ["page.html"],
        "sources": [
            {
                "key": s.key,
                "title": s.title,
                "publisher": s.publisher,
                "edition": s.edition,
                "vintage": s.vintage,
                "sha256": "0" * 64,
            }
            for s in SOURCES
        ],
        "parameters": {},
        "inputs_hash": "abc",
        "iitk_version": "0.1.0",
        "generated": "2026-11-23T09:30:00",
    } | changes


def write_outputs(out: Path) -> Path:
    """A run of three areas and three stages with one failure; returns the landing page."""
    stages = [
        (0, "00_mandate", "Who are we?"),
        (1, "01_economy", "What is our economy?"),
        (3, "03_potential", "Where could growth come from?"),
    ]
    for name in ("Leeds", "Bradford", "Wakefield"):
        for number, key, title in stages:
            folder = out / name.lower() / key
            if (name, number) == ("Wakefield", 3):
                failed = {
                    "status": "failed",
                    "message": "The table gva_lad.parquet is damaged: its checksum differs.",
                    "findings": [],
                    "headline": "",
                }
                write_record(folder, record(name, number, key, title, **failed))
                continue
            write_record(folder, record(name, number, key, title))
            write_text(
                folder / "page.html",
                build_page(
                    economy(name),
                    context(
                        area_name=name,
                        stage_number=number,
                        stage_key=key,
                        stages=journey(key, {k: f"../{k}/page.html" for _, k, _ in stages}),
                    ),
                ),
            )
    return write_index(out, cohort_name="West Yorkshire")
