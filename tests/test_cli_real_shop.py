"""The command line with a real shop's file: its months add up to the file, and what is not known is said."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

from shopplan.cli import main
from shopplan.response import Entry
from shopplan.workspace import Shop
from tests.conftest import planned

ROOT = Path(__file__).resolve().parents[1]
ONLINE_RETAIL = ROOT.parent / "shared/data/sales/online_retail.csv.gz"


@pytest.fixture(scope="module")
def retail(tmp_path_factory) -> Path:
    if not ONLINE_RETAIL.exists():
        pytest.skip("the public data set online_retail.csv.gz is not beside the project")
    db = tmp_path_factory.mktemp("retail") / "shop.duckdb"
    assert main(["import", str(ONLINE_RETAIL), "--db", str(db)]) == 0
    return db


NO_GOODS = {"POST", "DOT", "C2", "AMAZONFEE", "BANK CHARGES", "CRUK", "B", "D", "S", "PADS", "M"}
"""Stock codes of postage, fees, bad debt, discounts, samples and manual entries."""


def own_sums() -> dict[str, Decimal]:
    """Goods sold less goods taken back by month, straight from the file, in whole pence a line."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with gzip.open(ONLINE_RETAIL, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["StockCode"].strip().upper() not in NO_GOODS:
                amount = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
                sums[row["InvoiceDate"][:7]] += amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return sums


def test_the_months_in_the_store_add_up_to_the_file(retail):
    shop = Shop.open(retail)
    try:
        sales = shop.history().sales
    finally:
        shop.close()
    held = sales.groupby("month")["net"].sum()
    assert {m.strftime("%Y-%m"): f"{v:.2f}" for m, v in held.items()} == {m: f"{v:.2f}" for m, v in own_sums().items()}


def test_the_next_twelve_months_are_planned_without_spend_history_and_it_says_so(call, retail):
    out = planned(call, "--db", str(retail), "--months", "12")
    assert out["currency"] == "GBP"
    assert len(out["months"]) == 12
    assert out["start"] == (date(2011, 12, 1)).isoformat()
    assert all(m["net_sales"] > 0 and m["net_sales_p10"] < m["net_sales_p90"] for m in out["months"])
    assumed = {a["lever"]: a for a in out["assumptions"]}
    assert assumed["budget"] == {"lever": "budget", "value": 0.0, "source": "assumption", "note": "no_spend_history"}
    assert {"code": "no_spend_history"} in out["findings"]
    paid = [key.partition(":")[2] for key in assumed if key.startswith("split:")]
    assert paid
    assert all(assumed[f"roas:{channel}"]["source"] in ("template", "benchmark") for channel in paid)
    status, told, _ = call("run", "--db", retail, "--months", "12", "--draws", "0")
    assert status == 0
    assert "no spend history" in told


def test_numbers_typed_in_another_currency_are_left_out_of_the_real_shops_plan(call, retail, tmp_path):
    fresh = planned(call, "--db", str(retail), "--draws", "0", "--months", "12")
    mixed = tmp_path / "mixed.duckdb"
    shop = Shop.open(mixed)
    try:
        shop.enter_numbers(300_000.0, 40_000.0, 0.45, date(2026, 10, 1), "CNY")
    finally:
        shop.close()
    status, *_ = call("import", ONLINE_RETAIL, "--db", mixed)
    assert status == 0
    out = planned(call, "--db", str(mixed), "--draws", "0", "--months", "12")
    assert out["currency"] == "GBP"
    assert {"code": "no_spend_history"} in out["findings"]
    assert {"code": "typed_left_out", "amount": 40_000.0, "of": "CNY", "currency": "GBP"} in out["findings"]
    assumed = {a["lever"]: a for a in out["assumptions"]}
    assert (assumed["budget"]["value"], assumed["budget"]["note"]) == (0.0, "no_spend_history")
    assert (assumed["margin"]["value"], assumed["margin"]["source"]) == (0.45, "entered")
    assert [m["orders"] for m in out["months"]] == [m["orders"] for m in fresh["months"]]


def test_typed_spend_and_return_change_the_real_shops_plan(call, retail, tmp_path):
    copy = tmp_path / "typed"
    shutil.copytree(retail.parent, copy)
    before = planned(call, "--db", str(copy / retail.name), "--draws", "0", "--months", "12")
    shop = Shop.open(copy / retail.name)
    try:
        channel = next(c.id for c in shop.baseline("000").channels if c.paid)
        shop.enter_channels({channel: Entry(5_000.0, 3.0)})
    finally:
        shop.close()
    after = planned(call, "--db", str(copy / retail.name), "--draws", "0", "--months", "12")
    assert after["totals"]["marketing"] != pytest.approx(before["totals"]["marketing"])
    assert {"code": "no_spend_history"} not in after["findings"]
    entered = {a["lever"]: a["value"] for a in after["assumptions"] if a["source"] == "entered"}
    assert entered[f"roas:{channel}"] == pytest.approx(3.0)
