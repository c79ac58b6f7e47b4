"""How the documented tables are read: order lines, daily sales and other daily measures; spend is in `spend`."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from shopplan.ingest.headers import plain_header
from shopplan.ingest.keys import line_keys
from shopplan.ingest.money import MICRO, micro_sum, minor_sum, to_minor
from shopplan.ingest.receipt import Problem
from shopplan.ingest.sheet import Built, Mask, Micro, Sheet
from shopplan.ingest.status import closed, refunded
from shopplan.terms import Said

_TOTALS = "total|total amount|order total|subtotal|paid|paid amount|amount paid"
_TOTALS_ZH = "总金额|订单金额|实付金额|实付|买家实际支付金额|支付金额"
_ORDER_TOTALS = frozenset(plain_header(word) for word in (*_TOTALS.split("|"), *_TOTALS_ZH.split("|")))
"""Headers that mostly name an amount of the whole order."""
_REPEATED = (
    "the same amount stands on every line of an order; it looks like the total of the order, "
    "which would be counted several times"
)
_DIFFERENT = (
    "in {count} rows the amount paid differs from price less discount and refund, as with tax or shipping inside; "
    "the amount paid decides"
)


def order_lines(sheet: Sheet) -> Built:
    """One row a line of an order; a negative quantity or amount is a return."""
    present = sheet.keep.copy()
    for reason, rows in closed(sheet.text("status")).items():
        sheet.leave_out(reason, rows, _stated(sheet))
    sheet.require("order_id")
    _repeated_totals(sheet)
    money, rounding = _sales_money(sheet)
    _returned_by_status(sheet, money)
    sold = money["gross_minor"] > 0
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "at": sheet.date("date", whole_days=False),
            "channel": sheet.text("channel", sheet.channel),
            "sku": sheet.text("sku"),
            "product": sheet.label("product", 200),
            "units": sheet.optional("units", "number").astype("float64").where(sold, 0.0),
            "customer": sheet.text("customer"),
            "line_key": line_keys(sheet),
            "status": sheet.label("status", 80),
            **money,
        }
    )
    orders = int(sheet.among(present & (sold.to_numpy(dtype=bool) | ~sheet.keep)).sum())
    return Built({"order_lines": frame}, rounding, orders=orders)


def sales_daily(sheet: Sheet) -> Built:
    """One row a day, or a day and channel."""
    money, rounding = _sales_money(sheet)
    counts = {name: sheet.optional(name, "count") for name in ("orders", "new_orders", "sessions")}
    frame = pd.DataFrame(
        {
            "day": sheet.date("date"),
            "channel": sheet.text("channel", sheet.channel),
            "units": sheet.optional("units", "number"),
            **counts,
            **money,
        }
    )
    return Built({"sales_daily": frame}, rounding)


def sales_and_spend_daily(sheet: Sheet) -> Built:
    """Sales and spend side by side in one table; an empty spend is none."""
    sales = sales_daily(sheet)
    spend = sheet.optional("spend", "minor")
    day = sales.frames["sales_daily"][["day", "channel"]]
    return Built({**sales.frames, "spend_daily": day.assign(spend_minor=spend.fillna(0))}, sales.sums)


def measures_daily(sheet: Sheet) -> Built:
    """One row a day and measure; without a channel it is a measure of the whole shop."""
    value, _ = sheet.amount("value", required=True)
    frame = pd.DataFrame(
        {
            "day": sheet.date("date"),
            "channel": sheet.text("channel"),
            "measure": sheet.text("measure").str.casefold().str.replace(r"\s+", "_", regex=True),
            "value": value / MICRO,
        }
    )
    return Built({"measures_daily": frame})


def _repeated_totals(sheet: Sheet) -> None:
    """Refuse a total of the order that stands on each of its lines: summed up, it would count several times."""
    for id_ in ("gross", "net"):
        if not sheet.has(id_) or plain_header(sheet.headers[id_]) not in _ORDER_TOTALS:
            continue
        amounts = pd.Series(sheet.amount(id_)[0])[sheet.keep]
        orders = amounts.groupby(sheet.text("order_id").to_numpy()[sheet.keep])
        several = orders.size() > 1
        if several.any() and (orders.nunique()[several] == 1).all() and orders.first()[several].any():
            sheet.problems.append(Problem(0, sheet.headers[id_], _REPEATED))


def _sales_money(sheet: Sheet) -> tuple[dict[str, pd.Series], dict[str, Decimal]]:
    """Gross sales, discounts, returns and cost of goods in minor units; net is gross less the two.

    Gross is the amount of the row, else price times quantity, else what was paid with discount and refund put
    back. Where the paid amount is stated as well, it decides, and the gross or the discount gives way. Second
    value: what rounding to minor units takes from the net, for the receipt.
    """
    zero = np.zeros(len(sheet.cells), dtype="int64")
    discount, returned = (_positive(sheet, id_) if sheet.has(id_) else zero for id_ in ("discounts", "returns"))
    net = sheet.amount("net", required=not _has_gross(sheet)) if sheet.has("net") else None
    if _has_gross(sheet):
        gross = _gross(sheet)
        if net is not None:
            gross, discount = _by_paid(sheet, gross, discount, returned, net)
    else:
        gross = (net[0] if net is not None else zero) + discount + returned
    back = gross < 0
    returned = np.where(back, returned - gross, returned)
    gross = np.where(back, 0, gross)
    known = {
        "discounts_minor": sheet.has("discounts") or (net is not None and _has_gross(sheet)),
        "returns_minor": sheet.has("returns") or bool(back.any()),
    }
    columns = {"discounts_minor": discount, "returns_minor": returned}
    out = {"gross_minor": pd.Series(to_minor(gross, sheet.money), index=sheet.cells.index, dtype="Int64")}
    for name, micro in columns.items():
        values = pd.Series(to_minor(micro, sheet.money), index=sheet.cells.index, dtype="Int64")
        out[name] = values if known[name] else values.mask(np.ones(len(values), dtype=bool))
    out["cogs_minor"] = sheet.optional("cogs", "minor")
    if sheet.currencies is not None:
        return out, {}
    exact = micro_sum((gross - discount - returned)[sheet.keep])
    stored = to_minor(gross, sheet.money) - to_minor(discount, sheet.money) - to_minor(returned, sheet.money)
    rest = exact - minor_sum(stored[sheet.keep], sheet.currency)
    return out, {"rounding": rest} if rest else {}


def _returned_by_status(sheet: Sheet, money: dict[str, pd.Series]) -> None:
    """Refunds that only the status tells: all of what was paid."""
    gone = refunded(sheet.text("status"))
    if not gone.any():
        return
    returns = money["returns_minor"].fillna(0)
    paid = money["gross_minor"] - money["discounts_minor"].fillna(0)
    silent = gone & (returns == 0).to_numpy(dtype=bool) & (paid > 0).to_numpy(dtype=bool)
    if silent.any():
        money["returns_minor"] = money["returns_minor"].mask(silent, paid)
        sheet.note("orders whose status says refunded count as refunded in full")


def _stated(sheet: Sheet) -> Micro:
    """The amounts as they stand, read without complaint: rows that are left out need not be in order."""
    column = next(id_ for id_ in ("net", "gross", "unit_price") if sheet.has(id_))
    return sheet.numbers(column).values.astype("int64")


def _has_gross(sheet: Sheet) -> bool:
    return sheet.has("gross") or (sheet.has("unit_price") and sheet.has("units"))


def _gross(sheet: Sheet) -> Micro:
    if sheet.has("gross"):
        return sheet.amount("gross", required=True)[0]
    price, _ = sheet.amount("unit_price", required=True)
    units, _ = sheet.amount("units", required=True)
    if not (units % MICRO).any():
        return price * (units // MICRO)
    return np.rint(price * (units / MICRO)).astype("int64")


def _positive(sheet: Sheet, id_: str) -> Micro:
    """Discounts and refunds as positive amounts; some exports write all of them negative."""
    amount, _ = sheet.amount(id_)
    return -amount if (amount <= 0).all() else amount


def _by_paid(
    sheet: Sheet, gross: Micro, discount: Micro, returned: Micro, net: tuple[Micro, Mask]
) -> tuple[Micro, Micro]:
    """Gross and discount that agree with what was paid."""
    paid = np.where(net[1], gross - discount - returned, net[0])
    if not sheet.has("discounts"):
        discount = np.maximum(gross - returned - paid, 0)
    agreed = paid + discount + returned
    different = (agreed != gross) & sheet.keep
    if different.any():
        sheet.note(Said(_DIFFERENT, count=int(different.sum())), "net")
    return agreed, discount
