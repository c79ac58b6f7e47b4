"""What does not belong to a series' pattern: lone wild values and steps of the level; found, told and taken out.

The structural model at one middle setting gives every value a leave-one-out residual, and every date a step, in closed
form (Rasmussen and Williams 2006, section 5.4.2); the strongest is taken out and the rest looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from shopplan.forecast.series import Array, Flags
from shopplan.forecast.structural import LONG_SEASON, Influences, growth_sd, noise, season_basis

LEVEL_MOVE = 0.2
"""Moves of the level against the noise at the middle setting."""
OUTLIER, SHIFT, LONG = 4.5, 5.5, 7.0
"""Robust standard errors above which a value is an outlier, a step a shift, and either in daily or weekly data."""
LEAST = 0.15
"""Smaller changes, in logs, are left in."""
SIDE = 4
"""A shift needs at least so many values on either side."""
MOST = 0.06
"""At most this share of the values is called wild."""
SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Oddity:
    """A wild value, or the first period after a step; ``size`` is in logs against what was expected."""

    kind: Literal["outlier", "shift"]
    at: int
    size: float


@dataclass(frozen=True, eq=False)
class Screened:
    """The series without oddities, gaps filled, brought to the present level; ``known`` are the values believed."""

    z: Array
    known: Flags
    oddities: tuple[Oddity, ...]


def screen(z: Array, known: Flags, m: int, influences: Influences) -> Screened:
    """Find and take out oddities; ``z`` (n,) is complete, ``known`` says which values were really there."""
    n = len(z)
    precision = np.asarray(np.linalg.inv(_covariance(z, m, influences)), dtype=np.float64)
    for t in np.flatnonzero(~known):
        precision = _without(precision, np.eye(n)[t])
    for column in influences.stated[:n].T:  # however much it does, it is not odd
        precision = _without(precision, column)
    found: list[Oddity] = []
    kept, level = known.copy(), np.zeros(n)
    if known.sum() >= SHORTEST:
        for _ in range(max(1, round(MOST * n))):
            one = _strongest(z, kept, precision, m)
            if one is None:
                break
            found.append(one)
            step = (np.arange(n) >= one.at).astype(float)
            if one.kind == "outlier":
                kept[one.at] = False
            else:
                level += one.size * step
            precision = _without(precision, step if one.kind == "shift" else np.eye(n)[one.at])
    flat = z - level + level[-1]
    for t in np.flatnonzero(~kept):
        flat[t] = np.interp(t, np.flatnonzero(kept), flat[kept])
    return Screened(_filled(flat, kept, m, influences), kept, tuple(sorted(found, key=lambda one: one.at)))


def _covariance(z: Array, m: int, influences: Influences) -> Array:
    n, sigma = len(z), noise(z, m)
    t = np.arange(n)
    basis, prior = season_basis(n, m)
    columns = influences.columns[:n] * influences.sd
    drift = (growth_sd(z, m) / max(m, 12)) ** 2 * np.outer(t, t)
    level = 1.0 + (LEVEL_MOVE * sigma) ** 2 * np.minimum.outer(t, t)
    return level + drift + basis @ prior @ basis.T + columns @ columns.T + sigma**2 * np.eye(n)


def _without(precision: Array, column: Array) -> Array:
    """The precision when an effect of this column may be anything."""
    reach = precision @ column
    less: Array = precision - np.outer(reach, reach) / max(float(column @ reach), 1e-12)
    return less


def _strongest(z: Array, kept: Flags, precision: Array, m: int) -> Oddity | None:
    n = len(z)
    centred = z - z[kept].mean()
    pull, room = precision @ centred, np.diag(precision).copy()
    gone = ~kept | (room < 1e-9)
    room[gone] = 1.0
    single = np.where(gone, 0.0, pull / np.sqrt(room))
    scale = max(1.4826 * float(np.median(np.abs(single[~gone]))), 1e-9)
    steps = np.cumsum(pull[::-1])[::-1]
    weight = np.cumsum(np.cumsum(precision[::-1, ::-1], axis=0), axis=1)[::-1, ::-1].diagonal()
    inner = np.zeros(n, dtype=bool)
    inner[SIDE : n - SIDE + 1] = True
    inner &= weight > 1e-6
    shift = np.where(inner, steps / np.sqrt(np.where(inner, weight, 1.0)), 0.0)
    limits = (LONG, LONG) if m in (7, 52) else (OUTLIER, SHIFT)
    lone = _not_yearly(single, m)
    i, j = int(np.argmax(np.abs(lone))), int(np.argmax(np.abs(shift)))
    first, second = abs(lone[i]) / scale / limits[0], abs(shift[j]) / scale / limits[1]
    if max(first, second) < 1:
        return None
    at, kind = (i, "outlier") if first >= second else (j, "shift")
    size = float(pull[i] / room[i]) if kind == "outlier" else float(steps[j] / weight[j])
    return Oddity(kind, at, size) if abs(size) >= LEAST else None  # type: ignore[arg-type]


def _not_yearly(single: Array, m: int) -> Array:
    """Residuals without those that come every year about the same day, as shopping festivals do."""
    if m <= 1 or m == 12:
        return single
    year, near = (52, 1) if m > LONG_SEASON else (364, 10)
    lone = single.copy()
    for lag in (-year, year):
        for off in range(-near, near + 1):
            moved = np.roll(single, lag + off)
            lone[(np.sign(moved) == np.sign(single)) & (np.abs(moved) > np.abs(single) / 2)] = 0.0
    return lone


def _filled(z: Array, kept: Flags, m: int, influences: Influences) -> Array:
    """Expected values in place of those that are not kept."""
    gaps = np.flatnonzero(~kept)
    if not len(gaps):
        return z
    cov, middle = _covariance(z, m, influences), z[kept].mean()
    whole = z.copy()
    inside = np.linalg.solve(cov[np.ix_(kept, kept)], z[kept] - middle)
    whole[gaps] = middle + cov[np.ix_(gaps, kept)] @ inside
    return whole
