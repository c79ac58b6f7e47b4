"""Make the baseline: history and what was typed, forecast, curves and template brought together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from shopplan.plan import budget
from shopplan.plan.baseline import Array, Baseline, Phase
from shopplan.plan.defaults import Known, initiatives, lever_defaults, roles, targets
from shopplan.plan.draws import MOST_PAID, prepare
from shopplan.plan.facts import DAILY_CV, Entered, Facts, Foreign, daily_cv
from shopplan.plan.learned import Learned
from shopplan.plan.levels import Levels, measure, new_history, repeat_default, repeat_kernel
from shopplan.plan.occasions import promotions
from shopplan.plan.outlook import Outlook, Seen, event_intensity, flat, look_ahead, look_back
from shopplan.plan.past import Past, history, lacking, last_months, past_of, recent_spend
from shopplan.plan.shortfall import in_stock, missing_share
from shopplan.plan.templates import Template
from shopplan.response import Curve, Entry, anchored_curves
from shopplan.terms import HORIZON_MAX, SEED_DEFAULT, Default

SMALL_SHARE = 0.02
"""Reference spend of a channel that nothing is known of, as a share of net sales."""


def assemble(facts: Facts, entered: Entered, template: Template, learned: Learned | None = None) -> Baseline:
    """The baseline of a shop; curves that were learned from its data take the place of those only believed.

    Raises
    ------
    ShopplanError
        When there is neither a history nor the three numbers.
    """
    past = past_of(facts, entered, template)
    levels = measure(past.sales, past.channels, past.months, template, entered.gross_margin)
    missing = missing_share(past.facts.daily, lacking(past))
    own = promotions(entered.occasions)
    ahead = flat(past.net) if past.typed else look_ahead(in_stock(past.net, missing), past.start, own)
    known = Known(
        template,
        facts.currency,
        past.channels,
        _curves(past, template) | (learned.usable(entered.channels) if learned else {}),
        levels,
        repeat_default(past.sales, template),
        past.spend,
        past.recent,
        ahead.season,
        entered,
    )
    made = _baseline(past, known, ahead)
    made = replace(made, missing=missing, foreign=_unread(entered, made.defaults["budget"]))
    return _finish(_limit_returns(replace(made, learned=learned, curve_links=_links(made, learned))), known)


def believed_curves(facts: Facts, entered: Entered, template: Template) -> dict[str, Curve]:
    """A curve for each paid channel before anything is learned: entered, claimed or assumed."""
    return _curves(past_of(facts, entered, template), template)


def seen_back(facts: Facts, entered: Entered, template: Template) -> Seen:
    """How forecasts made earlier did, on what was known then."""
    past = past_of(facts, entered, template)
    return look_back(past.net, past.facts.daily, lacking(past), promotions(entered.occasions))


def _links(b: Baseline, learned: Learned | None) -> Array:
    """(2P, 2P) correlation of log ROAS and logit bend of the paid channels, channel by channel."""
    paid = [c.id for c in b.channels if c.paid]
    links = np.eye(2 * len(paid))
    if learned is None:
        return links
    own = [c for c in learned.curves if c in paid and b.curves[c] == learned.curves[c].curve]
    at = np.array([2 * paid.index(c) + k for c in own for k in (0, 1)], dtype=int)
    seen = np.array([2 * list(learned.curves).index(c) + k for c in own for k in (0, 1)], dtype=int)
    links[np.ix_(at, at)] = learned.correlation[np.ix_(seen, seen)]
    return links


def _baseline(past: Past, known: Known, ahead: Outlook) -> Baseline:
    """The baseline without what needs its demand side: roles, organic mix and targets."""
    levels, ids = known.levels, [c.id for c in past.channels]
    defaults = lever_defaults(known)
    split = np.array([defaults[f"split:{c.id}"].value if c.paid else 0.0 for c in past.channels])
    made = Baseline(
        version=past.facts.version,
        currency=known.currency,
        template=known.template.id,
        start=past.start,
        channels=past.channels,
        orders=ahead.net / (levels.aov * (1 - levels.discount) * (1 - levels.return_rate)),
        **{
            name: getattr(ahead, name)
            for name in ("log_sd", "memory", "cross", "freedom", "idle", "season", "models", "weights")
        },
        country=past.facts.country,
        event=event_intensity(past.start, past.facts.country),
        spend=np.zeros((HORIZON_MAX, len(ids))),
        spend_history=last_months(past.spend.to_numpy(float)),
        new_history=new_history(past.sales, ids, past.months, known.repeat.value),
        curves=known.curves,
        kernel=repeat_kernel(known.repeat.value, past.facts.cohorts),
        **{name: getattr(levels, name) for name in ("aov", "conversion", "discount", "return_rate", "margin")},
        platform_fee=np.full(len(ids), defaults["platform_fee"].value),
        ratio_sd=levels.sd,
        daily_cv=DAILY_CV if past.typed else daily_cv(past.facts.daily),
        monthly_sales=float(past.net.iloc[-1].sum()),
        monthly_cogs=past.recent * (1 - defaults["margin"].value),
        defaults=defaults,
        roles=(),
        initiatives=initiatives(known.template),
        phases=_phases(known.template),
        targets=(),
        history=history(past.sales, past.spend, ids, past.months),
        assumed=_assumed(past, levels),
        left_out=past.facts.left_out,
    )
    return replace(made, spend=budget.reference(made, {k: d.value for k, d in defaults.items()}, split))


def _unread(entered: Entered, budget: Default) -> tuple[Foreign, ...]:
    """Typed marketing that the plan would begin with, were its currency known: by channel, else the one number."""
    parts = [one for one in entered.foreign if one.what == "spend"]
    parts = parts or [one for one in entered.foreign if one.what == "marketing_month" and not budget.value]
    sums: dict[str, float] = {}
    for one in parts:
        sums[one.currency] = sums.get(one.currency, 0.0) + one.amount
    return tuple(Foreign("spend", code, amount) for code, amount in sums.items())


def _assumed(past: Past, levels: Levels) -> dict[str, Default]:
    """What no file says of the history itself, by metric."""
    out = {"conversion_rate": levels.uncounted} if levels.uncounted else {}
    if past.uncounted:
        out["aov"] = Default(levels.basket, "assumption", "basket_by_currency")
    if past.short:
        out["net_sales"] = Default(past.recent, "assumption", "pace_of_days")
    return out


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
    unspent = replace(b, spend=np.zeros_like(b.spend), spend_history=np.zeros_like(b.spend_history))
    carried = prepare(unspent, 12, 0, SEED_DEFAULT)
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


def _curves(past: Past, template: Template) -> dict[str, Curve]:
    """A curve for each paid channel; an unused one is anchored on its part of the typed marketing or of sales."""
    entered, history = past.entered, recent_spend(past)
    paid = [c for c in past.channels if c.paid]
    spent = set(history.loc[history["spend"] > 0, "channel"])
    entries = dict(entered.channels)
    shares = {c.id: template.entry_channels[c.id].value for c in paid if c.id in template.entry_channels}
    alone = past.typed or not (spent or any(entry.spend for entry in entries.values()))
    typed, share = (entered.marketing_month or 0.0) if alone else 0.0, sum(shares.values())
    whole = typed / share if typed and share else past.recent
    for c in paid:
        entry = entries.get(c.id, Entry())
        if entry.spend is None and c.id not in spent:
            entries[c.id] = replace(entry, spend=whole * shares.get(c.id, SMALL_SHARE))
    frame = pd.DataFrame({"id": [c.id for c in paid], "kind": [c.kind for c in paid]})
    return {c.channel: c for c in anchored_curves(history, frame, entries)}


def _phases(template: Template) -> tuple[Phase, ...]:
    return tuple(
        Phase(p["id"], int(p["months"]), tuple(sorted(p.get("reference", {}).items())), p["source"])
        for p in template.phases
    )
