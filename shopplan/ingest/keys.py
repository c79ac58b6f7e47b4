"""Natural keys: what makes a stored row the same row when a later file states it again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.sheet import Sheet


def line_keys(sheet: Sheet) -> pd.Series:
    """A key for each line within its order: the platform's line id, else the article, numbered when it repeats."""
    key: pd.Series | None = None
    for id_ in ("line_id", "sku", "product"):
        if sheet.has(id_):
            text = sheet.label(id_, 80)
            if key is None:
                key = text
            elif (key == "").any():
                key = key.where(key != "", text)
    return numbered(sheet.orders, sheet.text("product") if key is None else key)


def numbered(orders: npt.NDArray[np.int64], key: pd.Series) -> pd.Series:
    """Keys that are unique within an order: the second of a kind gets ``#2``."""
    codes, known = pd.factorize(key)
    line = pd.Series(orders * len(known) + codes, index=key.index)
    again = line.duplicated()
    if not again.any():
        return key
    several = line[line.isin(line[again])]
    times = several.groupby(several).cumcount()[again] + 1
    return key.mask(again, key[again] + "#" + times.astype("str"))
