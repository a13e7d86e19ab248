"""Why output a job differs, between places and between years: the mix of industries, or output within them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Vector, choice, floats, matched, ratio, series
from iitk.errors import MethodError

_VARIANTS = ("foster-haltiwanger-krizan", "fabricant", "mcmillan-rodrik", "griliches-regev")
_SIDES = ("area_output", "area_jobs", "reference_output", "reference_jobs")


def productivity_gap(
    area_output: Vector, area_jobs: Vector, reference_output: Vector, reference_jobs: Vector
) -> pd.DataFrame:
    """
    Split the gap in output a job between an area and a reference into industry mix and output within industries.

    With s_i, r_i the industry's share of jobs here and there, q_i, c_i its output a job here and there, and C the
    reference's output a job overall:

    mix_i = (s_i - r_i) (c_i - C): more jobs here in an industry that is more productive than the average there.
    within_i = s_i (q_i - c_i): the same industry yields more or less here, at its weight here.

    The sum of both over industries is exactly q - C, the gap. There is no third, interaction, term: it is folded into
    `within` by weighing with the area's own shares. Taking C off changes no sum, because s and r both add to 1; it
    makes an industry's mix effect negative where the area has more than its share of a less productive industry.

    Parameters
    ----------
    area_output, area_jobs, reference_output, reference_jobs
        By industry, on one list, for one year: GVA in current prices (£m) and jobs. Leave out imputed rent (68IMP),
        which has no jobs.

    Returns
    -------
    Industries x (mix, within, total), output units a job (£m a job if output is in £m). An industry with a missing
    figure or negative jobs on either side has a missing row, is named with the reason in `.attrs["missing"]`, and is
    left out of all sums; the others are unharmed. Negative output is kept: a loss lowers output a job. Industries
    without jobs in the area have within = their output / all jobs; without jobs in the reference, c_i is taken as C,
    and any output that it has there all the same counts as within.

    Raises
    ------
    MethodError
        Industries that differ between the sides, no jobs on one side.

    Notes
    -----
    Jobs are not hours: part-time work shows as low productivity. Not for output that no jobs stand behind (imputed
    rent), nor to say that moving people between industries would close the gap. Source: shift-share of productivity
    levels, Esteban (2000), Regional Science and Urban Economics 30, with interaction folded in.

    Examples
    --------
    >>> table = productivity_gap({"a": 80, "b": 20}, {"a": 2, "b": 2}, {"a": 450, "b": 50}, {"a": 9, "b": 1})
    >>> table["mix"].sum().round(6), table["within"].sum().round(6)  # 25 - 50 = -25: all within
    (np.float64(0.0), np.float64(-25.0))
    """
    values = (area_output, area_jobs, reference_output, reference_jobs)
    labels, (y, jobs, z, others), missing = _four(dict(zip(_SIDES, values, strict=True)))
    here, there = _jobs(jobs, "area_jobs"), _jobs(others, "reference_jobs")
    share, compared = jobs / here, others / there
    overall = np.nansum(z) / there
    yields = np.where(others == 0, overall, ratio(z, others))
    mix = (share - compared) * (yields - overall)
    # s_i (q_i - c_i) in the form that also holds where either side has no jobs in the industry.
    within = y / here - z / there - (share - compared) * yields
    table = pd.DataFrame({"mix": mix, "within": within, "total": mix + within}, index=labels)
    table.attrs["missing"] = missing
    return table


def productivity_decomposition(
    start_output: Vector, start_jobs: Vector, end_output: Vector, end_jobs: Vector, *,
    variant: str = "foster-haltiwanger-krizan",
) -> pd.DataFrame:  # fmt: skip
    """
    Split the change in output a job between two years into within, between and interaction.

    With s the industry's share of jobs, q its output a job, Q the output a job overall (0 start, 1 end):

    - "foster-haltiwanger-krizan" (default): within = s0 (q1 - q0); between = (s1 - s0) (q0 - Q0);
      interaction = (s1 - s0) (q1 - q0). Between: jobs move to industries that were more productive than average;
      interaction: to those whose output a job rises.
    - "fabricant": the plain shift-share, between = (s1 - s0) q0. The sums are those of the default, but any industry
      that gains jobs has a positive between, however little it yields.
    - "mcmillan-rodrik": two terms, within = s0 (q1 - q0) and between ("structural change") = (s1 - s0) q1.
    - "griliches-regev": averages over both years as weights, and no interaction:
      within = (s0 + s1)/2 (q1 - q0); between = (s1 - s0) ((q0 + q1)/2 - (Q0 + Q1)/2).

    Output must be in constant prices, else inflation shows as `within`; chained volumes by industry do not add up
    exactly, so the sum then differs slightly from the published total's change.

    Parameters
    ----------
    start_output, start_jobs, end_output, end_jobs
        By industry, on one list: output in constant prices (£m) and jobs, of the first and of the last year.
    variant
        One of the four above.

    Returns
    -------
    Industries x (within, between, interaction, total); the sum over industries is the change in output a job, exactly.
    Where an industry has no jobs in a year its output a job is taken as that of the other year (or the overall figure
    if it has jobs in neither), so that arriving and leaving count as between. Output without jobs counts as within.
    Missing rows as in `productivity_gap`.

    Raises
    ------
    MethodError
        As in `productivity_gap`; an unknown variant.

    Notes
    -----
    Not for two years of a boom and a slump: capacity that stands idle shows as `within`.
    Sources: Foster, Haltiwanger and Krizan (2001), New Developments in Productivity Analysis (NBER);
    Fabricant (1942), Employment in Manufacturing; McMillan and Rodrik (2011), NBER working paper 17143; Griliches and
    Regev (1995), Journal of Econometrics 65; OECD (2003).

    Examples
    --------
    >>> table = productivity_decomposition({"a": 100, "b": 40}, {"a": 5, "b": 5}, {"a": 200, "b": 32}, {"a": 8, "b": 4})
    >>> table.sum().round(4).to_dict()  # 14 to 19.3333
    {'within': 2.5, 'between': 2.0, 'interaction': 0.8333, 'total': 5.3333}
    """
    choice(variant, _VARIANTS, "variant")
    sides = {"start_output": start_output, "start_jobs": start_jobs, "end_output": end_output, "end_jobs": end_jobs}
    labels, (y0, l0, y1, l1), missing = _four(sides)
    first, last = _jobs(l0, "start_jobs"), _jobs(l1, "end_jobs")
    s0, s1 = l0 / first, l1 / last
    overall0, overall1 = np.nansum(y0) / first, np.nansum(y1) / last
    q0, q1 = _yields(y0, l0, y1, l1, overall0), _yields(y1, l1, y0, l0, overall1)
    moved, risen = s1 - s0, q1 - q0
    if variant == "griliches-regev":
        middle = (overall0 + overall1) / 2
        within, between = (s0 + s1) / 2 * risen, moved * ((q0 + q1) / 2 - middle)
    else:
        level = {"fabricant": q0, "mcmillan-rodrik": q1}.get(variant, q0 - overall0)
        within, between = s0 * risen, moved * level
    two_terms = variant in ("griliches-regev", "mcmillan-rodrik")
    interaction = np.where(np.isnan(within), np.nan, 0.0) if two_terms else moved * risen
    # Output that no jobs stand behind is in Y/L but in no s q.
    within = within + np.where(l1 == 0, y1 / last, 0) - np.where(l0 == 0, y0 / first, 0)
    table = pd.DataFrame({"within": within, "between": between, "interaction": interaction}, index=labels)
    table["total"] = table.sum(axis=1, skipna=False)
    table.attrs["missing"] = missing
    return table


def _four(sides: dict[str, Vector]) -> tuple[pd.Index, list[Floats], dict[object, str]]:
    """Align the four sets of figures; blank an industry that lacks any or has negative jobs, and say which."""
    first = next(iter(sides))
    labels = series(sides[first], first).index
    columns = {name: floats(matched(values, labels, name, first), name) for name, values in sides.items()}
    missing: dict[object, str] = {}
    for row, label in enumerate(labels):
        gaps = [name for name, column in columns.items() if np.isnan(column[row])]
        below = [name for name, column in columns.items() if name.endswith("jobs") and column[row] < 0]
        words = [f"{what} in {' and '.join(names)}" for what, names in
                 (("no figure", gaps), ("negative figure", below)) if names]  # fmt: skip
        if words:
            missing[label] = "; ".join(words)
    bad = np.array([label in missing for label in labels], dtype=bool)
    return labels, [np.where(bad, np.nan, column) for column in columns.values()], missing


def _jobs(jobs: Floats, argument: str) -> float:
    """All jobs of one side, above zero."""
    if not (whole := float(np.nansum(jobs))) > 0:
        raise MethodError(f"{argument} adds up to nothing over the industries with all four figures: no output a job.")
    return whole


def _yields(output: Floats, jobs: Floats, other_output: Floats, other_jobs: Floats, overall: float) -> Floats:
    """Output a job; that of the other year where there are no jobs, and the overall one where there never are."""
    other = np.where(other_jobs == 0, overall, ratio(other_output, other_jobs))
    return np.where(jobs == 0, other, ratio(output, jobs))
