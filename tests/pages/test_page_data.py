"""The Data page at work: files in, previews, receipts, undo, mappings, channels, rates and checks."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from shopplan.ingest import Mapping, read
from shopplan.response import Entry
from shopplan.ui.imports import account, progress
from tests.pages.test_pages import charts, component, launch, visible

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ROOT / "tests" / "data" / "formats"
TABLE = "Beleg;Wann;Betrag;Bearbeiter\nB1;13.01.2026;20,50;Ann\nB2;14.01.2026;40,00;Bo\n"


def daily(first: str, days: int, net: float, channel: str = "search", currency: str = "USD") -> bytes:
    import pandas as pd

    stamps = pd.date_range(first, periods=days)
    lines = [f"{day:%Y-%m-%d},{channel},{net + i % 7},{net + i % 7},9,{currency}" for i, day in enumerate(stamps)]
    return "\n".join(["date,channel,gross,net,orders,currency", *lines]).encode()


def sample(name: str) -> tuple[str, bytes, str]:
    return name, (FORMATS / name).read_bytes(), "text/csv"


def data_page(lang: str = "en") -> AppTest:
    """A fresh session whose first page is Data: the plan is not computed."""
    app = AppTest.from_file(ROOT / "shopplan/ui/router.py", default_timeout=60)
    app.query_params["lang"] = lang
    return app.switch_page("../../pages/data.py").run()


def drop(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    uploader = next(u for u in app.file_uploader if u.accept_multiple_files)
    uploader.set_value(list(files))
    app.run()
    assert [e.value for e in app.exception] == []
    return app


def button(app: AppTest, label: str):
    (found,) = [b for b in app.button if b.label == label]
    return found


def click(app: AppTest, label: str) -> AppTest:
    button(app, label).click().run()
    assert [e.value for e in app.exception] == []
    return app


def go(app: AppTest, section: str) -> AppTest:
    app.session_state["data-section"] = section
    app.run()
    assert [e.value for e in app.exception] == []
    return app


def said(app: AppTest) -> str:
    return "\n".join(visible(app) + [str(e.value) for e in app.success])


def test_two_files_that_belong_together_go_in_with_one_click(own):
    app = drop(data_page(), sample("taobao_orders.csv"), sample("taobao_items.csv"))
    text = said(app)
    assert "Taobao or Tmall order list" in text
    assert "Taobao item list" in text
    assert "Told by the headers" in text
    assert "买家会员名, 买家支付宝账号" in text
    assert "What changes" in text
    assert own.facts.batches().empty
    click(app, "Import all 2 files")
    assert len(own.facts.batches()) == 2
    assert "Rows imported: 3, files: 2" in said(app)
    assert [b.label for b in app.button if b.label.startswith("Import")] == []
    assert next(u for u in app.file_uploader if u.accept_multiple_files).value == []


def test_a_zip_holds_several_files_of_which_one_is_imported(own):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", daily("2026-01-01", 20, 100))
        archive.writestr("b.csv", daily("2026-02-01", 20, 100))
    app = drop(data_page(), ("both.zip", packed.getvalue(), "application/zip"))
    first = [b for b in app.button if b.label == "Import"]
    assert len(first) == 2
    first[0].click().run()
    assert list(own.facts.batches()["file"]) == ["both.zip/a.csv"]
    assert len([b for b in app.button if b.label == "Import"]) == 1


def test_a_file_that_is_stored_is_said_before_any_click(own):
    own.commit(read(daily("2026-01-01", 20, 100), "a.csv"))
    app = drop(data_page(), ("again.csv", daily("2026-01-01", 20, 100), "text/csv"))
    assert "This file was imported before, as import 1" in said(app)
    assert [b.label for b in app.button if b.label == "Import"] == []


def test_the_preview_tells_what_an_overlapping_file_would_change(own):
    own.commit(read(daily("2026-01-01", 20, 100), "a.csv"))
    app = drop(data_page(), ("b.csv", daily("2026-01-11", 20, 100.5), "text/csv"))
    (table,) = [e.proto.body for e in app.get("html") if "What changes" in e.proto.body]
    assert "days of sales" in table
    assert table.count(">10<") >= 2
    assert "Also in earlier imports" in said(app)
    assert own.facts.data_version().endswith("-1")


def test_the_preview_shows_no_buyer(own):
    header, row = (FORMATS / "taobao_orders.csv").read_text("gb18030").splitlines()[:2]
    cells = dict(zip(*([cell.strip('="\t ') for cell in line.split(",")] for line in (header, row)), strict=False))
    app = drop(data_page(), sample("taobao_orders.csv"))
    shown = "\n".join(e.proto.body for e in app.get("html"))
    assert cells["订单编号"] in shown
    for name in ("买家会员名", "买家支付宝账号", "收货人姓名", "收货地址", "联系手机"):
        assert cells[name]
        assert cells[name] not in shown


def test_a_refused_file_says_row_and_column_and_leaves_the_store_alone(own):
    app = drop(data_page("zh"), ("x.csv", b"Date,Net sales\n2026-01-01,ten\n", "text/csv"))
    table = "".join(e.proto.body for e in app.get("html"))
    assert "Net sales" in table
    assert len(app.error) == 1
    assert own.facts.batches().empty


def test_an_unknown_table_is_mapped_previewed_and_remembered(own):
    app = drop(data_page(), ("liste.csv", TABLE.encode(), "text/csv"))
    assert "This table is not known yet" in said(app)
    pick = {s.label: s for s in app.selectbox}
    assert pick["Wann"].value == "date"
    pick["Beleg"].select("order_id")
    pick["Betrag"].select("net")
    pick["Currency"].select("EUR")
    app.run()
    assert "60.50" in said(app)
    click(app, "Import")
    assert own.facts.batches()["currency"].tolist() == ["EUR"]
    assert len(own.work.mappings()) == 1
    nxt = TABLE.replace("B1", "B3").replace("B2", "B4").replace("Ann", "Cy")
    app = drop(data_page(), ("next.csv", nxt.encode(), "text/csv"))
    assert "This table is not known yet" not in said(app)
    click(app, "Import")
    assert own.facts.monthly_sales()["net"].sum() == pytest.approx(121)


def test_a_recognised_file_can_be_read_another_way(own):
    content = b"Order ID,Date,Amount,Paid\n1,2026-01-02,3.10,2.10\n2,2026-01-03,3.10,2.10\n"
    app = drop(data_page(), ("t.csv", content, "text/csv"))
    next(x for x in app.toggle if x.label == "Read its columns another way").set_value(True).run()
    pick = {s.label: s for s in app.selectbox}
    assert [pick[name].value for name in ("Order ID", "Date", "Amount", "Paid")] == ["order_id", "date", "gross", "net"]
    pick["Amount"].select("")
    app.run()
    next(x for x in app.checkbox if x.label.startswith("Remember")).set_value(False).run()
    click(app, "Import")
    assert own.facts.monthly_sales()[["gross", "discounts", "net"]].sum().tolist() == pytest.approx([4.2, 0, 4.2])
    assert own.work.mappings() == {}


def test_a_file_among_several_that_is_refused_does_not_keep_the_others_out(own):
    good, bad = daily("2026-01-01", 20, 100), b"Date,Net sales\n2026-01-01,ten\n"
    app = drop(data_page(), ("a.csv", good, "text/csv"), ("x.csv", bad, "text/csv"))
    click(app, "Import")
    assert own.facts.batches()["file"].tolist() == ["a.csv"]
    assert "cannot be imported as it is" in " ".join(e.value for e in app.error)


def test_a_large_upload_is_read_when_it_is_stored(own, monkeypatch):
    from shopplan.ingest import source
    from shopplan.ui.imports import upload

    monkeypatch.setattr(source, "CHUNK", 1000)
    monkeypatch.setattr(upload, "CHUNK", 1000)
    app = drop(data_page(), ("big.csv", daily("2024-01-01", 900, 100), "text/csv"))
    assert "A large file" in " ".join(e.value for e in app.info)
    assert "Told by the headers" in said(app)
    assert "Days of the first rows" in said(app)
    assert "1 Jan 2024 – " in said(app)
    click(app, "Import")
    assert own.facts.batches()["rows_kept"].tolist() == [900]


def test_a_saved_mapping_can_be_brought_and_forgotten(own):
    mapping = Mapping("sales", {"Beleg": "order_id", "Wann": "date", "Betrag": "net"}, ("Beleg", "Wann", "Betrag"))
    app = go(data_page(), "mappings")
    (uploader,) = [u for u in app.file_uploader if u.allowed_type == [".json"]]
    uploader.set_value(("m.json", mapping.to_json().encode(), "application/json")).run()
    assert own.work.mappings() == {mapping.fingerprint: mapping}
    click(app, "Forget it")
    assert own.work.mappings() == {}


def test_a_report_without_days_is_read_once_its_days_are_given(own):
    app = drop(data_page(), sample("qianchuan_materials.csv"))
    assert "does not say on which days" in said(app)
    fields = {f.label: f for f in app.text_input}
    fields["First day"].set_value("2026-01-01")
    fields["Last day"].set_value("2026-01-31")
    app.run()
    click(app, "Import")
    assert own.facts.batches()["kind"].tolist() == ["spend"]


def test_nothing_is_called_stored_before_the_findings_are_those_of_what_is_stored(own, monkeypatch):
    from shopplan.ui.imports import checks, receipts, upload

    steps = []

    def noted(module, name, what):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: (steps.append((name, len(what(*args)))), real(*args))[1])

    noted(checks, "listed", lambda shop, rows: rows)
    noted(receipts, "outcomes", lambda done: done)
    noted(upload, "_looks", lambda shop, files: files)
    app = drop(data_page(), ("a.csv", daily("2024-01-01", 60, 100), "text/csv"))
    assert steps[-2:] == [("outcomes", 0), ("_looks", 1)]
    click(app, "Import")
    told = steps.index(("outcomes", 1))
    assert steps[told - 1] == ("listed", 2)
    assert steps[told:] == [("outcomes", 1), ("_looks", 0)]


def test_after_an_import_the_plan_shows_other_figures_and_says_how_old_they_are(own):
    own.commit(read(daily("2025-01-01", 365, 1000), "a.csv"))
    app = launch("plan", "en")
    before = {tile["id"]: tile["value"] for tile in component(app, "kpi_strip")["tiles"]}
    assert "31 Dec 2025" in said(app)
    app.switch_page("../../pages/data.py").run()
    drop(app, ("b.csv", daily("2026-01-01", 120, 3000), "text/csv"))
    click(app, "Import")
    app.switch_page("../../pages/plan.py").run()
    after = {tile["id"]: tile["value"] for tile in component(app, "kpi_strip")["tiles"]}
    assert after["net_sales"] != before["net_sales"]
    assert "30 Apr 2026" in said(app)


def test_a_receipt_opens_can_be_kept_and_is_undone(own):
    own.commit(read(daily("2026-01-01", 20, 100), "a.csv"))
    own.commit(read(daily("2026-01-11", 20, 200), "=b.csv"))
    app = go(data_page(), "imports")
    next(s for s in app.selectbox if s.label == "Open a receipt").select(2).run()
    assert [d.proto.label for d in app.get("download_button") if "CSV" in d.proto.label or "HTML" in d.proto.label] == [
        "To print (HTML)",
        "CSV",
    ]
    assert "10 days of sales of a.csv count again" in said(app).replace("&#46;", ".")
    click(app, next(b.label for b in app.button if b.label.startswith("Undo ")))
    assert own.facts.batches()["batch_id"].tolist() == [1]
    assert own.facts.monthly_sales()["net"].sum() == pytest.approx(2000 + sum(i % 7 for i in range(20)))


def test_channels_are_renamed_merged_and_grouped(own):
    own.commit(read(daily("2026-01-01", 20, 100, "shop-a"), "a.csv"))
    own.commit(read(daily("2026-01-01", 20, 50, "shop-b"), "b.csv"))
    app = go(data_page(), "channels")
    next(s for s in app.selectbox if s.label == "Channel to change").select("shop-b").run()
    next(s for s in app.selectbox if s.label == "Counts under").select("shop-a")
    next(f for f in app.text_input if f.label == "Name").set_value("Second shop")
    next(f for f in app.text_input if f.label == "Group").set_value("Own shops")
    click(app, "Save")
    map = own.channel_map()
    assert (map.merged, map.names, map.groups) == (
        {"shop-b": "shop-a"}, {"shop-b": "Second shop"}, {"shop-b": "Own shops"},
    )  # fmt: skip
    assert own.channels()["id"].tolist() == ["shop-a"]


def test_a_missing_rate_is_a_finding_whose_click_leads_to_the_rate(own):
    own.commit(read(daily("2026-01-01", 40, 100, "shop-a"), "a.csv"))
    own.commit(read(daily("2026-01-01", 20, 50, "shop-b", "EUR"), "b.csv"))
    app = data_page()
    assert "Amounts in EUR are in no figure" in said(app)
    assert said(launch("plan", "en")).count("Money in EUR is in no figure of this plan") == 1
    click(app, "Set the rate")
    (money,) = [n for n in app.number_input if "worth" in n.label]
    money.set_value(1.1)
    buttons = [b for b in app.button if b.label == "Set the rate"]
    buttons[-1].click().run()
    assert own.unconverted() == ()
    assert [(r.currency, r.value) for r in own.rates().rows] == [("EUR", 1.1)]


def test_the_checks_name_gaps_and_their_click_asks_for_the_file(own):
    own.commit(read(daily("2026-01-01", 31, 100), "a.csv"))
    own.commit(read(daily("2026-03-01", 31, 100), "b.csv"))
    app = data_page()
    assert "has no sales in February 2026" in said(app).replace("Feb 2026", "February 2026")
    next(b for b in app.button if b.label == "Bring a file").click().run()
    assert "Wanted: " in said(app)


def test_months_before_a_channel_began_are_no_gaps(own):
    old, late = daily("2026-01-01", 130, 400.0), daily("2026-03-05", 20, 90.0, "live")
    own.commit(read(old, "old.csv"))
    own.commit(read(late, "late.csv"))
    app = data_page()
    _, rows = charts(app)["history_quality"]
    held = rows.to_pandas().groupby("channel")["month"].min()
    assert {channel: f"{first:%Y-%m}" for channel, first in held.items()} == {"search": "2026-01", "live": "2026-03"}


def test_a_running_import_shows_how_far_it_is_and_is_cancelled(own, monkeypatch):
    from shopplan.ui.imports import jobs

    monkeypatch.setattr(progress, "QUICK", 0.0)
    held = {"go": False}
    commit = own.commit

    def slow(file, who="", note=None, cancelled=None):
        from shopplan.store.pace import Progress

        note(Progress(1234, 0.4, 75.0))
        while not held["go"] and not cancelled():
            time.sleep(0.01)
        return commit(file, who, note, cancelled)

    monkeypatch.setattr(own, "commit", slow)
    app = drop(data_page(), ("a.csv", daily("2026-01-01", 20, 100), "text/csv"))
    places = len(app.main.children)
    click(app, "Import")
    assert len(app.main.children) == places, "what stands below keeps its place"
    deadline = time.monotonic() + 10
    while "1,234 rows stored, about 75 s left" not in progress_text(app):
        assert time.monotonic() < deadline
        app.run()
    assert jobs.busy()
    other = data_page()
    assert [e.value for e in other.exception] == []
    click(app, "Cancel")
    while jobs.busy():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    app.run()
    assert "stopped, nothing of it is stored" in said(app)
    assert own.facts.batches().empty


def progress_text(app: AppTest) -> str:
    return " ".join(e.proto.text for e in app.get("progress")).replace("&#46;", ".")


def test_the_three_numbers_are_seen_and_retyped(own):
    own.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "EUR")
    app = go(data_page(), "assumptions")
    assert [field.value for field in app.text_input] == ["420,000", "60,000", "41%"]
    app.text_input[0].set_value("0")
    click(app, "Save")
    assert [e.value.partition(".")[0] for e in app.error] == ["Net sales of last month must be above zero"]
    assert own.entered().sales_last_month == 420_000.0
    app.text_input[0].set_value("€240k")
    click(app, "Save")
    assert len(app.error) == 0
    assert (own.entered().sales_last_month, own.entered().gross_margin) == (240_000.0, 0.41)
    assert own.currency() == "EUR"


def test_a_shop_of_files_has_no_three_numbers(own):
    own.commit(read(daily("2026-01-01", 60, 100), "a.csv"))
    assert len(go(data_page(), "assumptions").text_input) == 0


NO_CURRENCY = "\n".join(["date,channel,net,orders", *(f"2026-01-{d:02d},search,{100 + d},9" for d in range(1, 21))])


def test_a_file_that_names_no_currency_is_taken_for_the_shops_and_can_be_put_right(own):
    own.commit(read(daily("2025-01-01", 20, 100, currency="GBP"), "a.csv"))
    app = drop(data_page(), ("b.csv", NO_CURRENCY.encode(), "text/csv"))
    assert "GBP is assumed" in said(app)
    (pick,) = [s for s in app.selectbox if s.label == "Currency of the amounts"]
    assert pick.value == "GBP"
    pick.select("EUR").run()
    assert "is assumed" not in said(app)
    click(app, "Import")
    assert sorted(own.facts.batches()["currency"]) == ["EUR", "GBP"]


def test_an_untouched_guess_is_stored_in_the_shops_currency(own):
    own.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "GBP")
    app = drop(data_page(), ("b.csv", NO_CURRENCY.encode(), "text/csv"))
    app.run()
    assert "GBP is assumed" in said(app)
    click(app, "Import")
    assert own.facts.batches()["currency"].tolist() == ["GBP"]
    assert own.unconverted() == ()


def test_spend_that_was_typed_is_no_longer_asked_for(own):
    own.commit(read(daily("2026-01-01", 60, 100), "a.csv"))
    assert "but no ad spend" in said(data_page())
    own.enter_channels({"search": Entry(spend=2_000.0)})
    assert "but no ad spend" not in said(data_page())


def test_amounts_are_written_as_the_shop_writes_them():
    assert account.amount(Decimal("-1234.567"), "GBP") == "−1,234.57"
    assert account.amount(Decimal("1234"), "JPY") == "1,234"


def test_a_receipt_names_its_orders_for_what_they_count(own):
    lines = ["Order ID,Date,Amount", "1,2026-01-02,3.10", "2,2026-01-03,4.10", "3,2026-01-04,-3.10"]
    app = drop(data_page(), ("t.csv", "\n".join(lines).encode(), "text/csv"))
    assert "Orders in the file" in said(app)
    assert "orders and returns" in said(app)
