"""From a fit by the week to the monthly curves of the plan, and the data that lie behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.response.curve import Curve
from shopplan.response.fit import Fit
from shopplan.response.posterior import CARRY, POWER, expit
from shopplan.response.transform import WEEKS_PER_MONTH, Array, monthly_carryover

LAST_YEAR = {"W": 52, "M": 12}
"""Periods whose mean spend is the reference of a curve, as the reference of an entered curve is."""


@dataclass(frozen=True, eq=False)
class _Usual:
    """Spend a period of the last year's active periods (used,), and draws (draws, used) of the curve there."""

    spend: Array
    roas: Array
    logit_bend: Array


def curves_from_fit(fit: Fit) -> dict[str, Curve]:
    """Monthly curves for the plan, through each used channel's usual spend of the last year.

    A `Curve` is in the unit of the fit's target: a plan counts orders of new customers, so the target must be their
    sales, after discounts and before returns, where a plan is to use the curves.
    """
    usual, month = _usual(fit), WEEKS_PER_MONTH / fit.media.weeks
    return {
        channel: Curve(
            channel=channel,
            reference_spend=float(usual.spend[i] * month),
            roas=float(usual.roas[:, i].mean()),
            bend=float(expit(usual.logit_bend[:, i].mean())),
            carryover=monthly_carryover(float(expit(fit.theta[:, i, CARRY]).mean())),
            roas_sd=float(np.log(usual.roas[:, i]).std()),
            bend_sd=float(usual.logit_bend[:, i].std()),
            source="fitted",
            note="fitted",
        )
        for i, channel in enumerate(fit.used)
    }


def correlation(fit: Fit) -> Array:
    """(2 used, 2 used) correlation of log ROAS and logit bend, channel by channel: what one lacks another may have."""
    usual = _usual(fit)
    pairs = np.stack([np.log(usual.roas), usual.logit_bend], axis=2).reshape(len(usual.roas), -1)
    return np.atleast_2d(np.corrcoef(pairs, rowvar=False))


def behind(fit: Fit) -> dict[str, pd.DataFrame]:
    """The data behind each used channel's curve, month by month.

    Returns
    -------
    dict of channel to DataFrame
        ``month`` (first day), ``spend`` as it is felt and ``sales``, both in money a month: what the fit credits to the
        channel plus all of what it leaves unexplained that month, so that the scatter around the curve is the shop's.
    """
    month = WEEKS_PER_MONTH / fit.media.weeks
    felt = fit.felt(fit.media.spend)
    credited = (fit.saturated(felt) * fit.height()).mean(axis=1)
    left = fit.history.sales - fit.expected(fit.history).mean(axis=0)
    months = fit.history.dates.to_period("M").to_timestamp()
    out = {}
    for i, channel in enumerate(fit.used):
        own = pd.DataFrame({"spend": felt.mean(axis=1)[:, i] * month, "sales": (credited[:, i] + left) * month})
        own = own.groupby(months).mean().rename_axis("month").reset_index()
        out[channel] = own[own["spend"] > 0].reset_index(drop=True)
    return out


def _usual(fit: Fit) -> _Usual:
    recent = fit.media.spend[-LAST_YEAR[fit.history.period] :]
    active = (recent > 0).sum(axis=0)
    spend = np.where(active > 0, recent.sum(axis=0) / np.maximum(active, 1), fit.media.reference)
    roas = fit.height() * fit.saturated(spend) / spend
    # the elasticity of the saturation is 1 / (1 + u**p), so its logit is -p log u
    return _Usual(spend, roas, -fit.theta[..., POWER] * np.log(spend / fit.kappa()))
