"""What is measured: each piece of work, the ways of doing it, and what ours must reach.

To add one: write its work in a module of this folder, name it in that module's WORK, and add an Entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.tables import LONG_FILE

Answers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Goal:
    """Ours must take at most `most` of what `against` takes, or at most `most` itself (s or MB) if that is empty."""

    most: float
    against: str = ""
    measure: Literal["seconds", "mb"] = "seconds"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of work: `ways` from a way's name to its work, ours first."""

    key: str
    label: str
    ways: Mapping[str, str]
    goals: tuple[Goal, ...] = ()
    packages: tuple[str, ...] = ()  # other people's, from `make oracles`
    files: tuple[str, ...] = ()  # the publishers', under --shared
    tolerance: float | None = None  # relative difference up to which answers are the same; None: not compared
    note: Callable[[Answers], str] | None = None
    rounds: int = 0  # at most so many, where one takes minutes; 0: as many as are asked for
    stock: bool = False  # whether it needs the environment of `make stock`
    long: bool = False  # whether it is left out unless it is named, or --all is given
    floor: str = ""  # the way that does nothing but the arithmetic: no implementation of the work can be faster


def _quality(answers: Answers) -> str:
    """How near the rule of thumb comes to the best portfolio, and how many are proven to be the best."""
    best, quick = answers["ours"], answers["rule of thumb"]
    shares = [quick[name] / value for name, value in best.items() if name.startswith("value")]
    return (
        f"proven to be the best: {best['proven']:.0f} of {len(shares)}; the rule of thumb reaches "
        f"{sum(shares) / len(shares):.1%} of their value on average, {min(shares):.1%} at worst"
    )


def _alone(answers: Answers) -> str:
    """Whether a run of all areas gives what runs of single areas give."""
    found = answers["ours"]
    return (
        f"{found['stages']:.0f} stages; of {found['areas run alone, too']:.0f} areas run alone, too, "
        f"{found['that differ']:.0f} of {found['their files']:.0f} records and pages differ "
        "(times and the drawings' own numbers aside)"
    )


RUNS = (
    Entry(
        "notebook", "One notebook (01) by papermill, for areas one after the other",
        {
            "ours": "notebook_warm", "stock papermill": "notebook_stock",
            "stock papermill, our environment": "notebook_stock_here", "the cells themselves": "notebook_cells",
        },
        goals=(
            Goal(1 / 10, "stock papermill"), Goal(1 / 6, "stock papermill, our environment"),
            Goal(1.6, "the cells themselves"),
        ),
        stock=True, rounds=3, tolerance=1e-3, floor="the cells themselves",
    ),
    Entry(
        "cohort", "A cohort of 20 areas x all stages (stock: two notebooks at a time)",
        {"ours": "cohort_ours", "stock papermill": "cohort_stock"},
        goals=(Goal(1 / 10, "stock papermill"),), stock=True, rounds=2, tolerance=1e-3,
    ),
    Entry(
        "cohort-unchanged", "The same run again, nothing changed", {"ours": "cohort_unchanged"},
        goals=(Goal(3.0),), rounds=1,
    ),
    Entry(
        "dask", "The cohort on a Dask cluster of 4 workers on this machine",
        {"ours": "cohort_dask", "2 local processes": "cohort_two"},
        goals=(Goal(1.1, "2 local processes"),), rounds=3, tolerance=1e-3,
    ),
    Entry(
        "all-areas", "All 361 districts x all stages; memory of all its processes together",
        {"ours": "everywhere"}, goals=(Goal(15 * 60.0), Goal(2000.0, measure="mb")), rounds=1, long=True, note=_alone,
    ),
    Entry(
        "page", "A stage's page (01) in Chromium, from its address until its choices work; one was there before",
        {"ours": "page_ours", "stock voila": "page_stock"},
        goals=(Goal(1 / 4, "stock voila"), Goal(2.0)), stock=True, rounds=3, tolerance=0.0,
    ),
    Entry(
        "change", "A choice on that page, until Chromium shows the new figure",
        {"ours": "change_ours", "stock voila": "change_stock"},
        goals=(Goal(0.15),), stock=True, rounds=2, tolerance=0.0,
    ),
    Entry(
        "visitors", "Voila, 20 visitors at once; memory that each adds to the server and its kernels",
        {"ours": "visitors_ours", "stock voila": "visitors_stock"},
        goals=(Goal(1 / 3, "stock voila"), Goal(60.0, measure="mb")), stock=True, rounds=2, tolerance=0.0,
    ),
)  # fmt: skip

CHOOSE = (
    Entry(
        "choose-slider", "Slider of stage 7, 40 options, until Chromium shows choice and charts (stock: fewer parts)",
        {"ours": "choose_ours", "scipy's milp in stock voila": "choose_stock"},
        goals=(Goal(0.3),), stock=True, rounds=2, tolerance=1e-3,
    ),
    Entry(
        "choose-followers", "The same, until the last of what follows elsewhere on the page is there",
        {"ours": "choose_followers"}, rounds=2,
    ),
    Entry(
        "choose-page", "The page of stage 7 in Chromium, 40 options, until its choices work; one was there before",
        {"ours": "choose_page_ours", "stock voila": "choose_page_stock"}, stock=True, rounds=2, tolerance=0.0,
    ),
    Entry(
        "choose-cuts", "All four cuts and five scenarios of 40 options, and what these are worth (scipy: choices only)",
        {"ours": "choose_cuts_ours", "scipy's milp": "choose_cuts_scipy"}, goals=(Goal(1.0),), tolerance=1e-4,
    ),
    Entry(
        "choose-draws", "Robustness of a choice among 40 options, 5,000 draws, from the files' figures to the shares",
        {"ours": "choose_draws"}, goals=(Goal(5.0),),
    ),
    Entry("choose-draws-kept", "The same again, kept by the hash of its input", {"ours": "choose_draws_kept"}),
    Entry(
        "choose-draws-100", "The best choice in each of 100 such draws",
        {"ours": "choose_sample_ours", "scipy's milp, draw by draw": "choose_sample_scipy"}, tolerance=1e-3,
    ),
)  # fmt: skip

ENTRIES = (
    Entry(
        "load", "Load the whole-UK table of value added", {"ours": "load_ours", "pandas": "load_pandas"},
        files=(LONG_FILE,),
    ),
    Entry(
        "quotients", "Location quotients, 361 districts x 37 industries x 26 years",
        {"ours": "quotients_ours", "pandas": "quotients_pandas"}, files=(LONG_FILE,),
    ),
    Entry(
        "complexity", "RCA + proximity + density + ECI, 3,200 areas x 1,200 industries",
        {
            "ours": "complexity_ours", "ecomplexity": "complexity_ecomplexity",
            "econcomplex": "complexity_econcomplex_pipeline", "econcomplex, by hand": "complexity_econcomplex",
            "bare products": "complexity_bare", "bare products, plain numpy": "complexity_bare_numpy",
        },
        goals=(
            Goal(1 / 100, "ecomplexity"), Goal(1 / 100, "econcomplex"), Goal(1 / 100, "econcomplex, by hand"),
            Goal(1 / 4, "ecomplexity", "mb"), Goal(1 / 4, "econcomplex", "mb"),
            Goal(2.5, "bare products"), Goal(2.5, "bare products, plain numpy"),
        ),
        packages=("ecomplexity", "econcomplex"), tolerance=1e-6, floor="bare products",
    ),
    Entry(
        "shift-share", "Shift-share year by year, 361 districts x 26 years, one area after the other",
        {"ours": "shift_one_by_one", "pandas": "shift_pandas"}, goals=(Goal(1.0),), tolerance=1e-6,
    ),
    Entry(
        "shift-share-cube", "Shift-share year by year, 361 districts x 26 years, all at once",
        {"ours": "shift_at_once", "pandas": "shift_pandas"}, goals=(Goal(1.0),), tolerance=1e-6,
    ),
    Entry(
        "smaa", "SMAA, 10,000 draws of weights, 40 options x 8 criteria",
        {"ours": "smaa_ours", "pymcdm in a loop": "smaa_pymcdm", "pandas in a loop": "smaa_pandas"},
        goals=(Goal(0.5),), packages=("pymcdm",), tolerance=0.1,
    ),
    Entry(
        "smaa-uncertain", "SMAA, 10,000 draws of weights and scores, 40 options x 8 criteria",
        {"ours": "smaa_uncertain"}, goals=(Goal(0.5),),
    ),
    Entry(
        "portfolio-40", "Portfolio of 40 options, 5 yearly budgets, dependencies and exclusions",
        {"ours": "portfolio_40", "rule of thumb": "portfolio_40_greedy"}, goals=(Goal(0.2),), note=_quality,
    ),
    Entry(
        "portfolio-cuts", "Its six cuts, and the best portfolio under three other sets of values",
        {"ours": "portfolio_cuts"}, goals=(Goal(1.0),),
    ),
    Entry(
        "portfolio-300", "Portfolio of 300 options, 5 yearly budgets, dependencies and exclusions",
        {"ours": "portfolio_300", "rule of thumb": "portfolio_300_greedy"}, goals=(Goal(10.0),), note=_quality,
    ),
    Entry("record", "A full back-test: the whole record of potential", {"ours": "record"}, goals=(Goal(60.0),)),
    *CHOOSE,
    *RUNS,
)  # fmt: skip
