"""What is known about a shop before anybody decides anything: the other input of the model beside the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from shopplan.plan.facts import Foreign
from shopplan.plan.learned import Learned
from shopplan.response import Curve
from shopplan.terms import Default, Target

Array = np.ndarray
TAIL = 24
"""Months of history that reach into the plan: carry-over of spend, repeat orders, open balances."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to customers; ``paid`` when money can be spent on it."""

    id: str
    name: str
    kind: str
    paid: bool


@dataclass(frozen=True, slots=True)
class Role:
    """A function of the team.

    ``orders_per_head`` is what one head handles a month; 0 for a role whose size does not follow orders.
    ``automated`` roles need fewer heads as service automation rises.
    """

    id: str
    orders_per_head: float = 0.0
    automated: bool = False


@dataclass(frozen=True, slots=True)
class Initiative:
    """A planned improvement of one driver; the uplift is a range, its middle is the lever's default."""

    id: str
    driver: str
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the plan and the spending shares that its source plan names for it (empty when it names none)."""

    id: str
    months: int
    reference: tuple[tuple[str, float], ...]
    source: str


@dataclass(frozen=True, eq=False)
class Baseline:
    """Forecast, curves, ratios and defaults of one shop for one version of its data.

    Arrays run over ``HORIZON_MAX`` months (axis 0) and channels (axis 1), in the order of ``channels``.
    Money is in the shop's currency, major units, a month.

    Attributes
    ----------
    version : str
        Changes with the data, the entered values and the template; keys every cache.
    start : date
        First planned month.
    orders : (M, C)
        Forecast orders at the reference spend, all sources together.
    log_sd : (M, C)
        Standard deviation of the forecast error on the log scale, were its size known.
    memory : (M, M)
        Correlation of that error between months.
    cross, freedom : float
        Its correlation between channels, and degrees of freedom: how sure its size is, as for Student's t.
    idle : (C,)
        Share of the months in which a channel, by itself and by chance, sells nothing.
    season, event : (M + 12,)
        Season factor (mean 1 over a year) and intensity of shop events (0 to 1); a year longer than the plan can be,
        since stock and prepaid spend look ahead.
    spend : (M, C)
        Spend that the forecast presumes.
    spend_history, new_history : (TAIL, C)
        Acquisition spend and new customers' orders in the months before the plan, oldest first.
    curves : mapping of channel id to Curve
        One for each paid channel.
    kernel : (TAIL,)
        Repeat orders per new order 1, 2, ... months later, at the default repeat rate.
    aov, conversion, discount, return_rate, margin, platform_fee : (C,)
        Levels by channel; the levers move their weighted mean.
    ratio_sd : mapping
        Log-scale estimation error of ``aov``, ``margin`` (of the cost share), ``returns`` and ``repeat``.
    daily_cv : float
        Day-to-day variation of demand (standard deviation over mean), for stock-outs.
    monthly_sales, monthly_cogs : float
        Recent net sales and cost of goods a month, from which opening balances are made.
    defaults : mapping of lever key to Default
    roles, initiatives, phases, targets
        From the template, scaled to the shop.
    history : DataFrame
        month, orders, gross_sales, discounts, returns, net_sales, cogs, marketing (NaN where unknown).
    """

    version: str
    currency: str
    country: str
    template: str
    start: date
    channels: tuple[Channel, ...]
    orders: Array
    log_sd: Array
    memory: Array
    cross: float
    freedom: float
    idle: Array
    season: Array
    event: Array
    spend: Array
    spend_history: Array
    new_history: Array
    curves: Mapping[str, Curve]
    kernel: Array
    aov: Array
    conversion: Array
    discount: Array
    return_rate: Array
    margin: Array
    platform_fee: Array
    ratio_sd: Mapping[str, float]
    daily_cv: float
    monthly_sales: float
    monthly_cogs: float
    defaults: Mapping[str, Default]
    roles: tuple[Role, ...]
    initiatives: tuple[Initiative, ...]
    phases: tuple[Phase, ...]
    targets: tuple[Target, ...]
    history: pd.DataFrame
    models: Mapping[str, str] = field(default_factory=dict)
    """Name of the forecast model behind each channel."""
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Share of each part of that model, in the order of its name."""
    missing: Mapping[date, float] = field(default_factory=dict)
    """Share of their sales that past months lack because of shortfalls, which the forecast does not learn from."""
    assumed: Mapping[str, Default] = field(default_factory=dict)
    """Metrics whose level neither data nor a lever's default tells."""
    left_out: tuple[str, ...] = ()
    """Currencies whose money is in no figure, for want of a rate."""
    foreign: tuple[Foreign, ...] = ()
    """Marketing that was typed and is in no figure for the same reason; one amount a currency."""
    learned: Learned | None = None
    """What was learned of the curves from the shop's data, used or not."""
    curve_links: Array | None = None
    """(2P, 2P) correlation of log ROAS and logit bend of the paid channels, channel by channel; None for none."""

    def curve(self, name: str) -> Array:
        """(C,) one value of the curves, in channel order; a harmless one for channels that cannot be paid for."""
        absent = {"bend": 0.5}.get(name, 0.0)
        return np.array([getattr(self.curves[c.id], name) if c.paid else absent for c in self.channels])

    def months(self, horizon: int) -> pd.DatetimeIndex:
        """First days of the planned months."""
        return pd.date_range(self.start, periods=horizon, freq="MS")

    def default(self, key: str) -> float:
        """Default value of a lever."""
        return self.defaults[key].value
