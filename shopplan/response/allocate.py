"""Where the next unit of money brings most: the exact split of a budget over concave curves, and when to leave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shopplan.response.transform import Array, saturation, saturation_slope
from shopplan.terms import ShopplanError

Verdict = Literal["better", "no_proven_better"]

BOUNDS = 0.3
"""How far one step may move a channel, as a share of its present spend."""
SURE, MATERIAL = 0.95, 0.03
"""Least chance of a gain, and least expected gain as a share of media sales, for a split to be called better.

A split near the best has little to gain and much to mistake: there a chance alone is often high by accident, while the
gain that is expected stays small. Both were chosen on simulated shops (benchmarks/RESULTS.md)."""
SURE_TOTAL = 0.9
GRID = 81


@dataclass(frozen=True, eq=False)
class Returns:
    """Sales a window by channel and draw, as functions of spend.

    Attributes
    ----------
    channels : tuple of str
    present : array (channels,)
        Present spend in the window, above zero.
    sales, slope : callable
        Of multiples of present spend (channels,): sales (draws, channels), and sales per further unit of money.
    """

    channels: tuple[str, ...]
    present: Array
    sales: Callable[[Array], Array]
    slope: Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why no better split exists within the bounds (Karush, Kuhn, Tucker).

    Attributes
    ----------
    marginal : float
        Sales per further unit of money, the same in every channel that is not at a bound.
    gap : float
        Largest relative distance from it among those channels; 0 where all are at a bound.
    at_low, at_high : tuple of str
        Channels held by a bound: their marginal return is below, above the common one.
    kept : tuple of str
        Channels left as they are, because it is not sure which way they should move.
    """

    marginal: float
    gap: float
    at_low: tuple[str, ...]
    at_high: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Allocation:
    """A proposed split and how sure it is.

    Attributes
    ----------
    channels : tuple of str
    present, proposed : array (channels,)
        Spend in the window.
    mroas : array (channels,)
        Sales per further unit of money at present spend.
    gain, gain_lo, gain_hi : float
        Expected further sales (with a margin: further margin less further spend) against the present split of the
        same total, or against present spend when the total is free; with its 90 % interval.
    change : float
        The same against present spend, whatever the total.
    chance : float
        Share of draws with a gain.
    verdict : {"better", "no_proven_better"}
    certificate : Certificate
    """

    channels: tuple[str, ...]
    present: Array
    proposed: Array
    mroas: Array
    gain: float
    gain_lo: float
    gain_hi: float
    change: float
    chance: float
    verdict: Verdict
    certificate: Certificate


def allocate(
    returns: Returns, total: float | Literal["present", "best"] = "present", bounds: float = BOUNDS,
    margin: float | None = None, sure: float = SURE, material: float = MATERIAL,
) -> Allocation:  # fmt: skip
    """The best split of a total, each channel within ``bounds`` of its proportional share of it.

    The draws' mean curves are concave and separate, so the best split is where their slopes are equal: one number is
    sought by bisection. It is better where a gain has a chance of ``sure`` and is expected to be ``material``, a
    share of media sales. Where it is not, channels whose move
    is least sure are left as they are, one by one, until the rest of the move is. With ``"best"`` the total is free
    too, and each channel goes toward ``margin * mROAS = 1`` (Dorfman and Steiner 1954) as far as its bounds allow.

    Raises
    ------
    ShopplanError
        When the best total is asked for without a margin, or an argument is out of its range.
    """
    scale = _scale(returns, total, bounds, margin)
    grid = _Grid.of(returns, scale, bounds)
    free = np.ones(len(returns.present), dtype=bool)
    first = found = _judge(returns, grid, free, total == "best", margin, (sure, material))
    while found.verdict != "better" and total != "best" and free.sum() > 2:
        free = max(_one_less(free), key=lambda some: _chance(returns, grid, some))
        found = _judge(returns, grid, free, False, margin, (sure, material))
    return found if found.verdict == "better" else first


def _one_less(free: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The sets of free channels with one more of them left as it is."""
    return [free & (np.arange(len(free)) != channel) for channel in np.flatnonzero(free)]


def _chance(returns: Returns, grid: _Grid, free: NDArray[np.bool_]) -> float:
    return float((_more_sales(returns, grid, grid.split(returns.present, free)[0]) > 0).mean())


def _more_sales(returns: Returns, grid: _Grid, chosen: Array) -> Array:
    """(draws,) sales beyond those of the present split of the same total."""
    return (returns.sales(chosen) - returns.sales(np.full(len(chosen), grid.scale))).sum(axis=1)


@dataclass(frozen=True, eq=False)
class _Grid:
    """Mean slopes (points, channels) at multiples (points,) of present spend."""

    multiples: Array
    slopes: Array
    scale: float

    @classmethod
    def of(cls, returns: Returns, scale: float, bounds: float) -> _Grid:
        multiples = scale * np.linspace(1 - bounds, 1 + bounds, GRID)
        slopes = [returns.slope(np.full(len(returns.present), m)).mean(axis=0) for m in multiples]
        return cls(multiples, np.stack(slopes), scale)

    def wanted(self, marginal: float, free: NDArray[np.bool_]) -> Array:
        """(channels,) multiples at which the slope has fallen to ``marginal``; channels that are not free stay."""
        columns = [np.interp(-marginal, -column, self.multiples) for column in self.slopes.T]
        return np.where(free, columns, self.scale)

    def split(self, present: Array, free: NDArray[np.bool_]) -> tuple[Array, float]:
        """Multiples that spend the total, and the common slope: spending falls as the slope asked for rises."""
        total, low, high = self.scale * present.sum(), float(self.slopes.min()) / 2, float(self.slopes.max()) * 2
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if self.wanted(middle, free) @ present > total else (low, middle)
        chosen = self.wanted(middle, free)
        rest = float((self.scale - chosen) @ present)
        # what the grid leaves goes to channels that still have room
        room = np.where(free, self.multiples[-1] - chosen if rest > 0 else chosen - self.multiples[0], 0.0) * present
        return chosen + rest * room / max(float(room.sum()), 1e-300) / present, middle


@dataclass(frozen=True, slots=True)
class TotalAdvice:
    """Which way the whole budget should go.

    Attributes
    ----------
    direction : {"more", "less"}
        Toward the total at which the next unit of money earns itself back.
    proven : bool
        Whether the chance is ``SURE_TOTAL`` or more; on simulated shops directions below it were wrong half the time.
    chance : float
        Share of draws that agree on the direction.
    mroas, break_even : float
        Sales of the next unit of money, spread as now, and what it must bring: ``1 / margin``.
    """

    direction: Literal["more", "less"]
    proven: bool
    chance: float
    mroas: float
    break_even: float


def advise_total(returns: Returns, margin: float) -> TotalAdvice:
    """Whether more or less in total would earn more, the split left as it is."""
    _scale(returns, "best", BOUNDS, margin)
    slopes = returns.slope(np.ones(len(returns.present))) @ returns.present / returns.present.sum()
    more = float(margin * slopes.mean()) > 1
    agree = margin * slopes > 1 if more else margin * slopes <= 1
    chance = float(agree.mean())
    return TotalAdvice("more" if more else "less", chance >= SURE_TOTAL, chance, float(slopes.mean()), 1 / margin)


def _scale(returns: Returns, total: float | str, bounds: float, margin: float | None) -> float:
    if len(returns.present) == 0:
        raise ShopplanError("no channel has spend in the window, so there is nothing to split")
    if not 0 < bounds < 1:
        raise ShopplanError("the bounds are a share between 0 and 1, for example 0.3")
    if margin is not None and not 0 < margin <= 1:
        raise ShopplanError("the margin is a share above 0 and up to 1, for example 0.55")
    if isinstance(total, str):
        if total == "best" and margin is None:
            raise ShopplanError("the best total depends on the margin", hint="give the margin, for example 0.55")
        return 1.0
    if not 0 < total < np.inf:
        raise ShopplanError("the total is an amount of money above zero")
    return total / float(returns.present.sum())


def _judge(
    returns: Returns, grid: _Grid, free: NDArray[np.bool_], any_total: bool, margin: float | None,
    least: tuple[float, float],
) -> Allocation:  # fmt: skip
    marginal = 1.0 / (margin or 1.0)
    if any_total:
        chosen = grid.wanted(marginal, free)
    else:
        chosen, marginal = grid.split(returns.present, free)
    gains, extra = _more_sales(returns, grid, chosen), float((chosen - 1) @ returns.present)
    change = float((returns.sales(chosen) - returns.sales(np.ones(len(chosen)))).sum(axis=1).mean())
    worth = least[1] * (margin or 1.0) * float(returns.sales(np.full(len(chosen), grid.scale)).mean(axis=0).sum())
    if margin is not None:
        gains = margin * gains - (chosen - grid.scale) @ returns.present
    chance = float((gains > 0).mean())
    low, high = np.quantile(gains, (0.05, 0.95))
    return Allocation(
        channels=returns.channels,
        present=returns.present,
        proposed=chosen * returns.present,
        mroas=returns.slope(np.ones(len(chosen))).mean(axis=0),
        gain=float(gains.mean()),
        gain_lo=float(low),
        gain_hi=float(high),
        change=change if margin is None else margin * change - extra,
        chance=chance,
        verdict="better" if chance >= least[0] and gains.mean() >= worth else "no_proven_better",
        certificate=_certify(returns, chosen, grid, free, marginal),
    )


def _certify(returns: Returns, chosen: Array, grid: _Grid, free: NDArray[np.bool_], marginal: float) -> Certificate:
    width = 1e-6 * grid.scale
    at_low, at_high = chosen <= grid.multiples[0] + width, chosen >= grid.multiples[-1] - width
    inner = returns.slope(chosen).mean(axis=0)[free & ~at_low & ~at_high]
    low, high, held = (
        tuple(c for c, there in zip(returns.channels, which, strict=True) if there)
        for which in (free & at_low, free & at_high, ~free)
    )
    return Certificate(marginal, float(np.abs(inner / marginal - 1).max()) if len(inner) else 0.0, low, high, held)


def returns_of(
    channels: tuple[str, ...], felt: Array, present: Array, height: Array, kappa: Array, power: Array,
) -> Returns:  # fmt: skip
    """Returns of saturating curves along a path of adstock.

    Spend is scaled as if it had always been at the new level: what earlier spend brings in the window then stands
    for what the window's spend brings after it.

    Parameters
    ----------
    channels : tuple of str
    felt : array (periods, draws, channels)
        Adstocked spend in the window.
    present : array (channels,)
    height, kappa, power : array (draws, channels)
        Highest sales a period, scale of spend, and power of `saturation`.
    """

    ratio = felt / kappa

    def sales(multiples: Array) -> Array:
        return np.asarray((saturation(ratio * multiples, power) * height).sum(axis=0))

    def slope(multiples: Array) -> Array:
        rise = saturation_slope(ratio * multiples, power) * ratio
        return np.asarray(rise.sum(axis=0) * height / present)

    return Returns(channels, present, sales, slope)
