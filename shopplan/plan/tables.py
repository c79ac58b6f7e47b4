"""A plan as plain tables: what the command line prints and the pages draw."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shopplan.plan.baseline import Array
from shopplan.plan.outlook import Z_P90
from shopplan.plan.result import PlanResult
from shopplan.response import Curve
from shopplan.terms import METRICS, Target

MONTHLY = (
    "orders", "gross_sales", "net_sales", "gross_margin", "gross_margin_rate", "contribution", "marketing",
    "marketing_share", "cac", "people", "ebitda", "operating_profit", "cash", "stock", "headcount",
)  # fmt: skip
BANDED = ("net_sales", "gross_margin", "contribution", "cash")
PHASE_PARTS = ("people", "marketing", "technology", "other")


def months(result: PlanResult) -> pd.DataFrame:
    """One row a planned month: ``month`` and the metrics of `MONTHLY`, with ``_p10`` and ``_p90`` of `BANDED`."""
    table: dict[str, Any] = {"month": result.months}
    for metric in MONTHLY:
        table[metric] = result.path(metric)
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
    """Resources by phase: phase, part (people, marketing, technology, other), amount, share of the phase's resources.

    Technology holds technology costs and capital expenditure; other holds fixed and initiative costs.
    """
    amounts = {
        "people": result.path("people"),
        "marketing": result.path("marketing"),
        "technology": result.path("technology") + result.path("capex_payments"),
        "other": result.path("fixed_costs") + result.path("initiative_costs"),
    }
    rows = []
    for phase, start, end in phase_spans(result):
        sums = {part: float(amounts[part][start:end].sum()) for part in PHASE_PARTS}
        total = sum(sums.values())
        rows += [(phase, part, sums[part], sums[part] / total if total else 0.0) for part in PHASE_PARTS]
    return pd.DataFrame(rows, columns=["phase", "part", "amount", "share"])


def bridge(result: PlanResult) -> list[tuple[str, float]]:
    """Opening cash, the flows that change it, and closing cash; the flows add up to the difference."""
    steps = [("opening_cash", result.values["opening_cash"]), ("receipts", result.total("receipts"))]
    paid = ("supplier_payments", "marketing_payments", "operating_payments", "capex_payments")
    steps += [(metric, -result.total(metric)) for metric in paid]
    return [*steps, ("cash", float(result.path("cash")[-1]))]


def curve_points(result: PlanResult, channel: str, marks: tuple[float, ...], points: int = 25) -> dict[str, Array]:
    """Response curve of a channel in a steady month: spend, sales, P10 and P90 of its return, no inflation.

    Runs from nothing to twice the largest of ``marks``, spends that are among the points.
    """
    sd = result.baseline.curves[channel].roas_sd
    spend = np.unique(np.concatenate([np.linspace(0, 2 * max(marks), points), marks]))
    sales = planned_curve(result, channel).sales(spend)
    low, high = (math.exp(z * sd - sd**2 / 2) for z in (-Z_P90, Z_P90))
    return {"spend": spend, "sales": sales, "lo": sales * low, "hi": sales * high}


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
    totals: dict[str, Any] = {metric: _plain(result.total(metric)) for metric in METRICS}
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

    Rows with a ``metric`` give the level of that metric, which the lever of the same name changes.
    """
    out = [
        {"lever": metric, "metric": metric, "value": default.value, "source": default.source, "note": default.note}
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
