"""Make the baseline: history and what was typed, forecast, curves and template brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from shopplan.forecast import calendar, error_model, event_share, forecast, season
from shopplan.plan import budget
from shopplan.plan.baseline import TAIL, Array, Baseline, Channel, Phase
from shopplan.plan.defaults import Known, initiatives, lever_defaults, roles, targets
from shopplan.plan.draws import prepare
from shopplan.plan.facts import DAILY_CV, Entered, Facts, complete_months, counted, daily_cv, require_numbers, wide
from shopplan.plan.levels import RECENT, measure, new_history, repeat_default, repeat_kernel
from shopplan.plan.templates import Template
from shopplan.response import Curve, Entry, anchored_curves
from shopplan.terms import HORIZON_MAX, SEED_DEFAULT, Default, ShopplanError

YEAR_AHEAD = HORIZON_MAX + 12
NO_HISTORY_SD = 0.25
"""Log-scale forecast error of a shop that only gave three numbers."""
MOST_PAID = 0.8
"""Paid orders cannot be more than this share of a shop's new orders; returns that claim more are scaled down."""
MODEL_ENTERED = "entered"


@dataclass(frozen=True, eq=False)
class Outlook:
    """Forecast of net sales by channel (M, C), its error and the models behind it."""

    net: Array
    log_sd: Array
    autocorr: float
    cross: float
    season: Array
    models: Mapping[str, str]


def assemble(facts: Facts, entered: Entered, template: Template) -> Baseline:
    """The baseline of a shop.

    Raises
    ------
    ShopplanError
        When there is neither a history nor the three numbers.
    """
    if facts.empty:
        facts = _typed_history(entered, facts)
    sales = counted(complete_months(facts), facts.currency)
    months = pd.date_range(pd.to_datetime(sales["month"]).min(), pd.to_datetime(sales["month"]).max(), freq="MS")
    start = (months[-1] + pd.DateOffset(months=1)).date()
    channels = _channels(facts, sales, entered, template)
    ids = [c.id for c in channels]
    net = wide(sales, "net", ids, months)
    recent = float(net.iloc[-RECENT:].sum(axis=1).mean())
    if recent <= 0:
        raise ShopplanError(
            "net sales of the last twelve months are not above zero", hint="check the imported files on the Data page"
        )
    levels = measure(sales, channels, months, template, entered.gross_margin)
    outlook = _outlook(net, start, bool(entered.sales_last_month) and facts.version == MODEL_ENTERED)
    curves = _curves(facts, channels, entered, template, recent)
    spend = wide(facts.spend, "spend", ids, months) if len(facts.spend) else pd.DataFrame(0.0, months, ids)
    for channel, entry in entered.channels.items():
        if entry.spend is not None and channel in spend:
            spend[channel] = spend[channel].where(spend[channel] > 0, entry.spend)
    event = _events(start)
    repeat = repeat_default(sales, template)
    known = Known(template, facts.currency, channels, curves, levels, repeat, spend, recent, outlook.season, entered)
    defaults = lever_defaults(known)
    split = np.array([defaults[f"split:{c.id}"].value if c.paid else 0.0 for c in channels])
    baseline = Baseline(
        version=facts.version,
        currency=facts.currency,
        template=template.id,
        start=start,
        channels=channels,
        orders=outlook.net / (levels.aov * (1 - levels.discount) * (1 - levels.return_rate)),
        log_sd=outlook.log_sd,
        autocorr=outlook.autocorr,
        cross=outlook.cross,
        season=outlook.season,
        event=event,
        spend=np.zeros((HORIZON_MAX, len(channels))),
        spend_history=_last(spend.to_numpy(float)),
        new_history=new_history(sales, ids, months, repeat.value),
        curves=curves,
        kernel=repeat_kernel(repeat.value, facts.cohorts),
        aov=levels.aov,
        conversion=levels.conversion,
        discount=levels.discount,
        return_rate=levels.return_rate,
        margin=levels.margin,
        platform_fee=np.full(len(channels), defaults["platform_fee"].value),
        ratio_sd=levels.sd,
        daily_cv=daily_cv(facts.daily) if facts.version != MODEL_ENTERED else DAILY_CV,
        monthly_sales=float(net.iloc[-1].sum()),
        monthly_cogs=recent * (1 - defaults["margin"].value),
        defaults=defaults,
        roles=(),
        initiatives=initiatives(template),
        phases=_phases(template),
        targets=(),
        history=_history(sales, spend, ids, months),
        models=outlook.models,
    )
    baseline = replace(baseline, spend=budget.reference(baseline, {k: d.value for k, d in defaults.items()}, split))
    return _finish(_limit_returns(baseline), known)


def _finish(baseline: Baseline, known: Known) -> Baseline:
    """Add what needs the demand side first: roles sized to the orders, organic mix, targets."""
    orders = float(baseline.orders[:12].sum(axis=1).mean())
    team, team_defaults = roles(known, orders)
    organic = prepare(baseline, 12, 0, SEED_DEFAULT).organic[:, :, 0].sum(axis=0)
    share = organic / organic.sum() if organic.sum() > 0 else np.full(len(organic), 1 / len(organic))
    mix = {f"mix:{c.id}": Default(float(s), "data", "forecast") for c, s in zip(baseline.channels, share, strict=True)}
    return replace(
        baseline,
        roles=team,
        defaults={**baseline.defaults, **team_defaults, **mix},
        targets=targets(known, baseline),
    )


def _limit_returns(b: Baseline) -> Baseline:
    """Scale returns on ad spend down where they claim more orders than the shop has, and say so."""
    carried = prepare(b, 12, 0, SEED_DEFAULT)
    ease = carried.ease[:, None]
    new = np.linalg.solve(np.eye(12) + ease * carried.repeat, b.orders[:12] - ease * carried.legacy).sum()
    sales = sum(float(np.sum(b.curves[c.id].sales(b.spend[:12, i]))) / (b.aov[i] * (1 - b.discount[i]))
                for i, c in enumerate(b.channels) if c.paid)  # fmt: skip
    if sales <= MOST_PAID * new or sales <= 0:
        return b
    scale = max(MOST_PAID * new, 0.0) / sales
    curves = {k: replace(c, roas=c.roas * scale) for k, c in b.curves.items()}
    defaults = dict(b.defaults)
    for k, c in curves.items():
        defaults[f"roas:{k}"] = replace(defaults[f"roas:{k}"], value=c.roas, note="limited_by_sales")
    return replace(b, curves=curves, defaults=defaults)


def _typed_history(entered: Entered, facts: Facts) -> Facts:
    """One month of history from the three numbers: a channel for all sales, marketing on the template's channels."""
    require_numbers(entered)
    net = float(entered.sales_last_month or 0)
    month = pd.Timestamp(entered.as_of or date.today().replace(day=1))
    unknown = ("orders", "new_orders", "keyed_orders", "units", "discounts", "returns", "cogs", "sessions")
    row = {"month": month, "channel": "online", "gross": net, "net": net}
    row |= dict.fromkeys(unknown, np.nan)
    return replace(
        facts,
        version=MODEL_ENTERED,
        channels=pd.DataFrame([{"id": "online", "name": "", "kind": "organic"}]),
        sales=pd.DataFrame([row]),
        daily=pd.DataFrame({"ds": pd.date_range(month, month + pd.offsets.MonthEnd(0)), "net": net / 30}),
    )


def _channels(facts: Facts, sales: pd.DataFrame, entered: Entered, template: Template) -> tuple[Channel, ...]:
    """Channels with sales or spend, in the store's order, then those that money could be spent on."""
    spending = set(facts.spend.loc[facts.spend["spend"] > 0, "channel"]) if len(facts.spend) else set()
    offered = () if spending else tuple(template.entry_channels)
    typed = [c for c, e in entered.channels.items() if e.spend]
    spending |= set(typed)
    active = set(sales["channel"]) | spending
    rows = [
        Channel(str(r.id), str(r.name_), str(r.kind), r.id in spending or r.id in offered)
        for r in facts.channels.rename(columns={"name": "name_"}).itertuples()
        if r.id in active
    ]
    listed = {r.id for r in rows}
    return (*rows, *(Channel(c, "", c, True) for c in dict.fromkeys((*typed, *offered)) if c not in listed))


def _curves(
    facts: Facts, channels: tuple[Channel, ...], entered: Entered, template: Template, recent: float
) -> dict[str, Curve]:
    """A curve for each paid channel; one that has never been used is anchored on a small share of sales."""
    paid = [c for c in channels if c.paid]
    spent = set(facts.spend.loc[facts.spend["spend"] > 0, "channel"]) if len(facts.spend) else set()
    entries = dict(entered.channels)
    marketing = entered.marketing_month if facts.version == MODEL_ENTERED else None
    shares = {c.id: template.entry_channels[c.id].value for c in paid if c.id in template.entry_channels}
    for c in paid:
        entry = entries.get(c.id, Entry())
        if entry.spend is None and c.id not in spent:
            own = shares.get(c.id, 0.02)
            guess = marketing * own / sum(shares.values()) if marketing else recent * own
            entries[c.id] = replace(entry, spend=guess)
    frame = pd.DataFrame({"id": [c.id for c in paid], "kind": [c.kind for c in paid]})
    empty = pd.DataFrame({"month": pd.to_datetime([]), "channel": [], "spend": [], "attributed": []})
    return {c.channel: c for c in anchored_curves(facts.spend if len(facts.spend) else empty, frame, entries)}


def _outlook(net: pd.DataFrame, start: date, typed: bool) -> Outlook:
    """Forecast every channel for the longest horizon."""
    if typed:
        flat = np.tile(net.iloc[-1].to_numpy(float), (HORIZON_MAX, 1))
        sd = np.full(flat.shape, NO_HISTORY_SD) * np.sqrt(np.arange(1, HORIZON_MAX + 1) / 12)[:, None]
        ones = np.ones(YEAR_AHEAD)
        return Outlook(flat, np.clip(sd, 0.1, 1.0), 0.9, 0.8, ones, dict.fromkeys(map(str, net), MODEL_ENTERED))
    selling = [c for c in net if (net[c] > 0).any()]
    long = net[selling].melt(ignore_index=False, var_name="unique_id", value_name="y").rename_axis("ds").reset_index()
    long = _since_first_sale(long)
    predicted = forecast(long, HORIZON_MAX, freq="M")
    error = error_model(long, HORIZON_MAX)
    means = np.zeros((HORIZON_MAX, net.shape[1]))
    log_sd = np.full_like(means, NO_HISTORY_SD)
    models: dict[str, str] = {}
    for i, c in enumerate(net):
        if c in selling:
            own = predicted[predicted["unique_id"] == c]
            means[:, i] = np.maximum(own["yhat"].to_numpy(float), 0)
            log_sd[:, i] = error.sd[list(error.ids).index(str(c))]
            models[str(c)] = str(own["model"].iloc[0])
    whole = net.sum(axis=1).rename_axis("ds").rename("y").reset_index().assign(unique_id="all")
    index = np.asarray(season(whole)).reshape(-1)[:12] if len(net) >= 12 else np.ones(12)
    factors = index[(start.month - 1 + np.arange(YEAR_AHEAD)) % 12]
    return Outlook(means, log_sd, error.autocorr, error.cross, factors, models)


def _since_first_sale(long: pd.DataFrame) -> pd.DataFrame:
    """A channel's history begins with its first sale."""
    first = long[long["y"] > 0].groupby("unique_id")["ds"].min()
    return long[long["ds"] >= long["unique_id"].map(first)].reset_index(drop=True)


def _events(start: date) -> Array:
    """(M + 12,) share of each month's days that belong to a shop event, the largest month at 1."""
    months = pd.date_range(start, periods=YEAR_AHEAD, freq="MS")
    share = event_share(months, calendar(months[0].date(), (months[-1] + pd.offsets.MonthEnd(0)).date()))
    total = share.drop(columns=[c for c in share if share[c].dtype.kind not in "fi"]).sum(axis=1).to_numpy(float)
    return total / total.max() if total.max() > 0 else total


def _last(values: Array) -> Array:
    """(TAIL, C) last rows, zeros before the first."""
    tail = values[-TAIL:]
    return np.concatenate([np.zeros((TAIL - len(tail), values.shape[1])), np.nan_to_num(tail)])


def _phases(template: Template) -> tuple[Phase, ...]:
    return tuple(
        Phase(p["id"], int(p["months"]), tuple(sorted(p.get("reference", {}).items())), p["source"])
        for p in template.phases
    )


def _history(sales: pd.DataFrame, spend: pd.DataFrame, ids: list[str], months: pd.DatetimeIndex) -> pd.DataFrame:
    names = {"orders": "orders", "gross": "gross_sales", "discounts": "discounts", "returns": "returns",
             "net": "net_sales", "cogs": "cogs", "sessions": "sessions"}  # fmt: skip
    selling = [c for c in ids if c in set(sales["channel"])]
    # a sum is known when every part of it is
    out = pd.DataFrame({new: wide(sales, old, selling, months).sum(axis=1, skipna=False) for old, new in names.items()})
    out["marketing"] = spend.sum(axis=1) if spend.to_numpy().any() else np.nan
    out["gross_margin"] = out["net_sales"] - out["cogs"]
    return out.rename_axis("month").reset_index()
