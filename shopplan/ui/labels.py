"""Where the labels inside charts stand, so that none covers another."""

from __future__ import annotations

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


def with_targets(live: Live, columns: dict[str, np.ndarray], past: int) -> Columns:
    """Targets in the months they are due, ``past`` months after the first; a month with several has a row for each.

    Labels keep apart from each other. A target far above all that is drawn would press the plan flat: it has a label
    at the top only.
    """
    n = len(live.result.months)
    wanted = [(x.threshold / WINDOW_MONTHS[x.window], x) for x in live.targets
              if x.metric == "net_sales" and x.window in WINDOW_MONTHS and x.due <= n]  # fmt: skip
    room = TARGET_ROOM * float(np.nanmax([*columns["hi"], *columns["history"]]))
    at = np.array([past + x.due - 1 for _, x in wanted], dtype=int)
    repeats = np.maximum(np.bincount(at, minlength=past + n), 1)
    rows = np.full((3, repeats.sum()), None, dtype=object)
    free = np.cumsum(repeats) - repeats
    level, beyond = -np.inf, sum(monthly > room for monthly, _ in wanted)
    for monthly, x in sorted(wanted, key=lambda pair: pair[0]):
        drawn = monthly <= room
        level = max(monthly if drawn else room * (1 - LABEL_ROOM * beyond), level + LABEL_ROOM * room)
        value = live.style.money(monthly)
        told = value if x.window == "month" else t("milestone.a_month", value=value)
        label = t("milestone.on_chart" if drawn else "milestone.above_chart", name=words.target(x), value=told)
        rows[:, free[past + x.due - 1]] = monthly if drawn else None, level, label
        free[past + x.due - 1] += 1
    drawn_at = {"target": rows[0].astype(float), "target_at": rows[1].astype(float), "target_label": rows[2]}
    return {name: np.repeat(column, repeats) for name, column in columns.items()} | drawn_at


def names_at(parts: list[Columns]) -> np.ndarray:
    """Height of the name of each curve, at its end: beside it, or above the name of another curve that ends near by."""
    widest, step = max(part["spend"][-1] for part in parts), LABEL_ROOM * max(part["hi"].max() for part in parts)
    placed: list[tuple[float, float]] = []
    heights = [np.full(len(part["spend"]), np.nan) for part in parts]
    for i in sorted(range(len(parts)), key=lambda i: parts[i]["sales"][-1]):
        end, height = float(parts[i]["spend"][-1]), float(parts[i]["sales"][-1])
        height = max([height, *(y + step for x, y in placed if abs(x - end) < 0.2 * widest)])
        placed.append((end, height))
        heights[i][-1] = height
    return np.concatenate(heights)
