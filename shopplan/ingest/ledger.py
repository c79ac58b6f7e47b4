"""How files beside the orders are read: items of orders, refunds, settlements and the transactions of a marketplace."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.ingest.keys import line_keys, numbered
from shopplan.ingest.money import micro_sum
from shopplan.ingest.orders import priced
from shopplan.ingest.sheet import Built, Mask, Micro, Sheet
from shopplan.ingest.status import closed

_PAYOUT = (
    r"transfer.*|payout|.*disbursement.*|übertrag|transfert|transferir|trasferimento|overboeking|振込み|przelew"
    r"|överföring|.*提现.*"
)
_ORDER = r"order|order payment|bestellung|commande|pedido|ordine|bestelling|注文|zamówienie|beställning"
_REFUND = (
    r"refund( payment)?|chargeback refund|a-to-z guarantee (claim|refund)|erstattung|remboursement|reembolso|rimborso"
    r"|terugbetaling|返金|zwrot( kosztów)?|återbetalning"
)
_OUT = r".*(出账|支出).*"
_DONE = r".*(退款成功|已退款|退款完成|已完成|成功|completed?|success(ful)?|refunded).*"


def items(sheet: Sheet) -> Built:
    """Lines of orders without what was paid; the money is in the file of the orders."""
    sheet.require("order_id")
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "channel": sheet.text("channel", sheet.channel),
            "line_key": line_keys(sheet),
            "sku": sheet.text("sku"),
            "product": sheet.label("product", 200),
            "units": sheet.optional("units", "number"),
            "listed_minor": sheet.minor(priced(sheet, quiet=False)),
            "status": sheet.label("status", 80),
        }
    )
    return Built({"order_items": frame}, orders=_count(sheet))


def refunds(sheet: Sheet) -> Built:
    """Refunds of orders that another file holds; only those that went through count."""
    sheet.require("order_id")
    amount, _ = sheet.amount("returns", required=True)
    if sheet.has("refund_status"):
        words = sheet.text("refund_status")
        done = _fits(words, _DONE + "|")
        sheet.leave_out("not_refunded", ~done, np.abs(amount))
    key = sheet.text("refund_id")
    key = key.where(key != "", sheet.text("line_id"))
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "channel": sheet.text("channel", sheet.channel),
            "line_key": key.str.slice(0, 80),
            "at": sheet.date("date", whole_days=False, required=False) if sheet.has("date") else pd.NaT,
            "returns_minor": sheet.minor(np.abs(amount)),
        }
    )
    return Built({"order_refunds": frame}, orders=_count(sheet))


def settlement(sheet: Sheet) -> Built:
    """What a platform paid for orders and took back; withdrawals to the bank are no sales and no fees."""
    amount, _ = sheet.amount("settled", required=True)
    out = _fits(sheet.text("direction"), _OUT)  # some files write what goes out without a sign
    amount = np.where(out, -np.abs(amount), amount)
    sheet.leave_out("payout", _fits(sheet.text("entry"), _PAYOUT), amount)
    entry = sheet.label("entry", 80)
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "channel": sheet.text("channel", sheet.channel),
            "line_key": numbered(sheet.orders, sheet.text("line_id") + "/" + entry),
            "at": sheet.date("date", whole_days=False),
            "entry": entry,
            "amount_minor": sheet.minor(amount),
        }
    )
    return Built({"settlements": frame}, {"file_total": micro_sum(amount)} if sheet.currencies is None else {})


def transactions(sheet: Sheet) -> Built:
    """Amazon's payments by date: orders are sales, refunds are returns, payouts and fees are neither."""
    entry = sheet.text("entry")
    total = sheet.numbers("settled").values.astype("int64")
    order, refund = _fits(entry, _ORDER), _fits(entry, _REFUND)
    sheet.leave_out("payout", _fits(entry, _PAYOUT), total)
    sheet.leave_out("fee", ~(order | refund), total)
    sheet.leave_out("cancelled", closed(sheet.text("status"))["cancelled"], total)
    sheet.require("order_id")
    sales, _ = sheet.amount("gross")
    rebates = sheet.amount("rebates")[0] if sheet.has("rebates") else np.zeros_like(sales)
    key = line_keys(sheet)
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "at": sheet.date("date", whole_days=False),
            "channel": sheet.text("channel", sheet.channel),
            "sku": sheet.text("sku"),
            "product": sheet.label("product", 200),
            "units": sheet.optional("units", "number").astype("float64").where(order, 0.0),
            "gross_minor": sheet.minor(_only(sales, order)),
            "discounts_minor": sheet.minor(-_only(rebates, order)),
            "returns_minor": sheet.minor(-_only(sales + rebates, refund)),
            "line_key": key.where(order, "refund/" + key),
            "status": entry,
        }
    )
    sums = {"file_total": micro_sum(total)} if sheet.currencies is None else {}
    return Built({"order_lines": frame}, sums, orders=int(sheet.text("order_id")[order].nunique()))


def _only(amounts: Micro, rows: Mask) -> Micro:
    return np.where(rows, amounts, 0)


def _fits(words: pd.Series, pattern: str) -> Mask:
    return words.str.casefold().str.fullmatch(f"(?:{pattern})").to_numpy(dtype=bool)


def _count(sheet: Sheet) -> int:
    return int(sheet.text("order_id")[sheet.keep].nunique())
