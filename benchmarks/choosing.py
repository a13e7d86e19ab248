"""Choosing among forty options: the slider on the page, cuts, scenarios, draws; beside scipy's solver as it comes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import analyst, forty
from benchmarks.runs import AT_END, STAGES, scratch
from benchmarks.task import Prepare, Setting, Task, Told
from benchmarks.visitors import Server, browser, in_a_browser, open_page, ours, stock

CHOOSE = next(stage for stage in STAGES if stage.stem.startswith("07"))
SLIDER, NUMBER = 'html.ready .live input[type="range"]', '.view-box input[type="number"]'
DRAWS, SAMPLE, SMALL_SAMPLE, INSTANCES = 5_000, 100, 10, 5


def selection(seed: int = 0) -> Any:
    """What there is to choose from, from files of its own, with nothing worked out or kept yet."""
    from iitk.sources import geography
    from iitk.stages import selection as stages

    areas = scratch()
    forty.write(areas, seed)
    os.environ.update(IITK_AREAS=str(areas), IITK_CACHE=str(areas / "kept"))
    return stages.of(geography.resolve(forty.AREA))


def limits(rules: Any, names: Sequence[str], cost: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rules as rows of a matrix over the options, with the least and the most of each."""
    rows = [*_rows(rules, names, cost)]
    table, least, most = zip(*rows, strict=True)
    return np.array(table), np.array(least), np.array(most)


def _rows(rules: Any, names: Sequence[str], cost: np.ndarray) -> Iterator[tuple[np.ndarray, float, float]]:
    def of(chosen: Sequence[str]) -> np.ndarray:
        return np.isin(names, chosen).astype(float)

    def ends(pair: tuple[float | None, float | None]) -> tuple[float, float]:
        least, most = pair
        return -np.inf if least is None else least, np.inf if most is None else most

    for name, needs in rules.requires.items():
        yield from ((of([need]) - of([name]), 0.0, np.inf) for need in needs)
    yield from ((of(pair), -np.inf, 1.0) for pair in rules.excludes)
    yield from ((of(rules.groups[group]), *ends(pair)) for group, pair in rules.counts.items())
    yield from ((of(rules.groups[group]) * cost, *ends(pair)) for group, pair in rules.spend.items())
    yield from ((of([name]), 1.0, 1.0) for name in rules.include)


def by_scipy(found: Any, table: pd.DataFrame, money: pd.Series) -> float:
    """The group's value of scipy's portfolio, from a table of values and costs."""
    costs = table[list(money.index)].to_numpy()
    values, keep = table["group"].to_numpy(), limits(found.rules, list(table.index), costs.sum(axis=1))
    return float(values @ analyst.best(values, costs, money.to_numpy(), keep))


# All cuts and scenarios.


def _sums(results: Sequence[Any]) -> Mapping[str, float]:
    return {f"value of all, {seed}": float(np.sum(values)) for seed, values in enumerate(results)}


def cuts_ours(setting: Setting) -> Task:
    """As the page asks for them, with what every option is worth in each scenario."""
    from iitk.stages import stress

    made = [selection(seed) for seed in range(1 if setting.small else INSTANCES)]

    def work(found: Any) -> list[float]:
        cut = stress.cut(found)["value"]
        return [*cut, *(found.best("group", 100, one.key).value for one in found.files.scenarios)]

    return Task([partial(work, found) for found in made], _sums)


def cuts_scipy(setting: Setting) -> Task:
    """The portfolios alone: the values and costs of each scenario are there before the clock starts."""
    from iitk.stages.selection import CUTS

    def work(found: Any, asked: Sequence[tuple[pd.DataFrame, pd.Series]]) -> list[float]:
        return [by_scipy(found, table, money) for table, money in asked]

    parts = []
    for seed in range(1 if setting.small else INSTANCES):
        found = selection(seed)
        asked = [(found.table(), found.budget() * (1 - cut)) for cut in CUTS]
        asked += [(found.table(one.key), found.budget(100, one.key)) for one in found.files.scenarios]
        parts.append(partial(work, found, asked))
    return Task(parts, _sums)


# Thousands of draws.


def _mean(results: Sequence[Any]) -> Mapping[str, float]:
    return {"mean value of a draw": float(np.mean(results[0]))}


def some_draws(way: Callable[[Any, pd.DataFrame, Mapping[str, pd.DataFrame]], Sequence[float]]) -> Prepare:
    """The same few draws for each way; they are there before the clock starts."""

    def prepare(setting: Setting) -> Task:
        from iitk.stages import stress

        found = selection()
        values, costs = stress.value_draws(found, draws=SMALL_SAMPLE if setting.small else SAMPLE)
        return Task([partial(way, found, values, costs)], _mean)

    return prepare


def _draws_ours(found: Any, values: pd.DataFrame, costs: Mapping[str, pd.DataFrame]) -> Sequence[float]:
    from iitk.analysis.robustness import best_in_draws

    return best_in_draws(values, costs, found.budget(), rules=found.rules).values.to_list()


def _draws_scipy(found: Any, values: pd.DataFrame, costs: Mapping[str, pd.DataFrame]) -> Sequence[float]:
    money = found.budget()
    spent = [costs[name].to_numpy() for name in money.index]
    each = zip(values.to_numpy(), np.stack(spent, axis=2), strict=True)
    return [by_scipy(found, _table(values.columns, value, cost, money.index), money) for value, cost in each]


def _table(names: pd.Index, values: np.ndarray, costs: np.ndarray, budgets: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(costs, names, budgets).assign(group=values)


def draws(*, kept: bool = False) -> Prepare:
    """The page's robustness, from the files' figures to the shares; with `kept`, all that is already there."""

    def prepare(setting: Setting) -> Task:
        from dataclasses import replace

        from iitk.stages import stress

        found, many = selection(), SMALL_SAMPLE if setting.small else DRAWS
        if kept:
            stress.robust(found, draws=many)
        again = replace(found)

        def shares(results: Sequence[Any]) -> Mapping[str, float]:
            return {"options": float(len(results[0].table)), "sum of shares": float(results[0].table["share"].sum())}

        return Task([lambda: stress.robust(again, draws=many)], shares)

    return prepare


# The page.


def page(server: Callable[[Path], Server], control: str) -> Prepare:
    """Stage 7 until the slider works."""

    def prepare(setting: Setting) -> Task:
        selection()  # names the folder that the server reads
        return in_a_browser(server(CHOOSE), control)(setting)

    return prepare


def slider(server: Callable[[], Server], control: str, change: str, which: int = 0) -> Prepare:
    """New sums of money one after the other; the clock runs in the page. `which` of its times counts."""

    def prepare(setting: Setting) -> Task:
        url, _ = AT_END.enter_context(server()())
        page = open_page(browser().new_page(), url, control)
        asked = [percent for percent in range(40, 155, 5) if percent != 100]

        def choose(percent: int) -> Told:
            *milliseconds, said = page.evaluate(change, [control, percent])
            return Told(said, seconds=milliseconds[which] / 1000)

        return Task([partial(choose, percent) for percent in (asked[:2] if setting.small else asked)], _said)

    return prepare


def _said(told: Sequence[Any]) -> Mapping[str, float]:
    """What the pages say of the group's portfolio, all sums of money together."""
    pairs = [re.search(r"(\d+) options?: ([\d,]+) net jobs", said) for said in told]
    numbers = [[float(text.replace(",", "")) for text in pair.groups()] for pair in pairs if pair]
    options, jobs = map(sum, zip(*numbers, strict=True))
    return {"sums of money": float(len(numbers)), "options funded": options, "net jobs": jobs}


def app_ours() -> Server:
    """Stage 7 of forty options, as `iitk serve` shows it."""
    selection()  # names the folder that the server reads
    return _serving(CHOOSE)


def app_stock() -> Server:
    """A notebook with the analyst's code and tables, in Voila."""
    import nbformat

    folder = scratch()
    _tables(selection(), folder)
    code = f"{Path(str(analyst.__file__)).read_text(encoding='utf-8')}\napp(Path({str(folder)!r}))"
    notebook = folder / "choose.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), notebook)  # type: ignore[no-untyped-call]
    return partial(stock, notebook)


def _tables(found: Any, folder: Path) -> None:
    """The options with their values, costs and funders; the money; the rules."""
    money, table = found.budget().rename("pounds"), found.table()
    keep = limits(found.rules, found.short, table[list(money.index)].to_numpy().sum(axis=1))
    table.join(found.worth().funders).rename_axis("option").to_csv(folder / "options.csv")
    money.rename_axis("budget").to_csv(folder / "money.csv")
    rows = pd.DataFrame(keep[0], columns=list(found.short)).assign(low=keep[1], high=keep[2])
    rows.to_csv(folder / "limits.csv", index=False)


def _serving(stage: Path) -> Server:
    return partial(ours, stage, f"area={forty.AREA.replace(' ', '%20')}")


# Both wait until what they look for is there, and then until a frame with it is painted.
_WATCH = """
  let began;
  const seen = (place, ready) => new Promise((done) => new MutationObserver((_, watcher) => {
    if (ready()) { watcher.disconnect(); done(); }
  }).observe(place, { childList: true, subtree: true }));
  const painted = async () => {
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began;
  };
"""
# Until the portfolios and charts are there, and until the record, the last that follows, says the same as they do.
_CHANGE = f"""async ([control, percent]) => {{{_WATCH}
  const view = (name) => document.querySelector(`.view[data-view="${{name}}"]`);
  const chosen = () => view("money").dataset.query.split("&").includes(`money=${{percent}}`);
  const followed = () => chosen() && view("record").dataset.status === view("money").dataset.status;
  const place = (name) => view(name).closest(".live-shown");
  const times = [seen(place("money"), chosen).then(painted), seen(place("record"), followed).then(painted)];
  const slider = document.querySelector(control);
  slider.value = String(percent);
  began = performance.now();
  for (const kind of ["input", "change"]) {{ slider.dispatchEvent(new Event(kind, {{ bubbles: true }})); }}
  return [...await Promise.all(times), view("money").dataset.status];
}}"""
# Until the sentence is there and both charts, which Voila shows as images, are loaded.
_CHANGE_STOCK = f"""async ([control, percent]) => {{{_WATCH}
  const shown = document.querySelector(".widget-interact .widget-output");
  const images = () => [...shown.querySelectorAll("img")];
  const drawn = () => shown.querySelector(`.said[data-money="${{percent}}"]`) && images().length === 2;
  const loaded = () => Promise.all(images().map((image) => image.decode()));
  const time = seen(shown, drawn).then(loaded).then(painted);
  const readout = document.querySelector(control);
  readout.textContent = String(percent);
  began = performance.now();
  readout.dispatchEvent(new KeyboardEvent("keydown", {{ key: "Enter", keyCode: 13, bubbles: true }}));
  return [await time, shown.querySelector(".said").textContent];
}}"""

WORK: dict[str, Prepare] = {
    "choose_ours": slider(app_ours, SLIDER, _CHANGE), "choose_followers": slider(app_ours, SLIDER, _CHANGE, 1),
    "choose_stock": slider(app_stock, ".widget-interact .widget-readout", _CHANGE_STOCK),
    "choose_page_ours": page(_serving, SLIDER), "choose_page_stock": page(lambda stage: partial(stock, stage), NUMBER),
    "choose_cuts_ours": cuts_ours, "choose_cuts_scipy": cuts_scipy,
    "choose_sample_ours": some_draws(_draws_ours), "choose_sample_scipy": some_draws(_draws_scipy),
    "choose_draws": draws(), "choose_draws_kept": draws(kept=True),
}  # fmt: skip
