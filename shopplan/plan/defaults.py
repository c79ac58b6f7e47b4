"""Default of every lever, with its source: data first, then what was typed, then the template."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shopplan.plan.baseline import Array, Baseline, Channel, Initiative, Role
from shopplan.plan.budget import LINES
from shopplan.plan.facts import Entered
from shopplan.plan.levels import RECENT, Levels
from shopplan.plan.templates import Figure, Template
from shopplan.response import Curve, Entry
from shopplan.terms import LEVERS, Default, SourceKind, Target

LEAST_SCALE = 0.1
"""Range of the budget of a shop that spends nothing: as if it spent this share of its net sales."""
ROLE_SCALE = 5.0
LAST_YEAR: tuple[SourceKind, str] = ("data", "last_12_months")
ENTRY_SOURCE = "003 #136"
"""Source of the shares by which a shop without spend history could begin; see ``entry_channels`` in base.toml."""
CURVE_SOURCE: dict[str, SourceKind] = {
    "entered": "entered", "platform": "data", "template": "template", "blended": "data", "fitted": "data",
}  # fmt: skip
LEARNED = ("blended", "fitted")
"""Sources of curves that the shop's own sales and spend have shaped."""


@dataclass(frozen=True, eq=False)
class Known:
    """Everything that a default can come from.

    ``monthly`` is the mean month's net sales of the last year; ``spend`` month x channel.
    """

    template: Template
    currency: str
    channels: tuple[Channel, ...]
    curves: dict[str, Curve]
    levels: Levels
    repeat: Default
    spend: pd.DataFrame
    monthly: float
    season: Array
    entered: Entered

    @property
    def basket(self) -> float:
        """Mean sales of an order."""
        return self.levels.basket


def lever_defaults(known: Known) -> dict[str, Default]:
    """Defaults of all levers but those of roles and of the organic mix, which need the demand first."""
    out: dict[str, Default] = {}
    for lever_id, lever in LEVERS.items():
        if lever.per == "" and lever_id in known.template.levers:
            out[lever_id] = from_figure(known, known.template.levers[lever_id])
        elif lever.per == "channel" and lever_id in known.template.levers:
            for c in known.channels:
                out[f"{lever_id}:{c.id}"] = from_figure(known, known.template.levers[lever_id])
    for lever_id in ("discount", "return_rate", "margin"):
        out[lever_id] = known.levels.means[lever_id]
    out["repeat_rate"] = known.repeat
    out |= _curve_defaults(known)
    out |= _budget_defaults(known, out)
    out |= _initiative_defaults(known)
    return out


def from_figure(known: Known, figure: Figure) -> Default:
    """A template's figure in the shop's size."""
    unit = {"of_sales": known.monthly, "of_aov": known.basket}.get(figure.kind, 1.0)
    source: SourceKind = "assumption" if figure.source == "assumption" else "template"
    return Default(figure.value * unit, source, "" if source == "assumption" else figure.source, figure.scale * unit)


def _curve_defaults(known: Known) -> dict[str, Default]:
    out = {}
    for channel, curve in known.curves.items():
        source = CURVE_SOURCE[curve.source]
        note = "platform_claim" if curve.source == "platform" else curve.note
        out[f"roas:{channel}"] = Default(curve.roas, source, note)
        typed = known.entered.channels.get(channel, Entry())
        for lever, note in (("bend", "safe_bend"), ("carryover", "carryover_by_kind")):
            entered, value = getattr(typed, lever) is not None, getattr(curve, lever)
            known_from = Default(value, "data", curve.note) if curve.source in LEARNED else None
            out[f"{lever}:{channel}"] = (
                Default(value, "entered") if entered else known_from or Default(value, "assumption", note)
            )
    return out


def _budget_defaults(known: Known, done: dict[str, Default]) -> dict[str, Default]:
    """Total, split and season of the budget: as typed, as the last year's months on file show them, else nothing.

    Spend that is known by channel is all acquisition: ring-fenced lines begin at nothing then, whatever the template
    says.
    """
    recent = known.spend.iloc[-RECENT:]
    part = recent.isna().any(axis=None) and not recent.isna().all(axis=None)
    told = Default(0.0, "data", "months_with_spend") if part else Default(0.0, *LAST_YEAR)
    typed = {c: e.spend for c, e in known.entered.channels.items() if e.spend}
    paid = [c.id for c in known.channels if c.paid]
    means = recent.mean().fillna(0.0)
    weights = {c: typed.get(c, float(means[c])) for c in paid}
    source = replace(Default(0.0, "entered") if typed else told, value=sum(weights.values()))
    split = source
    out = {lever: Default(0.0, "assumption", "ads_only") for lever in LINES.values()} if source.value else {}
    lines = 0.0 if out else sum(done[lever].value for lever in LINES.values())
    if source.value <= 0:
        weights = {c: known.curves[c].reference_spend for c in paid}
        split = Default(0.0, "template", ENTRY_SOURCE)
        typed_total = (known.entered.marketing_month or 0.0) * (1 - lines)
        unspent = "no_recent_spend" if np.nansum(known.spend.to_numpy()) else "no_spend_history"
        source = Default(typed_total, "entered") if typed_total else Default(0.0, "assumption", unspent)
    total = sum(weights.values())
    scale = 0.0 if source.value else max(total, LEAST_SCALE * known.monthly)
    out["budget"] = replace(source, value=source.value / (1 - lines), scale=scale)
    out |= {f"split:{c}": replace(split, value=weight / total) for c, weight in weights.items()}
    strength = _season_strength(recent.sum(axis=1), known.season)
    if strength is not None and source.source == "data":
        out["budget_season"] = Default(strength, *LAST_YEAR)
    return out


def _season_strength(spend: pd.Series, season: Array) -> float | None:
    """How far last year's spend followed the season: slope of log spend on log season, 0 to 2."""
    if len(spend) < RECENT or not (spend > 0).all():
        return None
    x, y = np.log(season[:RECENT]), np.log(spend.to_numpy(float))
    spread = float(((x - x.mean()) ** 2).sum())
    if spread < 1e-4:
        return None
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    return round(min(max(slope, 0.0), 2.0) / 0.05) * 0.05


def _initiative_defaults(known: Known) -> dict[str, Default]:
    out = {}
    for row in known.template.initiatives:
        source = row["source"]
        values = {
            "initiative": 0.0,
            "initiative_uplift": (row["low"] + row["high"]) / 2,
            "initiative_start": row["start"],
            "initiative_ramp": row["ramp"],
            "initiative_cost": row["cost_of_sales"] * known.monthly,
            "initiative_chance": row["chance"],
        }
        for lever, value in values.items():
            traced = lever == "initiative_uplift"
            out[f"{lever}:{row['id']}"] = Default(
                float(value), "template" if traced else "assumption", source if traced else ""
            )
    return out


def initiatives(template: Template) -> tuple[Initiative, ...]:
    """The template's initiatives, all switched off until the user switches them on."""
    return tuple(Initiative(r["id"], r["driver"], r["low"], r["high"], r["source"]) for r in template.initiatives)


def roles(known: Known, orders: float) -> tuple[tuple[Role, ...], dict[str, Default]]:
    """Team in the shop's size.

    People cost a share of net sales; heads follow from pay and are divided by the template's shares. What a head
    handles is set so that roles that follow orders are used as far as the template says at the present orders; in a
    team too small for a role, somebody else does its work and it does not follow orders.

    Parameters
    ----------
    orders : float
        Orders a month over the first year.
    """
    t = known.template
    money = t.people["cost_share"].value * known.monthly / (1 + t.levers["pay_load"].value)
    listed = t.pay.get(known.currency)
    heads = _divide(max(1, round(money / listed.value)) if listed else len(t.roles), [r["share"] for r in t.roles])
    pay = listed.value if listed else money / sum(heads)
    team, defaults = [], {}
    for row, count in zip(t.roles, heads, strict=True):
        follows = row.get("follows_orders") and count
        handled = orders / (count * t.people["utilisation"].value) if follows else 0.0
        team.append(Role(row["id"], handled, bool(row.get("automated"))))
        defaults[f"headcount:{row['id']}"] = Default(float(count), "assumption", "people_share", max(count, ROLE_SCALE))
        defaults[f"hire_month:{row['id']}"] = Default(0.0, "assumption")
        defaults[f"pay:{row['id']}"] = Default(pay, "assumption", "pay_by_currency")
    return tuple(team), defaults


def _divide(heads: int, shares: list[float]) -> list[int]:
    """Whole heads by shares, largest remainders first."""
    exact = [heads * share / sum(shares) for share in shares]
    whole = [int(x) for x in exact]
    rest = sorted(range(len(shares)), key=lambda i: whole[i] - exact[i])
    for i in rest[: heads - sum(whole)]:
        whole[i] += 1
    return whole


def targets(known: Known, baseline: Baseline) -> tuple[Target, ...]:
    """The template's milestones in the shop's size: absolute values, multiples of last year's mean month or of the same
    months a year before."""
    out = []
    for row in known.template.targets:
        value = row.get("value")
        if value is None and "times_mean_month" in row:
            value = float(f"{row['times_mean_month'] * known.monthly:.3g}")
        elif value is None:
            value = row["times_year_ago"] * _year_ago(baseline, row["window"], row["due"], known.monthly)
            value = float(f"{value:.3g}")
        out.append(Target(row["id"], "", row["metric"], float(value), int(row["due"]), row["window"], row["source"]))
    return tuple(out)


def _year_ago(baseline: Baseline, window: str, due: int, monthly: float) -> float:
    """Net sales of the window a year before it is due; months without history count as a mean month in season."""
    length = {"month": 1, "quarter": 3, "year": 12, "total": due}[window]
    known = dict(zip(pd.to_datetime(baseline.history["month"]), baseline.history["net_sales"], strict=True))
    value = 0.0
    for t in range(due - length, due):
        month = pd.Timestamp(baseline.start) + pd.DateOffset(months=t - 12)
        seasonal = monthly * float(baseline.season[t])
        value += known.get(month, seasonal)
    return value
