"""Random inputs of the model, made once per baseline and seed so that a moving lever never jitters.

Column 0 of every draw axis is the mean-parameter path: the result of ``draws=0`` is column 0 of any other run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shopplan.plan.baseline import TAIL, Array, Baseline
from shopplan.response import adstock, draw

MOST_PAID = 0.8
"""Paid orders cannot be more than this share of a shop's new orders; returns that claim more are scaled down."""
YEAR = 12
NUGGET = 0.01
"""Taken off the correlations of curves, so that two that always go together can be drawn."""
JITTER = 1e-6
FUTURES = 316
"""Stream of the random numbers behind the errors of forecasts. All plans share their draws, and with them the luck of
these: of 400 streams this one's quantiles of totals over 3 to 24 months come nearest to those of 40,000 draws."""
MOST_SIZE = 3.0
"""Errors of a draw are at most so many times as large as usual."""
MOST_REPEAT = 0.95
"""Repeat orders are at most this share of a month's forecast."""


@dataclass(frozen=True, eq=False)
class Draws:
    """One set of random inputs; N = draws + 1 columns.

    Attributes
    ----------
    organic : (T, C, N)
        New customers' orders that come without spend, so that with the reference spend the forecast comes out again.
    legacy : (T, C)
        Repeat orders of customers won before the plan, at the default repeat rate; they follow the season.
    repeat : (T, T)
        Repeat orders in month t of one new order in month k, at the default repeat rate and in the season of t.
    ease : (T,)
        At most 1: what of the repeat orders the month's forecast leaves room for, so that the default plan is the
        forecast even where a peak is followed by a quiet month.
    roas, bend : (C, N)
        Parameters of the response curves.
    aov, cost, returns, repeat_scale : (N,)
        Multipliers for the estimation error of the ratios.
    chance, uplift : (I, N)
        Uniform numbers that decide whether an initiative works and where in its range it lands.
    """

    organic: Array
    legacy: Array
    repeat: Array
    ease: Array
    roas: Array
    bend: Array
    aov: Array
    cost: Array
    returns: Array
    repeat_scale: Array
    chance: Array
    uplift: Array


@lru_cache(maxsize=16)
def prepare(baseline: Baseline, months: int, draws: int, seed: int) -> Draws:
    """Random inputs for ``months`` months and ``draws`` draws."""
    rng = np.random.Generator(np.random.PCG64(seed))
    initiatives = len(baseline.initiatives)
    roas, bend = _curve_draws(baseline, rng, draws)
    roas = roas * _possible(baseline, roas, bend)
    futures = np.random.Generator(np.random.PCG64([seed, FUTURES]))
    error = _forecast_error(baseline, months, draws, futures)
    ratios = _normals(rng, (4,), draws)
    sd = baseline.ratio_sd
    aov, cost, returns, repeat_scale = (
        _lognormal(z, sd.get(name, 0.0)) for z, name in zip(ratios, ("aov", "margin", "returns", "repeat"), strict=True)
    )
    season = baseline.season[:months, None]
    repeat, legacy = season * repeat_matrix(baseline.kernel, months), season * legacy_repeat(baseline, months)
    paid = _paid_orders(baseline, months, roas, bend)
    ease, _ = _ease(baseline.orders[:months].sum(axis=1), paid[:, :, 0].sum(axis=1), repeat, legacy.sum(axis=1))
    total = baseline.orders[:months, :, None] * error / aov
    worth = baseline.aov * (1 - baseline.discount) * (1 - baseline.return_rate)
    organic = _organic(total, ease[:, None] * repeat, ease[:, None] * legacy, repeat_scale, paid, worth)
    uniform = rng.random((2, initiatives, draws))
    chance, uplift = (np.concatenate([np.full((initiatives, 1), np.nan), u], axis=1) for u in uniform)
    return Draws(organic, legacy, repeat, ease, roas, bend, aov, cost, returns, repeat_scale, chance, uplift)


def repeat_matrix(kernel: Array, months: int) -> Array:
    """(T, T) strictly lower triangular: repeat orders in month t from one new order in month k."""
    lag = np.arange(months)[:, None] - np.arange(months)[None, :]
    return np.where((lag >= 1) & (lag <= len(kernel)), kernel[np.clip(lag - 1, 0, len(kernel) - 1)], 0.0)


def legacy_repeat(baseline: Baseline, months: int) -> Array:
    """(T, C) repeat orders of the customers won in the TAIL months before the plan."""
    lag = np.arange(months)[:, None] + TAIL - np.arange(TAIL)[None, :]
    weight = np.where(lag <= TAIL, baseline.kernel[np.clip(lag - 1, 0, TAIL - 1)], 0.0)
    return weight @ baseline.new_history


def paid_sales(spend: Array, history: Array, reference: Array, roas: Array, bend: Array, carryover: Array) -> Array:
    """Incremental sales of spend: geometric adstock, then Michaelis-Menten through (reference, roas * reference).

    Parameters
    ----------
    spend : (T, C), already divided by the cost index
    history : (TAIL, C)
    reference, carryover : (C,)
    roas, bend : (C, N)

    Returns
    -------
    (T, C, N) sales a month; zero for zero spend with no carry-over, concave and increasing in spend.
    The bend is the local elasticity at the reference spend (Hill with slope 1: kappa = x0 * bend / (1 - bend)).
    """
    stocked = adstock(np.concatenate([history, spend]), carryover)[len(history) :]
    kappa = reference[:, None] * bend / (1 - bend)
    ceiling = roas * (kappa + reference[:, None])
    flow = stocked[:, :, None]
    return ceiling * flow / (kappa + np.maximum(flow, 1e-300))


def _paid_orders(b: Baseline, months: int, roas: Array, bend: Array) -> Array:
    """(T, C, N) orders that the reference spend brings: they are in the forecast already."""
    reference, carryover = b.curve("reference_spend"), b.curve("carryover")
    sales = paid_sales(b.spend[:months], b.spend_history, reference, roas, bend, carryover)
    return sales / sales_per_order(b)[:, None]


def _possible(b: Baseline, roas: Array, bend: Array) -> Array:
    """(N,) factor on returns, at most 1: in no draw ads bring more than `MOST_PAID` of a year's new orders."""
    season = b.season[:YEAR, None]
    paid = _paid_orders(b, YEAR, roas, bend).sum(axis=1)
    repeat, legacy = season * repeat_matrix(b.kernel, YEAR), season * legacy_repeat(b, YEAR)
    new = _ease(b.orders[:YEAR].sum(axis=1), paid[:, 0], repeat, legacy.sum(axis=1))[1].sum()
    most = max(MOST_PAID * new, float(paid[:, 0].sum()))
    return np.minimum(1.0, np.divide(most, paid.sum(axis=0), out=np.ones(paid.shape[1]), where=paid.sum(axis=0) > 0))


def _ease(total: Array, paid: Array, repeat: Array, legacy: Array) -> tuple[Array, Array]:
    """(T,) factor on repeat orders that leaves room in the shop's forecast (T,) for the paid ones and a few others.

    The second value are the new orders of each month.
    """
    new, ease = np.zeros(len(total)), np.ones(len(total))
    for t in range(len(total)):
        flow = float(legacy[t] + repeat[t] @ new)
        room = max(min(MOST_REPEAT * total[t], total[t] - paid[t]), 0.0)
        ease[t] = min(1.0, room / flow) if flow > 0 else 1.0
        new[t] = total[t] - ease[t] * flow
    return ease, new


def _organic(total: Array, repeat: Array, legacy: Array, scale: Array, paid: Array, worth: Array) -> Array:
    """(T, C, N) new orders without spend: forecast less repeat less paid, never below zero.

    What is forecast are sales, from the shop's own history: where a draw has customers come back more often or buy
    more at once, fewer new orders stand behind the same sales. The estimation errors of repeat and basket are in the
    forecast's error already and must not be added to it once more.

    Sales that a channel's spend brings can be booked elsewhere (an ad leads to the shop's own checkout); what a channel
    lacks is taken from the others in proportion, so that the month's net sales stay the forecast.

    Parameters
    ----------
    total, paid : (T, C, N)
        Orders of the forecast in every draw, and those that the reference spend brings.
    repeat : (T, T)
    legacy : (T, C)
    scale : (N,)
        Of repeat orders.
    worth : (C,)
        Net sales of an order.
    """
    months, channels, n = total.shape
    new = np.empty((months, channels * n))
    for t in range(months):
        flow = (repeat[t, :t] @ new[:t]).reshape(channels, n) + legacy[t][:, None]
        new[t] = (total[t] - scale * flow).reshape(-1)
    left = new.reshape(total.shape) - paid
    organic = np.maximum(left, 0.0)
    lacking = np.einsum("c,tcn->tn", worth, organic - left)[:, None]
    there = np.einsum("c,tcn->tn", worth, organic)[:, None]
    return organic * np.maximum(1 - np.divide(lacking, there, out=np.ones_like(there), where=there > 0), 0.0)


def sales_per_order(baseline: Baseline) -> Array:
    """(C,) sales after discount of one order, at the defaults; what a return on ad spend counts."""
    return baseline.aov * (1 - baseline.discount)


def _curve_draws(baseline: Baseline, rng: np.random.Generator, draws: int) -> tuple[Array, Array]:
    """ROAS and bend of every channel, (C, N) each; column 0 holds the curves' own values."""
    paid = [i for i, c in enumerate(baseline.channels) if c.paid]
    curves = [baseline.curves[baseline.channels[i].id] for i in paid]
    normals = rng.standard_normal((draws, len(paid), 2))
    if baseline.curve_links is not None:
        root = np.linalg.cholesky((1 - NUGGET) * baseline.curve_links + NUGGET * np.eye(2 * len(paid)))
        normals = (normals.reshape(draws, 2 * len(paid)) @ root.T).reshape(normals.shape)
    drawn = draw(curves, normals)
    out = []
    for name, values in zip(("roas", "bend"), drawn, strict=True):
        full = np.repeat(baseline.curve(name)[:, None], draws + 1, axis=1)
        full[paid, 1:] = values.T
        out.append(full)
    return out[0], out[1]


def _forecast_error(baseline: Baseline, months: int, draws: int, rng: np.random.Generator) -> Array:
    """(T, C, N) multipliers with median 1: Student's t in logs, with a common part between channels.

    How large the errors of a shop are is only known from its history; in every draw that size is another one, the same
    for all months and channels. As many futures lie above the forecast as below it: it is back-tested in logs, and
    raised to a mean for nothing but the noise that averages out in a total.

    A channel that now and then sells nothing does so by itself, and more in its other months.

    Always drawn for the longest horizon, so that a shorter plan sees the same futures.
    """
    horizon, channels = baseline.orders.shape
    shocks = rng.standard_normal((horizon, channels + 1, draws))[:months]
    size = np.sqrt(baseline.freedom / rng.chisquare(baseline.freedom, draws)).clip(max=MOST_SIZE)
    root = np.linalg.cholesky(baseline.memory + JITTER * np.eye(horizon))[:months, :months]
    path = (root @ shocks.reshape(months, -1)).reshape(shocks.shape)
    mixed = np.sqrt(baseline.cross) * path[:, :1] + np.sqrt(1 - baseline.cross) * path[:, 1:]
    padded = np.concatenate([np.zeros((months, channels, 1)), mixed], axis=2)
    error = np.exp(baseline.log_sd[:months, :, None] * np.concatenate([[1.0], size]) * padded)
    if baseline.idle.any():
        idle = baseline.idle[:, None]
        error[:, :, 1:] *= (rng.random((horizon, channels, draws))[:months] >= idle) / (1 - idle)
    return error


def _normals(rng: np.random.Generator, shape: tuple[int, ...], draws: int) -> Array:
    """Standard normals (*shape, N), column 0 zero."""
    return np.concatenate([np.zeros((*shape, 1)), rng.standard_normal((*shape, draws))], axis=-1)


def _lognormal(normal: Array, sd: Array | float) -> Array:
    """Multipliers with mean 1; exactly 1 in column 0."""
    out = np.exp(sd * normal - 0.5 * np.square(sd))
    out[..., 0] = 1.0
    return out
