"""Natural keys: what makes a stored row the same row when a later file states it again."""

from __future__ import annotations

import pandas as pd

from shopplan.ingest.sheet import Sheet


def line_keys(sheet: Sheet) -> pd.Series:
    """A key for each line within its order: the platform's line id, else the article, numbered when it repeats."""
    key = sheet.text("line_id")
    for id_ in ("sku", "product"):
        key = key.where(key != "", sheet.text(id_))
    return numbered(sheet.orders, key.str.slice(0, 80))


def numbered(orders: object, key: pd.Series) -> pd.Series:
    """Keys that are unique within an order: the second of a kind gets ``#2``."""
    times = key.groupby([orders, key.to_numpy()]).cumcount()
    return key.where(times == 0, key + "#" + (times + 1).astype("str"))
