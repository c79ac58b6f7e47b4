"""Where the labels inside charts stand, so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from shopplan.ui import words
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.frames import Columns
    from shopplan.ui.live import Live

WINDOW_MONTHS = {"month": 1, "quarter": 3, "year": 12}
TARGET_ROOM, LABEL_ROOM = 1.4, 0.075
"""Up to how many times the highest value a target is drawn at its height; height of a label as a part of that."""
NAME_ROOM = 0.35
"""Part of the width of a phone that the name of a curve takes."""


def with_targets(live: Live, columns: dict[str, np.ndarray], past: int) -> Columns:
    """Targets in the months they are due, ``past`` months after the first; a month with several has a row for each.

    Labels stand in the past, where the plan is not, each above its line. Of two lines too close for a label in between
    the lower one has its own below it. A target far above all that is drawn would press the plan flat: it has a label
    at the top only.
    """
    n = len(live.result.months)
    wanted = [(x.threshold / WINDOW_MONTHS[x.window], x) for x in live.targets
              if x.metric == "net_sales" and x.window in WINDOW_MONTHS and x.due <= n]  # fmt: skip
    room = TARGET_ROOM * float(np.nanmax([*columns["hi"], *columns["history"]]))
    at = np.array([past + x.due - 1 for _, x in wanted], dtype=int)
    repeats = np.maximum(np.bincount(at, minlength=past + n), 1)
    rows = np.full((3, repeats.sum()), None, dtype=object)
    below = np.zeros(repeats.sum(), dtype=bool)
    free = np.cumsum(repeats) - repeats
    ordered = sorted(wanted, key=lambda pair: pair[0])
    places = _places([monthly for monthly, _ in ordered], room)
    for (monthly, x), (height, under) in zip(ordered, places, strict=True):
        drawn = monthly <= room
        value = live.style.money(monthly)
        told = value if x.window == "month" else t("milestone.a_month", value=value)
        label = t("milestone.on_chart" if drawn else "milestone.above_chart", name=words.target(x), value=told)
        row = free[past + x.due - 1]
        rows[:, row], below[row] = (monthly if drawn else None, height, label), under
        free[past + x.due - 1] += 1
    drawn_at = {"target": rows[0].astype(float), "target_at": rows[1].astype(float), "target_label": rows[2],
                "target_below": below, "today": np.full(len(below), past / (past + n))}  # fmt: skip
    return {name: np.repeat(column, repeats) for name, column in columns.items()} | drawn_at


def _places(values: list[float], room: float) -> list[tuple[float, bool]]:
    """Height of the label of each target, lowest first, and whether it stands below that height instead of above."""
    step, beyond = LABEL_ROOM * room, sum(value > room for value in values)
    heights = [value if value <= room else room - step * beyond for value in values]
    places, top = [], -np.inf
    for value, above in zip(heights, [*heights, np.inf][1:], strict=True):
        height = value
        under = above - value < step and top <= value - step
        height = height if under else max(height, top)
        top = height if under else height + step
        places.append((height, under))
    return places


def names_at(parts: list[Columns]) -> np.ndarray:
    """Height of the name of each curve: at its end or, where something lies there already, the nearest that is free.

    That is the name of another curve that ends near by, or where another curve stands now or in the plan.
    """
    widest, step = max(part["spend"][-1] for part in parts), LABEL_ROOM * max(part["hi"].max() for part in parts)
    marks = [mark for part in parts for mark in _marks(part)]
    names: list[tuple[float, float]] = []
    heights = [np.full(len(part["spend"]), np.nan) for part in parts]
    for i in sorted(range(len(parts)), key=lambda i: parts[i]["sales"][-1]):
        end, own, reach = float(parts[i]["spend"][-1]), float(parts[i]["sales"][-1]), NAME_ROOM * widest
        taken = [y for x, y in names if abs(x - end) < reach] + [y for x, y in marks if 0 <= x - end < reach]
        heights[i][-1] = _nearest_free(own, taken, step)
        names.append((end, heights[i][-1]))
    return np.concatenate(heights)


def _nearest_free(own: float, taken: list[float], step: float) -> float:
    """The height nearest to ``own`` that is a ``step`` away from all that are taken, and not on the axis."""
    beside = [y + side * step for y in taken for side in (-1, 1)]
    free = [y for y in (own, *beside) if all(abs(y - x) > 0.999 * step for x in taken)]
    return min((y for y in free if y == own or y > step / 2), key=lambda y: abs(y - own))


def _marks(part: Columns) -> Iterator[tuple[float, float]]:
    """Spend and sales of a curve where the shop stands now and where the plan has it."""
    for name in ("present", "plan"):
        yield from zip(part["spend"][part[name]], part["sales"][part[name]], strict=True)
