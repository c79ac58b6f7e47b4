"""What a column can mean, and how its cells are read: the documented columns and those of platforms' exports."""

from __future__ import annotations

from shopplan.ingest.columns import COLUMNS, Reading

_OF_EXPORTS: dict[Reading, str] = {
    "text": "line_id refund_id refund_status entry direction marketplace",
    "date": "paid_at date_end",
    "money": (
        "order_listed order_paid order_discounts order_returns shipping tax rebates settled fees paid_by_platform"
    ),
}
READING: dict[str, Reading] = {id_: kind for kind, ids in _OF_EXPORTS.items() for id_ in ids.split()}
READING |= {column.id: column.reading for column in COLUMNS}
"""Meaning -> how it is read. ``order_`` money stands once an order or is repeated on each of its lines."""
OF_ORDER = frozenset(["date", "paid_at", "status", "currency", "channel", "customer"])
"""What may stand on the first line of an order only."""
