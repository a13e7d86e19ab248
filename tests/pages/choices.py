"""Stages 6 and 7 as a team would see them, made by hand from the example options: every block once."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import NotebookNode

from iitk.model import Badge, Option
from iitk.publish.page import build_page, journey
from iitk.sources import options
from iitk.words import blocks, choosing

FILE = "options.csv of the illustrative West Yorkshire example"
PRICES = "2026 prices, real; ranges are 8 of 10 draws"
HASH = "9f2c41d07be85a6630c1f4e2aa97d15b8c3e60f7d2194ab5c8e07f36d91b24ac"
WHY = "The combined authority and its chamber of commerce, within a week"


def real() -> ModuleType:
    spec = importlib.util.spec_from_file_location("realistic_pages", Path(__file__).with_name("realistic.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trace(option: Option) -> choosing.Trace:
    step = choosing.TraceStep
    return choosing.Trace(
        option.name,
        [
            step("fact", "Textiles weigh 5.1 times as much here as in the UK.", Badge.OBSERVED, "BRES, 2024"),
            step("gap", missing="nobody has counted the firms that had to turn trials away", who=WHY),
            step("opportunity", option.opportunity, Badge.JUDGEMENT, "Stage 3, quadrant “build on”"),
            step("vote", "Seven of nine members marked it; the university did not.", Badge.JUDGEMENT, "Stage 4"),
            step("assumption", option.logic.assumptions + ".", Badge.JUDGEMENT, FILE),
            step("cost", "Costs £5.9 million before optimism bias of 39%.", Badge.ILLUSTRATIVE, FILE),
            step("evidence", option.evidence_reference + ".", Badge.ILLUSTRATIVE, FILE),
        ],
    )


def card(at: int, option: Option) -> choosing.OptionCard:
    jobs = [o.central for o in option.outcomes if o.measure == "jobs"]
    net = round(jobs[-1] * 0.52) if jobs else None
    return choosing.OptionCard(
        option.name,
        option.underpinning,
        option.lever,
        option.opportunity,
        option.owner,
        sum(c.amount for c in option.costs if c.kind == "capital"),
        sum(c.amount for c in option.costs if c.kind == "revenue"),
        net,
        option.evidence_grade,
        option.risk_level,
        net_jobs_range=None if net is None else (net * 0.6, net * 1.35),
        risks=option.risks,
        needs=option.needs,
        excludes=option.excludes,
        dropped="Fails “A public body may do it”: the law gives this power to ministers" if at % 7 == 6 else "",
        trace=trace(option),
    )


def long_list() -> choosing.OptionCards:
    found = options.example().options
    return choosing.OptionCards([card(at, option) for at, option in enumerate(found)], FILE, PRICES)


def short_list() -> choosing.ShortList:
    names = [option.name for option in options.example().options]
    return choosing.ShortList(
        [choosing.Kept(name, "Passes all five factors") for name in names[:9]],
        [
            choosing.Dropped(names[6], "Can start within two years", "No electrolyser before 2030", "The grid"),
            choosing.Dropped(
                names[22],
                "A public body here may do it",
                "Regulators of lawyers are national",
                "The Legal Services Board, if it were asked to name the area as a place for trials",
            ),
        ],
        [choosing.NotKnown(names[5], "Owners agree", "Three trusts have not answered", "The integrated care board")],
        source="Scores of the workshop of 12 November 2026",
    )


def portfolios(count: int = 3) -> choosing.Portfolios:
    made = [
        choosing.Portfolio(
            "Most worth for the money",
            "Worth most to society within the budget; three of five underpinnings.",
            612, 41_300_000, 38_600_000,
            ["Digital adoption vouchers", "Technician bootcamps", "Shared textile pilot line",
             "Management academy for family firms", "Faster decisions on employment land",
             "End small grants with high deadweight", "Local development orders for five mill sites",
             "Shared export desk with neighbours", "One front door for public contracts", "Health data trust"],
            ["Health campus on the station site", "Hydrogen trial network", "Regional growth equity fund",
             "Heat network for the southern valley", "Buy innovation first in health and care", "and 9 more"],
            [("Combined authority", 21_400_000), ("Government", 13_100_000), ("Councils", 4_100_000)],
            10, 1, 0.87, ["Chief executive of the housing partnership", "Vice-chancellor"], is_ours=True,
            net_jobs_range=(410, 790), net_worth_range=(18_000_000, 63_500_000),
        ),
        choosing.Portfolio(
            "Most jobs",
            "Most net jobs, whatever they are worth.",
            744, -2_150_000, 39_900_000,
            ["Inward investment grants", "Technician bootcamps", "Convert two mills to maker space"],
            ["Regional growth equity fund", "Health technology proving ground"],
            [("Combined authority", 26_000_000), ("Government", 13_900_000)],
            7, 3, 0.52, [], net_jobs_range=(380, 1_010), net_worth_range=(-21_000_000, 14_000_000),
        ),
        choosing.Portfolio(
            "Fairest to the weakest places",
            "Most of what members count as fair.",
            398, None, 37_250_000,
            ["Retrofit and heat pump academy", "Local development orders for five mill sites"],
            [], [("Councils", None)], 8, 0,
        ),
        choosing.Portfolio("Least risk", "Nothing of high risk.", 301, 22_000_000, 19_000_000, ["A"], [], [], 4, 0),
    ]  # fmt: skip
    return choosing.Portfolios(made[:count], source=FILE, period=PRICES)


def not_now() -> choosing.NotNow:
    one = choosing.LeftOut
    return choosing.NotNow(
        [
            one("Heat network for the southern valley", "money",
                "It needs £9.4 million of capital in 2028; £3.1 million is left.",
                "£6.3 million more of capital in 2028, or works that start a year later.",
                "£4.2 million less net worth, 31 net jobs fewer"),
            one("Hydrogen trial network", "fails", "It fails “can start within two years”.",
                "A grid connection before 2029."),
            one("Inward investment grants", "worth", "It costs £17 million and is worth £11 million to society.",
                "Deadweight under 0.35 (it is 0.55): grants only for firms that would really go elsewhere.",
                "£5.8 million less net worth"),
            one("Mill demolition and new sheds", "excluded", "It cannot stand beside “Convert two mills to maker "
                "space”.", "That option would have to go.", "12 net jobs fewer"),
            one("Health technology proving ground", "needs", "It needs the “Health data trust”.",
                "The trust would have to be worth its money."),
            one("Shared export desk with neighbours", "others", "The machine tool mission brings more.",
                "Another 20 net jobs for the same money.", "20 net jobs fewer"),
        ],
        source=FILE, period=PRICES,
    )  # fmt: skip


def cuts() -> choosing.CutTest:
    return choosing.CutTest(
        [
            choosing.Cut(0.0, 9, 612, 41_300_000, "Nine options fit."),
            choosing.Cut(0.1, 8, 585, 39_900_000, "A tenth less costs 4% of the jobs.", ["Shared textile pilot line"]),
            choosing.Cut(
                0.25, 7, 541, 36_200_000, "Bootcamps shrink.", ["Shared textile pilot line", "Technician bootcamps",
                "One front door for public contracts"], ["Shared export desk with neighbours"],
            ),
            choosing.Cut(0.5, 4, 372, None, "Half the money keeps 61% of the jobs.", ["Five options"]),
        ],
        source=FILE, period=PRICES,
    )  # fmt: skip


def minority() -> choosing.MinorityReport:
    return choosing.MinorityReport(
        [
            choosing.Minority(
                "Chief executive of the housing partnership",
                ["Retrofit and heat pump academy", "Local development orders for five mill sites"],
                ["Digital adoption vouchers"],
                "Gives 40 of 100 points to fairness; the group’s median is 15.",
                ["The valley has waited twenty years for something of its own."],
            ),
            choosing.Minority("Vice-chancellor", ["Health technology proving ground"], [], "Gives no point to speed."),
        ],
        "weights.csv",
    )


def sheet(**changes: object) -> choosing.DecisionRecord:
    found = options.example().options
    picked = found[:8]
    plain: dict[str, object] = {
        "question": "Which few measures for West Yorkshire’s growth do we fund from 2027 to 2031, within £40 million?",
        "considered": 25,
        "short_listed": 18,
        "chosen": [choosing.ChosenOption(o.name, sum(c.amount for c in o.costs), o.owner) for o in picked],
        "result": "612 net jobs (410 to 790) and £41m of net worth (£18m to £64m) for £38.6m.",
        "conditions": ["The data trust is agreed before the proving ground is let.", "A review after year two.",
                       "The city council keeps its £6 million of capital in 2028, whatever the settlement says."],
        "dissent": ["The housing partnership would fund the retrofit academy: fairness weighs more.",
                    "The university would wait for the proving ground rather than build the campus now."],
        "not_now": [option.name for option in found[8:]],
        "unknown": ["Whether three hospital trusts will share data.", "Rents after the mill works.",
                    "Health campus on the station site: can start within two years"],
        "owner": "Director of strategy, combined authority",
        "review": date(2028, 11, 30),
        "signed_by": ["Mayor", "Chair of the business board", "Chief finance officer", "Leader of the lead district"],
        "evidence_hash": HASH,
        "vintage": "HM Treasury, The Green Book (February 2026), in force in November 2026",
        "vintage_status": "61 of its values are not confirmed at source",
        "files": [("options.csv", HASH), ("choice.toml", HASH[::-1]), ("factors.csv", HASH[3:] + HASH[:3]),
                  ("weights.csv", HASH[5:] + HASH[:5]), ("scores.csv", HASH[7:] + HASH[:7])],
        "money": "2026 prices, with optimism bias",
    }  # fmt: skip
    return choosing.DecisionRecord(**(plain | changes))  # type: ignore[arg-type]


def game() -> choosing.GameBoard:
    chosen = {0, 1, 3, 5}
    rows = [
        choosing.GameRow(
            o.name,
            "in" if at in chosen else "out: needs the Health data trust" if o.needs else "out",
            sum(c.amount for c in o.costs),
            None if at == 7 else 20 + at,
            is_in=at in chosen,
        )
        for at, o in enumerate(options.example().options[:12])
    ]
    meters = [
        choosing.Meter(f"{kind} {year}", spent, budget)
        for kind, year, spent, budget in (
            ("Capital", 2027, 2_300_000, 5e6), ("Capital", 2028, 6_200_000, 5e6), ("Capital", 2029, 0, 5e6),
            ("Revenue", 2027, 900_000, 3e6), ("Revenue", 2028, 3_000_000, 3e6), ("Revenue", 2029, 100_000, 0.0),
        )
    ]  # fmt: skip
    return choosing.GameBoard(
        rows, meters,
        ["Capital 2028 is over by £1.2 million.", "“Shared textile pilot line” needs “Technician bootcamps”."],
        203, 11_900_000, "The same money could bring 140 more net jobs.", source=FILE, period=PRICES,
    )  # fmt: skip


def rails() -> choosing.GuardRails:
    return choosing.GuardRails(
        [
            choosing.GuardRail("Nine options are chosen, more than five priorities.", "Say which five come first."),
            choosing.GuardRail("Nothing was rejected.", "Ask of each option which fact would make you drop it."),
        ],
        "number of priorities, options rejected",
    )


def assumptions() -> choosing.Assumptions:
    one = choosing.Assumption
    return choosing.Assumptions(
        [
            one("Discount rate", "3.5%", "share a year, real", "HM Treasury, The Green Book (2022), table 7",
                "verified", "Every present value"),
            one("Optimism bias, non-standard buildings", "51%", "share of capital", "Supplementary guidance (2003)",
                "judgement, to be confirmed", "Cost of works: four options"),
        ],
        "green-book-2026",
    )  # fmt: skip


def notebook() -> NotebookNode:
    """Both stages on one page, each block under a question."""
    module = real()
    shown, text = module.shown, module.text
    cells = [
        text("# Which few measures are worth the money?"),
        shown(blocks.StageHeader(7, 90, "a portfolio, and a record to sign", "West Yorkshire", "the UK")),
        shown(blocks.Lead("Nine of 25 options fit the money, and five stay in whatever we doubt.")),
    ]
    for question, made in (
        ("What could we do?", long_list()),
        ("Why is this here?", trace(options.example().options[0])),
        ("What is left when each must pass?", short_list()),
        ("What should we be careful about?", rails()),
        ("Which three ways are there?", portfolios()),
        ("Can you do better by hand?", game()),
        ("What if money goes?", cuts()),
        ("Why not now?", not_now()),
        ("Who would choose otherwise?", minority()),
        ("What does it rest on?", assumptions()),
        ("What do we sign?", sheet()),
        ("And what is still to be written?", sheet(**dict.fromkeys(("conditions", "dissent", "not_now", "unknown"), ()),
                                                   owner="", review=None, signed_by=())),
    ):
        cells += [text(f"## {question}"), shown(made)]
    return nbformat.v4.new_notebook(cells=cells)


def page() -> str:
    """The page of both stages, as HTML."""
    told = real().context(
        area_name="West Yorkshire", stage_number=7, stage_key="07_choose", title="Which few measures?",
        stages=journey("07_choose", {"06_options": "../06_options/page.html"}),
    )  # fmt: skip
    return build_page(notebook(), told)
