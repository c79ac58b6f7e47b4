"""Counting what an import keeps: sums, orders and the span of its fact frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from shopplan.ingest.money import minor_sum
from shopplan.ingest.receipt import Kind, LeftOut, Receipt
from shopplan.ingest.tables import FACT_TABLES, Parsed, frames_hash, typed
from shopplan.terms import ShopplanError

_SUMS = {
    "gross_minor": "gross",
    "discounts_minor": "discounts",
    "returns_minor": "refunds",
    "spend_minor": "spend",
    "attributed_minor": "attributed",
    "impressions": "impressions",
    "clicks": "clicks",
    "amount_minor": "settled",
    "listed_minor": "listed",
}
"""Column -> its name in a receipt."""


def of_frames(name: str, frames: Mapping[str, pd.DataFrame], format: str, kind: Kind = "sales") -> Parsed:
    """Facts that did not come from a file, such as the demo shop, with a receipt like that of a file.

    Parameters
    ----------
    name : str
        What stands in the list of imports.
    frames : mapping of fact table to frame
        Columns as in `tables.FACT_TABLES`; money in integer minor units.
    format, kind : str

    Raises
    ------
    ShopplanError
        When a table or a required column is missing.
    """
    unknown = set(frames) - set(FACT_TABLES)
    if unknown:
        raise ShopplanError("there is no such fact table", ", ".join(sorted(unknown)))
    full = {table: typed(table, frame) for table, frame in frames.items()}
    rows = sum(map(len, full.values()))
    receipt = Receipt(name, frames_hash(full), format, kind, rows_read=rows, rows_kept=rows)
    return Parsed(full, accounted(receipt, full))


def accounted(receipt: Receipt, frames: Mapping[str, pd.DataFrame]) -> Receipt:
    """The receipt with currency, sums, number of orders, channels and span of the frames filled in."""
    stated = [frame["currency"] for frame in frames.values() if "currency" in frame]
    codes = [str(code) for code in pd.concat(stated).value_counts().index] if stated else []
    currency = ",".join(codes) or receipt.currency
    days = [frame[name].dropna() for frame in frames.values() for name in ("at", "day") if name in frame]
    days = [column for column in days if len(column)]
    kept = _orders(frames)
    several = len(codes) > 1
    return replace(
        receipt,
        currency=currency,
        sums={**receipt.sums, **(_counts(frames) if several else _sums(frames, currency))},
        by_currency={code: _sums(_only(frames, code), code, money=True) for code in codes} if several else {},
        orders=kept if receipt.orders is None else receipt.orders,
        orders_kept=kept,
        channels=tuple(sorted({str(name) for frame in frames.values() for name in frame["channel"].unique()} - {""})),
        date_from=min(day.min() for day in days).date().isoformat() if days else "",
        date_to=max(day.max() for day in days).date().isoformat() if days else "",
    )


def merged(parts: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """One entry for each reason and currency."""
    out: dict[tuple[str, str], LeftOut] = {}
    for part in parts:
        old = out.get((part.reason, part.currency))
        out[part.reason, part.currency] = (
            replace(old, count=old.count + part.count, sum=old.sum + part.sum) if old else part
        )
    return tuple(out.values())


def _only(frames: Mapping[str, pd.DataFrame], code: str) -> dict[str, pd.DataFrame]:
    return {table: frame[frame["currency"] == code] for table, frame in frames.items() if "currency" in frame}


def _counts(frames: Mapping[str, pd.DataFrame]) -> dict[str, Decimal]:
    """The sums that are no money, of all currencies together."""
    return {name: value for name, value in _sums(frames, "").items() if name in ("impressions", "clicks")}


def _sums(frames: Mapping[str, pd.DataFrame], currency: str, money: bool = False) -> dict[str, Decimal]:
    """Sums of the frames; only ``money`` leaves counts out."""
    sums: dict[str, Decimal] = {}
    for frame in frames.values():
        for column, name in _SUMS.items():
            is_money = column.endswith("_minor")
            if column in frame and frame[column].notna().any() and (is_money or not money):
                values = frame[column].dropna().to_numpy("int64")
                sums[name] = minor_sum(values, currency) if is_money else Decimal(int(values.sum()))
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
