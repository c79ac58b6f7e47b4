"""Stock: how much of the demand a cover of so many days can serve."""

from __future__ import annotations

import math

from shopplan.plan.levers import Values


def lost_share(cover_days: float, lead_days: float, daily_cv: float) -> float:
    """Share of demand lost to stock-outs.

    Stock for ``cover_days`` has to last through the lead time; the expected shortage of a normal demand over the
    lead time (unit normal loss function, Silver, Pyke and Peterson, Inventory Management, ch. 7) as a share of it.

    Parameters
    ----------
    cover_days, lead_days : float
    daily_cv : float
        Standard deviation of a day's demand over its mean; days are taken as independent.
    """
    lead = max(lead_days, 1.0)
    sigma = max(daily_cv, 1e-9) * math.sqrt(lead)
    z = (cover_days - lead) / sigma
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    above = 0.5 * math.erfc(z / math.sqrt(2))
    return min(max(sigma * (density - z * above) / lead, 0.0), 1.0)


def served_share(v: Values) -> tuple[float, float]:
    """Factor on the demand, relative to the stock-outs that history already holds, and lost orders per served one."""
    b = v.baseline
    now = lost_share(v["stock_cover"], v["lead_time"], b.daily_cv)
    usual = lost_share(b.default("stock_cover"), b.default("lead_time"), b.daily_cv)
    served = (1 - now) / (1 - usual) if usual < 1 else 1.0
    return served, now / (1 - now) if now < 1 else 0.0
