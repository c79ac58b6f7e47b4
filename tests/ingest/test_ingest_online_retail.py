"""The real file, against a sum of our own made with nothing but the csv module."""

import csv
import gzip
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from shopplan.ingest import read
from shopplan.store import FactStore

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "sales" / "online_retail.csv.gz"
NOT_GOODS = {"POST", "DOT", "C2", "AMAZONFEE", "BANK CHARGES", "CRUK", "B", "D", "S", "PADS", "M"}

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def test_cancellations_postage_and_adjustments_are_understood():
    text = HEADER + (
        "1,22041,FRAME,2,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
        "C2,22041,FRAME,-1,2010-12-02 08:26:00,2.55,17850,United Kingdom\n"
        "3,POST,POSTAGE,1,2010-12-02 08:26:00,18.00,17850,France\n"
        "C4,D,Discount,-1,2010-12-02 08:26:00,5.00,17850,France\n"
        "A5,B,Adjust bad debt,1,2011-08-12 14:51:00,-11.06,,United Kingdom\n"
        "6,22041,damaged,-7,2010-12-02 08:26:00,0.0,,United Kingdom\n"
        "7,m,Manual,1,2010-12-02 08:26:00,3.001,,United Kingdom\n"
    )
    parsed = read(text.encode(), "retail.csv")
    receipt = parsed.receipt
    left = {part.reason: (part.count, part.sum) for part in receipt.rows_left_out}
    assert left == {
        "no_money": (1, 0),
        "postage": (1, 18),
        "bad_debt": (1, Decimal("-11.06")),
        "discount": (1, -5),
        "manual": (1, Decimal("3.001")),
    }
    assert receipt.sums == {
        "file_total": Decimal("7.491"),
        "gross": Decimal("5.10"),
        "refunds": Decimal("2.55"),
        "net": Decimal("2.55"),
    }
    assert (receipt.format, receipt.currency, receipt.orders) == ("online_retail", "GBP", 1)
    assert any("GBP is assumed" in problem.message for problem in receipt.problems)


@pytest.fixture(scope="module")
def independent():
    """Monthly net sales, row count and total, summed row by row."""
    if not FILE.exists():
        pytest.skip("the real file ../shared/data/sales/online_retail.csv.gz is not here")
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    total, count, kept = Decimal(0), 0, Counter()
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            amount = int(row["Quantity"]) * Decimal(row["UnitPrice"])
            total += amount
            count += 1
            if amount and row["StockCode"].upper() not in NOT_GOODS:
                months[row["InvoiceDate"][:7]] += amount
                kept["sold" if amount > 0 else "returned"] += 1
    return months, total, count, kept


def test_the_real_file_reconciles_to_the_cent(independent, tmp_path):
    months, total, count, kept = independent
    parsed = read(FILE)
    receipt = parsed.receipt
    assert receipt.rows_read == count == 541_909
    assert receipt.rows_kept == kept.total() == count - sum(part.count for part in receipt.rows_left_out)
    assert receipt.sums["file_total"] == total == receipt.sums["net"] + sum(part.sum for part in receipt.rows_left_out)
    assert "rounding" not in receipt.sums
    store = FactStore.open(tmp_path / "shop.duckdb")
    store.commit(parsed)
    sales = store.monthly_sales()
    found = {month.strftime("%Y-%m"): round(net * 100) for month, net in zip(sales["month"], sales["net"], strict=True)}
    assert found == {month: int(net * 100) for month, net in months.items()}
    assert store.cohorts().query("age == 0")["customers"].sum() > 4000
    store.close()
