"""A receipt as a table: everything it accounts for, and nothing that a spreadsheet would run."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from shopplan.ingest import read, receipt_csv

FORMATS = Path(__file__).resolve().parents[1] / "data" / "formats"


@pytest.mark.parametrize("name", ["shopify_two_currencies.csv", "taobao_orders.csv", "google_ads_de.csv"])
def test_the_table_holds_every_sum_and_every_row_left_out(name):
    receipt = read(FORMATS / name).receipt
    rows = list(csv.DictReader(io.StringIO(receipt_csv(receipt))))
    sums = {(row["currency"], row["name"]): Decimal(row["amount"]) for row in rows if row["part"] == "sum"}
    wanted = {(code, k): v for code, parts in receipt.by_currency.items() for k, v in parts.items()}
    wanted |= {("" if receipt.by_currency else receipt.currency, k): v for k, v in receipt.sums.items()}
    assert sums == wanted
    counts = {row["name"]: row["count"] for row in rows if row["part"] in ("file", "left_out")}
    left = sum(int(row["count"]) for row in rows if row["part"] == "left_out")
    assert int(counts["rows_read"]) == int(counts["rows_kept"]) + left
    assert [row["name"] for row in rows if row["part"] == "note"] == [str(one) for one in receipt.problems]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_name_that_would_be_a_formula_is_text(start):
    text = f'Order ID,Date,Amount,Status\n1,2026-01-02,3,"{start}"\n'
    receipt = read(text.encode(), "a.csv", currency="EUR").receipt
    rows = list(csv.reader(io.StringIO(receipt_csv(receipt))))
    assert not [cell for row in rows[1:] for cell in row[:3] if cell.startswith(("=", "+", "-", "@", "\t"))]
