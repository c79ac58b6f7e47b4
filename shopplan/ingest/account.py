"""Counting what an import keeps: sums, orders and the span of its fact frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from shopplan.ingest.money import minor_sum
from shopplan.ingest.receipt import MAX_PROBLEMS, Kind, LeftOut, Receipt, StatusSum
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


def joined(parts: Sequence[Receipt]) -> Receipt:
    """One receipt for the parts of a file, in their order."""
    stated = [part for part in parts if part.rows_kept] or list(parts)
    apart = [part.by_currency or {part.currency: part.sums} for part in stated]
    codes = sorted({code for sums in apart for code in sums if code}, key=lambda code: -sum(code in s for s in apart))
    several = len(codes) > 1
    sums = _added([part.sums for part in parts])
    money = {name for column, name in _SUMS.items() if column.endswith("_minor")} | {"net"}
    by_currency = {code: _added([part.get(code, {}) for part in apart]) for code in codes if several}
    statuses: dict[tuple[str, str], StatusSum] = {}
    for one in [one for part in parts for one in part.by_status]:
        old = statuses.get((one.status, one.currency))
        total = replace(old, orders=old.orders + one.orders, sum=old.sum + one.sum) if old else one
        statuses[one.status, one.currency] = total
    return replace(
        parts[0],
        rows_read=sum(part.rows_read for part in parts),
        rows_kept=sum(part.rows_kept for part in parts),
        rows_left_out=merged([_of_currency(left, part, several) for part in parts for left in part.rows_left_out]),
        currency=",".join(codes),
        sums={k: v for k, v in sums.items() if k in ("impressions", "clicks")} if several else sums,
        by_currency={code: {k: v for k, v in part.items() if k in money} for code, part in by_currency.items()},
        by_status=tuple(statuses.values()),
        orders=_total([part.orders for part in parts]),
        orders_kept=_total([part.orders_kept for part in parts]),
        channels=tuple(sorted({name for part in parts for name in part.channels})),
        date_from=min((part.date_from for part in parts if part.date_from), default=""),
        date_to=max((part.date_to for part in parts if part.date_to), default=""),
        confidence=min(part.confidence for part in parts),
        problems=tuple(dict.fromkeys(problem for part in parts for problem in part.problems))[:MAX_PROBLEMS],
    )


def _of_currency(left: LeftOut, part: Receipt, several: bool) -> LeftOut:
    """What a part left out, in the currency of the part where the file has several."""
    return replace(left, currency=left.currency or part.currency) if several and left.sum else left


def _added(parts: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    return {name: sum((part.get(name, Decimal(0)) for part in parts), Decimal(0)) for part in parts for name in part}


def _total(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


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
