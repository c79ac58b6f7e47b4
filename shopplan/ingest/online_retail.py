"""The UCI file "Online Retail" as it is: order lines of a UK gift shop with cancellations, postage and adjustments.

Its sales are the lines of merchandise. Everything else is left out by reason, with its money, so that what is kept
and what is left out together are the file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.ingest.keys import line_keys
from shopplan.ingest.money import MICRO, micro_sum, minor_sum
from shopplan.ingest.receipt import Reason
from shopplan.ingest.sheet import Built, Sheet

_REASONS: dict[Reason, tuple[str, ...]] = {
    "postage": ("POST", "DOT", "C2"),
    "fee": ("AMAZONFEE", "BANK CHARGES", "CRUK"),
    "bad_debt": ("B",),
    "discount": ("D",),
    "sample": ("S", "PADS"),
    "manual": ("M",),
}
"""Stock codes that are no merchandise: postage is charged apart from the goods, the rest are entries of the books."""


def online_retail(sheet: Sheet) -> Built:
    """Read the file; a negative quantity (invoice numbers with C) is a return."""
    units, _ = sheet.amount("units", required=True)
    price, _ = sheet.amount("unit_price", required=True)
    amounts = price * (units // MICRO)
    code = sheet.text("sku").str.upper()
    sheet.leave_out("no_money", amounts == 0)
    for reason, codes in _REASONS.items():
        sheet.leave_out(reason, code.isin(codes).to_numpy(), amounts)
    minor = sheet.minor(amounts).to_numpy("int64")
    frame = pd.DataFrame(
        {
            "order_id": sheet.text("order_id"),
            "at": sheet.date("date", whole_days=False),
            "channel": sheet.channel,
            "sku": sheet.text("sku"),
            "product": sheet.label("product", 200),
            "units": np.maximum(units / MICRO, 0),
            "gross_minor": np.maximum(minor, 0),
            "returns_minor": np.maximum(-minor, 0),
            "customer": sheet.text("customer"),
            "line_key": line_keys(sheet),
        }
    )
    total = micro_sum(amounts)
    left = sum(part.sum for part in sheet.left_out)
    rounding = total - left - minor_sum(minor[sheet.keep], sheet.currency)
    return Built({"order_lines": frame}, {"file_total": total, **({"rounding": rounding} if rounding else {})})
