"""How a platform's export of orders is read: who paid what, what went back, and what of it belongs to which line.

Some exports state money by line, some by order: on the first line only, or again on every line. Order money is taken
once and divided over the lines by what they cost, so that the lines add up to the order to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from shopplan.ingest.days import dates
from shopplan.ingest.keys import line_keys
from shopplan.ingest.money import MICRO, micro_sum, minor_sum, to_minor
from shopplan.ingest.receipt import StatusSum
from shopplan.ingest.sheet import Built, Mask, Micro, Sheet
from shopplan.ingest.status import closed, partly_refunded, refunded

_MAX_STATUSES = 40


@dataclass
class _Amounts:
    """Money of each unit (a line, or an order) in millionths."""

    paid: Micro
    discounts: Micro
    returns: Micro
    listed: Micro

    @property
    def gross(self) -> Micro:
        return self.paid + self.discounts

    @property
    def stated(self) -> Micro:
        """What the unit is worth: closed orders often show that nothing was paid."""
        return np.where(self.paid == 0, self.listed, self.paid)


def orders(sheet: Sheet) -> Built:
    """Order lines of a platform, whatever the level its money stands on."""
    present = sheet.keep.copy()
    by_order = sheet.has("order_paid") or sheet.has("order_listed")
    first = _firsts(sheet) if by_order else np.arange(len(sheet.cells))
    sheet.require("order_id")
    gone = refunded(sheet.text("status")) | refunded(sheet.text("refund_status"))
    _leave_out(sheet, _amounts(sheet, first, by_order, quiet=True), first, by_order, gone)
    amounts = _amounts(sheet, first, by_order)
    _put_back(sheet, amounts, by_order)
    _returned_by_status(sheet, amounts, gone[first])
    money = _divided(sheet, amounts, first) if by_order else _by_line(sheet, amounts)
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "at": _times(sheet),
            "channel": sheet.text("channel", sheet.channel),
            "sku": sheet.text("sku"),
            "product": sheet.label("product", 200),
            "units": sheet.optional("units", "number").astype("float64"),
            "customer": sheet.text("customer"),
            "line_key": line_keys(sheet),
            "status": sheet.label("status", 80),
            **money,
        }
    )
    count = int(sheet.text("order_id")[present].nunique())
    by_status = _by_status(sheet, amounts, first, present)
    return Built({"order_lines": frame}, _sums(sheet, amounts, first, frame), by_status, count)


def _firsts(sheet: Sheet) -> np.ndarray:
    """Position of the first line of each order."""
    _, first = np.unique(sheet.orders, return_index=True)
    return first


def _amounts(sheet: Sheet, first: np.ndarray, by_order: bool, quiet: bool = False) -> _Amounts:
    """Amounts of the units as the file states them; ``quiet`` reads them without complaint."""

    def column(id_: str) -> Micro | None:
        if not sheet.has(id_):
            return None
        if by_order:
            return _of_orders(sheet, id_, first, quiet)
        return sheet.numbers(id_).values.astype("int64") if quiet else sheet.amount(id_)[0]

    names = ("order_paid", "order_discounts", "order_returns", "order_listed")
    if not by_order:
        names = ("net", "discounts", "returns", "gross")
    paid, discounts, returns, listed = (column(name) for name in names)
    if listed is None and not by_order and sheet.has("unit_price"):
        listed = priced(sheet, quiet)
    zero = np.zeros(len(first), dtype="int64")
    returns = zero if returns is None else np.abs(returns)
    if discounts is None:
        discounts = zero if paid is None or listed is None else np.maximum(listed - paid, 0)
    discounts = np.abs(discounts)
    if paid is None:
        paid = zero if listed is None else listed - discounts
    return _Amounts(paid, discounts, returns, paid + discounts if listed is None else listed)


def _of_orders(sheet: Sheet, id_: str, first: np.ndarray, quiet: bool) -> Micro:
    """Money of the order: the first amount that any of its lines states."""
    read = sheet.numbers(id_)
    values = read.values.astype("int64") if quiet else sheet.amount(id_)[0]
    stated = np.flatnonzero(~read.empty)
    numbers, where = np.unique(sheet.orders[stated], return_index=True)
    out = np.zeros(len(first), dtype="int64")
    out[numbers] = values[stated[where]]
    if not quiet and (values[stated] != out[sheet.orders[stated]]).any():
        sheet.note("lines of one order state different amounts of the order; the first one is taken", id_)
    return out


def priced(sheet: Sheet, quiet: bool = True) -> Micro:
    """Price times quantity of each line; without a quantity the price."""
    price = sheet.numbers("unit_price").values.astype("int64") if quiet else sheet.amount("unit_price")[0]
    if not sheet.has("units"):
        return price
    units = sheet.numbers("units").values.astype("int64")
    whole = price * (units // MICRO)
    return np.where(units % MICRO == 0, whole, np.rint(price * (units / MICRO)).astype("int64"))


def _leave_out(sheet: Sheet, amounts: _Amounts, first: np.ndarray, by_order: bool, gone: Mask) -> None:
    """Cancelled and unpaid orders; what was paid and went back is a sale and a refund."""
    worth = np.zeros(len(sheet.cells), dtype="int64")
    worth[first] = amounts.stated
    paid = amounts.paid[sheet.orders] if by_order else amounts.paid
    for reason, rows in closed(sheet.text("status")).items():
        sheet.leave_out(reason, rows & ~(gone & (paid != 0)), worth)
    if sheet.has("paid_at") and sheet.has("date"):
        unpaid = (sheet.text("paid_at").isin(["", "-"])).to_numpy() & (paid == 0)
        sheet.leave_out("unpaid", unpaid, worth)
    if not by_order:
        stated = [id_ for id_ in ("net", "gross", "unit_price") if sheet.has(id_)]
        blank = np.logical_and.reduce([sheet.numbers(id_).empty for id_ in stated])
        sheet.leave_out("no_money", blank)


def _put_back(sheet: Sheet, amounts: _Amounts, by_order: bool) -> None:
    """Where the amount paid has the refund taken out already, put it back, so that it is subtracted once."""
    listed = sheet.has("order_listed" if by_order else "gross")
    back = amounts.returns > 0
    if not (back.any() and listed and sheet.has("order_paid" if by_order else "net")):
        return
    off = amounts.listed - (amounts.discounts if sheet.has("order_discounts" if by_order else "discounts") else 0)
    after = (amounts.paid + amounts.returns == off) & (amounts.paid != off)
    if after[back].mean() < 0.5:
        return
    amounts.paid = np.where(back, amounts.paid + amounts.returns, amounts.paid)
    if not sheet.has("order_discounts" if by_order else "discounts"):
        amounts.discounts = np.maximum(amounts.listed - amounts.paid, 0)
    sheet.note("the amount paid has refunds taken out already; they are not subtracted again")


def _returned_by_status(sheet: Sheet, amounts: _Amounts, gone: Mask) -> None:
    """Refunds that only the status tells: all of what was paid."""
    words = [sheet.text(id_) for id_ in ("status", "refund_status") if sheet.has(id_)]
    silent = gone & (amounts.returns == 0)
    if silent.any():
        amounts.returns = np.where(silent, amounts.paid, amounts.returns)
        sheet.note("orders whose status says refunded count as refunded in full")
    stated = sheet.has("order_returns") or sheet.has("returns")
    if not stated and any(partly_refunded(word).any() for word in words):
        sheet.note("some orders are refunded in part and the file does not say how much; import the refunds too")


def _divided(sheet: Sheet, amounts: _Amounts, first: np.ndarray) -> dict[str, pd.Series]:
    """Order money divided over the lines that are kept, by what they cost."""
    weights = np.ones(len(sheet.cells))
    if sheet.has("unit_price") or sheet.has("gross"):
        listed = sheet.numbers("gross").values if sheet.has("gross") else priced(sheet)
        weights = np.abs(listed.astype("float64"))
    totals = np.bincount(sheet.orders, weights)
    weights = np.where(totals[sheet.orders] > 0, weights, 1.0)
    currency = sheet.money if isinstance(sheet.money, str) else sheet.money.iloc[first].reset_index(drop=True)
    parts = {"gross_minor": amounts.gross, "discounts_minor": amounts.discounts, "returns_minor": amounts.returns}
    return {
        name: pd.Series(
            shares(to_minor(micro, currency), sheet.orders, weights), index=sheet.cells.index, dtype="Int64"
        )
        for name, micro in parts.items()
    }


def shares(totals: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Whole parts of each group's total, in proportion to the weights, that add up to it exactly.

    Parameters
    ----------
    totals : array of int
        One for each group.
    groups : array of int
        Group of each row, from 0.
    weights : array of float
        Of each row; their sum within a group is above 0.
    """
    order = np.argsort(groups, kind="stable")
    group, weight = groups[order], weights[order]
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype="int64")
    sizes = np.diff(np.r_[starts, len(group)])
    running = np.cumsum(weight)
    before = np.repeat(running[starts] - weight[starts], sizes)
    whole = np.repeat(np.add.reduceat(weight, starts) if len(starts) else weight, sizes)
    reached = np.rint(totals[group] * np.minimum((running - before) / whole, 1.0)).astype("int64")
    ends = starts + sizes - 1
    reached[ends] = totals[group[ends]]
    part = reached.copy()
    part[1:] -= reached[:-1]
    part[starts] = reached[starts]
    out = np.empty_like(part)
    out[order] = part
    return out


def _by_line(sheet: Sheet, amounts: _Amounts) -> dict[str, pd.Series]:
    parts: Mapping[str, Micro] = {
        "gross_minor": amounts.gross,
        "discounts_minor": amounts.discounts,
        "returns_minor": amounts.returns,
    }
    return {name: sheet.minor(micro) for name, micro in parts.items()}


def _times(sheet: Sheet) -> pd.Series:
    """When it was ordered; where that is missing, when it was paid."""
    if not sheet.has("paid_at"):
        return sheet.date("date", whole_days=False)
    if not sheet.has("date"):
        return sheet.date("paid_at", whole_days=False)
    blank = dates(sheet.cells["date"]).empty
    sheet.cells["date"] = sheet.cells["date"].where(~blank, sheet.cells["paid_at"])
    return sheet.date("date", whole_days=False)


def _sums(sheet: Sheet, amounts: _Amounts, first: np.ndarray, frame: pd.DataFrame) -> dict[str, Decimal]:
    """The total of the file, what rounding takes from it, and what is told apart: postage and tax."""
    if sheet.currencies is not None:
        return {}
    left = sum((part.sum for part in sheet.left_out), Decimal(0))
    kept = sheet.keep[first]
    exact = micro_sum(amounts.paid[kept])
    lines = frame[sheet.keep]
    stored = minor_sum((lines["gross_minor"] - lines["discounts_minor"]).to_numpy("int64"), sheet.currency)
    out = {"file_total": exact + left}
    if exact != stored:
        out["rounding"] = exact - stored
    for id_ in ("shipping", "tax", "paid_by_platform"):
        if sheet.has(id_):
            by_order = sheet.has("order_paid") or sheet.has("order_listed")
            values = _of_orders(sheet, id_, first, True) if by_order else sheet.numbers(id_).values.astype("int64")
            out[id_] = micro_sum(values[kept])
    return out


def _by_status(sheet: Sheet, amounts: _Amounts, first: np.ndarray, present: Mask) -> tuple[StatusSum, ...]:
    """Orders and money of each status in the file, kept or not."""
    if not sheet.has("status"):
        return ()
    currency = sheet.currency if sheet.currencies is None else sheet.currencies.iloc[first].to_numpy()
    units = pd.DataFrame(
        {
            "status": sheet.text("status").iloc[first].to_numpy(),
            "currency": currency,
            "order": sheet.orders[first],
            "micro": amounts.stated,
        }
    )
    parts = units[present[first] & (units["status"] != "")].groupby(["status", "currency"], sort=False)
    found = [
        StatusSum(str(status)[:80], str(code), int(part["order"].nunique()), micro_sum(part["micro"].to_numpy("int64")))
        for (status, code), part in parts
    ]
    return tuple(found[:_MAX_STATUSES])
