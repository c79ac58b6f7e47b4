"""A plan as plain tables: what the command line prints and the pages draw."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.result import PlanResult
from shopplan.response import Curve, anchor, draw
from shopplan.terms import LEVERS, METRICS, RESOURCES, SEED_DEFAULT, Target

MONTHLY = (
    "orders", "gross_sales", "net_sales", "gross_margin", "gross_margin_rate", "contribution", "marketing",
    "marketing_share", "cac", "people", "ebitda", "operating_profit", "cash", "stock", "headcount",
)  # fmt: skip
BANDED = ("net_sales", "gross_margin", "contribution", "cash")
BAND = (0.1, 0.9)
CURVE_DRAWS = 400


def stated(metric: str, value: float) -> float:
    """The value of a metric as it is told to a reader; NaN for none."""
    return math.nan if METRICS[metric].none_at_zero and not value else value


def months(result: PlanResult) -> pd.DataFrame:
    """One row a planned month: ``month`` and the metrics of `MONTHLY`, with ``_p10`` and ``_p90`` of `BANDED`."""
    table: dict[str, Any] = {"month": result.months}
    for metric in MONTHLY:
        table[metric] = [stated(metric, value) for value in result.path(metric)]
    for metric in BANDED:
        table[f"{metric}_p10"], table[f"{metric}_p90"] = result.band(metric)
    return pd.DataFrame(table)


def phase_spans(result: PlanResult) -> list[tuple[str, int, int]]:
    """Phases that touch the horizon: id, first month, month after the last."""
    spans, start = [], 0
    for phase in result.baseline.phases:
        end = min(start + phase.months, len(result.months))
        if start < end:
            spans.append((phase.id, start, end))
        start += phase.months
    return spans


def phases(result: PlanResult) -> pd.DataFrame:
    """Resources by phase: phase, part (one of `RESOURCES`), amount, share of the phase's resources."""
    amounts = {part: np.sum([result.path(m) for m in metrics], axis=0) for part, metrics in RESOURCES.items()}
    rows = []
    for phase, start, end in phase_spans(result):
        sums = {part: float(path[start:end].sum()) for part, path in amounts.items()}
        total = sum(sums.values())
        rows += [(phase, part, amount, amount / total if total else 0.0) for part, amount in sums.items()]
    return pd.DataFrame(rows, columns=["phase", "part", "amount", "share"])


def bridge(result: PlanResult) -> list[tuple[str, float]]:
    """Opening cash, the flows that change it, and closing cash; the flows add up to the difference."""
    steps = [("opening_cash", result.values["opening_cash"]), ("receipts", result.total("receipts"))]
    paid = ("supplier_payments", "marketing_payments", "operating_payments", "capex_payments")
    steps += [(metric, -result.total(metric)) for metric in paid]
    return [*steps, ("cash", float(result.path("cash")[-1]))]


def curve_points(result: PlanResult, channel: str, marks: tuple[float, ...], points: int = 25) -> dict[str, Array]:
    """Response curve of a channel in a steady month: spend, sales, P10 and P90 by its draws, no inflation.

    Runs from nothing to twice the largest of ``marks``, spends that are among the points.
    """
    curve = planned_curve(result, channel)
    spend = np.unique(np.concatenate([np.linspace(0, 2 * max(marks), points), marks]))
    low, high = np.quantile(_drawn_sales(curve, spend), BAND, axis=1)
    return {"spend": spend, "sales": curve.sales(spend), "lo": low, "hi": high}


def present_spend(b: Baseline, channel: str) -> float:
    """Spend a month of a channel before the plan; NaN where none is known, and the curve stands on a guess of it."""
    spends = b.default("budget") * b.default(f"split:{channel}") > 0
    return b.curves[channel].reference_spend if spends else math.nan


def next_money(result: PlanResult, channel: str, spend: float, more: float = 1_000.0) -> tuple[float, float, float]:
    """Gross margin of the first orders that ``more`` money a month brings beyond ``spend``, with P10 and P90."""
    curve, margin = planned_curve(result, channel), margin_of_sales(result)
    ends = np.array([spend, spend + more])
    low, high = np.quantile(np.diff(_drawn_sales(curve, ends), axis=0), BAND)
    return float(np.diff(curve.sales(ends))[0]) * margin, float(low) * margin, float(high) * margin


def margin_of_sales(result: PlanResult) -> float:
    """Gross margin in one unit of the sales that curves count: after discounts, before returns."""
    return result.values["margin"] * (1 - result.values["return_rate"])


def _drawn_sales(curve: Curve, spend: Array) -> Array:
    """(spend, draws) sales under draws of the curve, always the same ones."""
    roas, bend = _curve_draws(curve)
    vmax, kappa = anchor(curve.reference_spend, roas, bend)
    flow = spend[:, None]
    return np.asarray(vmax * flow / np.maximum(kappa + flow, 1e-300))


@lru_cache(maxsize=64)
def _curve_draws(curve: Curve) -> tuple[Array, Array]:
    roas, bend = draw([curve], np.random.default_rng(SEED_DEFAULT).standard_normal((CURVE_DRAWS, 1, 2)))
    return roas[:, 0], bend[:, 0]


def planned_curve(result: PlanResult, channel: str) -> Curve:
    """The channel's response curve with the scenario's return and bend."""
    v = result.values
    curve = result.baseline.curves[channel]
    return replace(curve, roas=v[f"roas:{channel}"], bend=v[f"bend:{channel}"], carryover=v[f"carryover:{channel}"])


def summary(result: PlanResult, targets: tuple[Target, ...]) -> dict[str, Any]:
    """The plan as one JSON-ready object: months, totals, milestones, assumptions, findings."""
    table = months(result)
    rows = [
        {"month": row["month"].strftime("%Y-%m")} | {k: _plain(row[k]) for k in table.columns if k != "month"}
        for _, row in table.iterrows()
    ]
    low, low_month = result.cash_low
    totals: dict[str, Any] = {metric: _plain(stated(metric, result.total(metric))) for metric in METRICS}
    totals |= {"cash_low": _plain(low), "cash_low_month": result.months[low_month].strftime("%Y-%m"),
               "cash_odds": _plain(result.cash_odds())}  # fmt: skip
    return {
        "currency": result.baseline.currency,
        "template": result.baseline.template,
        "start": result.baseline.start.isoformat(),
        "draws": result.draws,
        "months": rows,
        "totals": totals,
        "milestones": [_milestone(result, m) for m in result.milestones(targets)],
        "assumptions": assumptions(result),
        "findings": [{"code": n.code, **dict(n.values)} for n in result.notes],
    }


def assumptions(result: PlanResult) -> list[dict[str, Any]]:
    """What was not known from data: lever, value used and its source (``scenario`` when the scenario sets it).

    Rows with a ``metric`` give the level of that metric; their lever is the one that changes it, if there is one.
    """
    out = [
        {
            "lever": metric if metric in LEVERS else "",
            "metric": metric,
            "value": default.value,
            "source": default.source,
            "note": default.note,
        }
        for metric, default in result.baseline.assumed.items()
    ]
    scenario = dict(result.scenario.values)
    for key, default in result.baseline.defaults.items():
        if key in scenario:
            out.append({"lever": key, "value": result.values[key], "source": "scenario", "note": ""})
        elif default.source != "data":
            out.append({"lever": key, "value": default.value, "source": default.source, "note": default.note})
    return out


def _milestone(result: PlanResult, m: Any) -> dict[str, Any]:
    start = pd.Timestamp(result.baseline.start)
    return {
        "id": m.target.id,
        "name": m.target.name or m.target.id,
        "metric": m.target.metric,
        "window": m.target.window,
        "threshold": m.target.threshold,
        "due": (start + pd.DateOffset(months=m.target.due - 1)).strftime("%Y-%m"),
        "odds": _plain(m.odds),
        "median_month": None if m.month is None else (start + pd.DateOffset(months=m.month - 1)).strftime("%Y-%m"),
        "value": _plain(m.value),
        "source": m.target.source,
    }


def _plain(value: float) -> float | None:
    """A float for JSON; what is not known is null."""
    number = float(value)
    return number if math.isfinite(number) else None
