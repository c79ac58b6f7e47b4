"""Counting what an import keeps: sums, orders and the span of its fact frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from shopplan.ingest.money import minor_sum
from shopplan.ingest.tables import FACT_TABLES, Parsed, Receipt, frames_hash, typed
from shopplan.terms import ShopplanError

_SUMS = {
    "gross_minor": "gross",
    "discounts_minor": "discounts",
    "returns_minor": "refunds",
    "spend_minor": "spend",
    "attributed_minor": "attributed",
    "impressions": "impressions",
    "clicks": "clicks",
}
"""Column -> its name in a receipt."""


def of_frames(name: str, frames: Mapping[str, pd.DataFrame], format: str, kind: str = "sales") -> Parsed:
    """Facts that did not come from a file, such as the demo shop, with a receipt like that of a file.

    Parameters
    ----------
    name : str
        What stands in the list of imports.
    frames : mapping of fact table to frame
        Columns as in `tables.FACT_TABLES`; money in integer minor units, all of one currency.
    format, kind : str

    Raises
    ------
    ShopplanError
        When a table or a required column is missing, or the money is of several currencies.
    """
    unknown = set(frames) - set(FACT_TABLES)
    if unknown:
        raise ShopplanError("there is no such fact table", ", ".join(sorted(unknown)))
    full = {table: typed(table, frame) for table, frame in frames.items()}
    rows = sum(map(len, full.values()))
    receipt = Receipt(name, frames_hash(full), format, kind, rows_read=rows, rows_kept=rows)
    return Parsed(full, accounted(receipt, full))


def accounted(receipt: Receipt, frames: Mapping[str, pd.DataFrame]) -> Receipt:
    """The receipt with currency, sums, number of orders and span of the frames filled in."""
    currencies = sorted({str(code) for f in frames.values() if "currency" in f for code in f["currency"].unique()})
    if len(currencies) > 1:
        raise ShopplanError(f"several currencies: {', '.join(currencies)}", receipt.file, "split the file by currency")
    currency = currencies[0] if currencies else ""
    days = [frame[name] for frame in frames.values() for name in ("at", "day") if name in frame and len(frame)]
    return replace(
        receipt,
        currency=currency,
        sums={**receipt.sums, **_sums(frames, currency)},
        orders=_orders(frames),
        date_from=min(day.min() for day in days).date().isoformat() if days else "",
        date_to=max(day.max() for day in days).date().isoformat() if days else "",
    )


def _sums(frames: Mapping[str, pd.DataFrame], currency: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for frame in frames.values():
        for column, name in _SUMS.items():
            if column in frame and frame[column].notna().any():
                values = frame[column].dropna().to_numpy("int64")
                money = column.endswith("_minor")
                sums[name] = minor_sum(values, currency) if money else Decimal(int(values.sum()))
    if "gross" in sums:
        sums["net"] = sums["gross"] - sums.get("discounts", Decimal(0)) - sums.get("refunds", Decimal(0))
    return sums


def _orders(frames: Mapping[str, pd.DataFrame]) -> int | None:
    if "order_lines" in frames:
        lines: Any = frames["order_lines"]
        return int(lines.loc[lines["gross_minor"] > 0, "order_id"].nunique())
    if "sales_daily" in frames and frames["sales_daily"]["orders"].notna().any():
        return int(frames["sales_daily"]["orders"].sum())
    return None
