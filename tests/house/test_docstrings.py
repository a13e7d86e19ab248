"""What the help of every public method must say: what it does, an example that runs, errors, source, and limits."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOORS = (
    "specialisation", "growth", "relatedness", "inputoutput", "benchmarking", "appraisal", "additionality", "worth",
    "preferences", "agreement", "portfolio", "evaluation", "roadmap",
)  # fmt: skip

# What others were promised to find behind each door: were a door to lose its names, nothing below would notice.
PROMISED = {
    "specialisation": "location_quotient location_quotient_interval herfindahl_index gini_index theil_index "
    "hoover_index krugman_index entropy related_variety locational_gini ellison_glaeser_index cluster_index",
    "growth": "shift_share dynamic_shift_share shift_share_forecast productivity_decomposition",
    "relatedness": "revealed_comparative_advantage presence proximity relatedness_density complexity fitness "
    "reflections cooccurrence_relatedness opportunities backtest",
    "inputoutput": "technical_coefficients leontief_inverse regional_coefficients output_multipliers",
    "benchmarking": "denominate impute screen treat normalise aggregate rank_uncertainty nearest_neighbours",
    "appraisal": "discount_factors present_value net_present_value benefit_cost_ratio equivalent_annual_cost "
    "optimism_bias switching_value monte_carlo tornado sobol_indices",
    "additionality": "net_additional cost_per_net_job",
    "worth": "appraise steps draw ranges switching",
    "preferences": "weighted_sum topsis promethee_ii swing_weights pairwise_weights rank_acceptability dominance",
    "agreement": "kendalls_w krippendorff_alpha ordinal_agreement polarisation cut_line_stability",
    "portfolio": "choose greedy equal_shares cut_test frontier core_sets",
    "evaluation": "difference_in_differences synthetic_control synthetic_did brier_score interval_coverage",
    "roadmap": "dependency_order circles date_conflicts critical_path spend_per_year load_per_year",
}

# Functions that need not say something, and why that is right. All others must; an excuse that is not needed fails.
EXCUSED = {
    "its source": {
        "concentration_reasons": "says in words which figures are missing; nothing is worked out",
        "quotient_reasons": "says in words which figures are missing; nothing is worked out",
        "rounding_band": "takes its source, like its steps, from `rounding_half_width`",
    },
    "what it is not for": {
        "shift_share_cube": "works by the rules of `shift_share`, with the same limits",
    },
}

LIMIT = re.compile(
    r"(?:^|[.;:)?]|-{3,})\s+(?:Not|Do not)\b"  # a sentence that begins so
    r"|\b(?:do not use|not for|nor for|nor to|does not know|knows nothing)\b"
    r"|, not (?:[a-z]+\b)(?! given)"  # it measures this, not that
    r"|\bwild for\b|\bcompare only\b"
)
SHAPE = re.compile(
    r"\b\w+ x \(?\w+|\bby (?:area|industry|option|year|criterion|name|input|event|task|cut|label|step)\b"
    r"|\b(?:one|a) (?:number|row|result) an?\b|\btable\b|\blists?\b|\b(?:any )?shapes?\b|\blabel|\bcell",
    re.IGNORECASE,
)
UNIT = re.compile(
    r"\bunits?\b|\bshares?\b|\bratio\b|\bmoney\b|£|\bprices?\b|\bjobs\b|\bperson-years\b|\bstandard deviations?\b"
    r"|\b[01]\b.{0,60}\b(?:[01]|log n)\b|\bcosts?\b|\bprobabilit|\btext\b|\bTrue where\b",
    re.IGNORECASE,
)
BORROWED = re.compile(  # from which function
    r"\b(?:[Ee]rrors|[Rr]aises?(?: MethodError)?|[Aa]rguments|[Aa]s|rules of)\b[^.`]*`(?:\w+\.)?(\w+)`"
)


def public(door: str) -> dict[str, Any]:
    """The functions and classes that a door shows: those it lists, or all that it defines itself."""
    module = importlib.import_module(f"iitk.analysis.{door}")
    names = getattr(module, "__all__", None) or [
        name for name, found in vars(module).items()
        if not name.startswith("_") and getattr(found, "__module__", None) == module.__name__
    ]  # fmt: skip
    shown = {name: getattr(module, name) for name in names}
    return {name: found for name, found in shown.items() if inspect.isfunction(found) or inspect.isclass(found)}


SHOWN = {(door, name): found for door in DOORS for name, found in public(door).items()}
FUNCTIONS = {name: found for (_, name), found in SHOWN.items() if inspect.isfunction(found)}
HOLDERS = {name: found for (_, name), found in SHOWN.items() if inspect.isclass(found)}


def prose(found: Any) -> str:
    """The docstring without its examples."""
    return (inspect.getdoc(found) or "").split("\nExamples\n---")[0]


def examples(found: Any) -> list[doctest.Example]:
    """The examples that pytest will run."""
    tests = doctest.DocTestFinder(recurse=False).find(found, found.__name__, globs={})
    return [example for test in tests for example in test.examples]


def whole(found: Any) -> str:
    """The help of a function on one line, with that of the functions to which it refers for arguments or errors."""
    texts, wanted = {}, [found.__name__]
    while wanted:
        name = wanted.pop()
        texts[name] = prose(FUNCTIONS[name])
        wanted += [other for other in lenders(texts[name]) if other not in texts]
    return " ".join(" ".join(texts.values()).split())


def takes_or_gives(found: Any, *kinds: str) -> bool:
    """Whether a signature has any of these words in its types."""
    signature = inspect.signature(found)
    hints = f"{signature.return_annotation} {[one.annotation for one in signature.parameters.values()]}"
    return any(kind in hints for kind in kinds)


def lenders(text: str) -> list[str]:
    """The functions to whose errors or arguments a text refers."""
    return [name for name in BORROWED.findall(text) if name in FUNCTIONS]


def has_summary(text: str) -> bool:
    first = text.split("\n\n", maxsplit=1)[0]
    return len(first.split()) >= 4 and first.rstrip().endswith((".", "?", ":"))


def names_errors(text: str) -> bool:
    """Which errors, or whose: "Errors as `other`" counts if the other names its own."""
    if re.search(r"\b[Rr]aises(?: -+)? MethodError\b|\braise MethodError\b", " ".join(text.split())):
        return True
    return any("MethodError" in prose(FUNCTIONS[name]) for name in lenders(text))


CHECKS: dict[str, Callable[[str], bool]] = {
    "its summary in one sentence": has_summary,
    "the errors it raises": names_errors,
    "its source": lambda text: bool(re.search(r"\bSources?:\s\S", text)),
    "the shape of what goes in or comes out": lambda text: bool(SHAPE.search(" ".join(text.split()))),
    "a unit or a scale": lambda text: bool(UNIT.search(" ".join(text.split()))),
    "what it is not for": lambda text: bool(LIMIT.search(" ".join(text.split()))),
}
TABLES = ("DataFrame", "Series", "Vector", "ArrayLike", "Floats", "Mapping", "Sequence", "Table", "Needs")
APPLIES: dict[str, Callable[[Any], bool]] = {  # to functions of plain numbers there is no shape, to names no unit
    "the shape of what goes in or comes out": lambda found: takes_or_gives(found, *TABLES),
    "a unit or a scale": lambda found: "list[" not in str(inspect.signature(found).return_annotation),
}
MAY_REFER = ("the shape of what goes in or comes out", "a unit or a scale")  # to another function's help

# A docstring that has everything, and what to take from it so that one thing is missing.
WHOLE = """Cut a cake into equal shares.

share = cake / guests. Cakes x guests in, a table of shares out. Not for pies.
Raises MethodError without guests. Source: Euclid (300 BC), Elements."""
WITHOUT = {
    "its summary in one sentence": ("Cut a cake into equal shares.", "Cake"),
    "the errors it raises": ("Raises MethodError without guests.", ""),
    "its source": ("Source: Euclid (300 BC), Elements.", ""),
    "the shape of what goes in or comes out": ("Cakes x guests in, a table of shares out.", "Cakes go in, shares out."),
    "a unit or a scale": ("shares", "bits"),
    "what it is not for": ("Not for pies.", ""),
}


@pytest.mark.parametrize("wanted", CHECKS)
def test_a_check_sees_what_is_missing(wanted):
    taken, put = WITHOUT[wanted]
    spoilt = WHOLE.replace(taken, put).replace("share =", "one =") if "unit" in wanted else WHOLE.replace(taken, put)
    assert all(check(WHOLE) for check in CHECKS.values())
    assert [name for name, check in CHECKS.items() if not check(spoilt)] == [wanted]


def test_the_doors_show_what_was_promised():
    assert set(PROMISED) == set(DOORS)
    missing = [f"{door}.{name}" for door in DOORS for name in PROMISED[door].split() if (door, name) not in SHOWN]
    assert missing == []
    assert len(FUNCTIONS) >= 100


@pytest.mark.parametrize("wanted", CHECKS)
def test_every_function_says(wanted):
    read = whole if wanted in MAY_REFER else prose
    asked = {name: found for name, found in FUNCTIONS.items() if APPLIES.get(wanted, bool)(found)}
    assert len(asked) > 0.9 * len(FUNCTIONS)
    without = [name for name, found in asked.items() if not CHECKS[wanted](read(found))]
    excused = set(EXCUSED.get(wanted, ()))
    assert not (bare := sorted(set(without) - excused)), f"The help of these does not say {wanted}: {bare}"
    assert not (idle := sorted(excused - set(without))), f"These need no excuse: {idle}"


def test_every_argument_is_explained():
    """By name, or in the help of the function to which the help refers; the summary speaks of the first one."""
    silent = []
    for name, found in FUNCTIONS.items():
        text = whole(found)
        silent += [
            f"{name}({argument})" for argument in list(inspect.signature(found).parameters)[1:]
            if not re.search(rf"\b{argument}\b", text)
        ]  # fmt: skip
    assert not silent, f"Arguments that nothing explains: {silent}"


def test_every_function_has_an_example_with_an_answer():
    without = [name for name, found in FUNCTIONS.items() if not any(example.want for example in examples(found))]
    assert without == []


def test_the_examples_are_run():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert "iitk/analysis" in settings["testpaths"]
    assert "--doctest-modules" in settings["addopts"]
    skipped = [
        name for name, found in FUNCTIONS.items()
        if any(example.options.get(doctest.SKIP) for example in examples(found))
    ]  # fmt: skip
    assert skipped == []


def test_signatures_are_typed_in_full():
    untyped = []
    for name, found in FUNCTIONS.items():
        signature = inspect.signature(found)
        hints = [one.annotation for one in signature.parameters.values()] + [signature.return_annotation]
        if inspect.Signature.empty in hints:
            untyped.append(name)
    assert untyped == []


def test_classes_only_hold_what_methods_take_and_give():
    """So they need no source and no example of their own: a summary, and a function that shows them."""
    hints = " ".join(
        f"{one.return_annotation} {[each.annotation for each in one.parameters.values()]}"
        for one in map(inspect.signature, FUNCTIONS.values())
    )
    assert len(HOLDERS) >= 20
    for name, found in HOLDERS.items():
        assert dataclasses.is_dataclass(found) or issubclass(found, float), name
        assert has_summary(prose(found)), name
        assert re.search(rf"\b{name}\b", hints), name
