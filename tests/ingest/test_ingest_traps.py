"""What exports do to cells and headers: each is read right or refused with its reason."""

from __future__ import annotations

import pytest

from shopplan.ingest import ImportRefused, read, read_all

ORDERS = "order id,date,product,quantity,amount\n"


def sales(*cells: str, sep: str = ";", **options):
    """The receipt of a table of days, one amount a day."""
    rows = "".join(f"2026-01-{13 + i}{sep}{cell}\n" for i, cell in enumerate(cells))
    return read(f"Date{sep}Net sales\n{rows}".encode(), "a.csv", **{"currency": "EUR", **options}).receipt


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (("1.234,50", "2,00"), "1236.50"),
        (("(1,234.50)", "2,000.00"), "765.50"),
        (("1,234.50-", "2,000.00"), "765.50"),
        (("−12.50", "20.00"), "7.50"),
        (("１２３．５０", "１．００"), "124.50"),
        (("١٢٣٫٥٠", "١٫٠٠"), "124.50"),
        (("١٬٢٣٤٫٥٠", "١٫٠٠"), "1235.50"),
        (("12.50 €", "€1.00"), "13.50"),
        (("EUR 12.50", "1.00 EUR"), "13.50"),
        (("1 234,50 €", "1,00 €"), "1235.50"),
        (('="12.50"', '="1.00"'), "13.50"),
        (("'12.50", "1.00\t"), "13.50"),
    ],
)
def test_amounts_of_every_region(cells, total):
    assert str(sales(*cells).sums["net"]) == total


@pytest.mark.parametrize("cell", ["=2+3", "+cmd|' /C calc'!A0", '=HYPERLINK("http://x.example","1")', "12.5.3", "1e5x"])
def test_what_is_no_amount_is_refused_with_its_place(cell):
    with pytest.raises(ImportRefused, match="row 2, column Net sales"):
        sales(cell.replace('"', "'"), "1.00")


def test_links_and_commands_stay_text():
    text = ORDERS + '1,2026-01-13,"=HYPERLINK(""http://x.example"",""Mug"")",1,5\n2,2026-01-13,+cmd,1,5\n'
    assert read(text.encode(), "a.csv").frames["order_lines"]["product"].tolist() == [
        '=HYPERLINK("http://x.example","Mug")',
        "+cmd",
    ]


def test_serial_dates_of_a_spreadsheet_are_read_and_said():
    receipt = read(b"Date,Net sales\n46035,5\n46036.5,5\n", "a.csv").receipt
    assert (receipt.date_from, receipt.date_to) == ("2026-01-13", "2026-01-14")
    assert any("counted by a spreadsheet" in problem.message for problem in receipt.problems)


def test_full_width_and_arabic_dates():
    for cell in ("２０２６－０１－１３", "٢٠٢٦-٠١-١٣"):
        assert read(f"Date,Net sales\n{cell},5\n".encode(), "a.csv").receipt.date_from == "2026-01-13"


def test_a_time_with_an_offset_stays_on_the_day_of_the_shop():
    text = ORDERS + "1,2026-01-13 23:30:00 +0200,Mug,1,5\n2,2026-01-14T00:10:00-08:00,Mug,1,5\n"
    frame = read(text.encode(), "a.csv").frames["order_lines"]
    assert frame["at"].dt.strftime("%d %H").tolist() == ["13 23", "14 00"]


def test_mixed_date_orders_in_one_column_are_refused():
    with pytest.raises(ImportRefused, match="two date orders"):
        read(b"Date,Net sales\n13/01/2026,5\n01/14/2026,5\n", "a.csv")


def test_dates_in_two_layouts_that_agree_are_read():
    receipt = read(b"Date,Net sales\n2026-01-13,5\n14 Jan 2026,5\n15.01.2026,5\n", "a.csv").receipt
    assert (receipt.rows_kept, receipt.date_from, receipt.date_to) == (3, "2026-01-13", "2026-01-15")


@pytest.mark.parametrize("header", ["Net sales (GBP)", "Net sales [GBP]", "Net sales（GBP）"])
def test_the_currency_of_a_header(header):
    assert read(f"Date,{header}\n2026-01-13,5\n".encode(), "a.csv").receipt.currency == "GBP"


def test_two_currencies_in_the_cells_of_one_column_are_refused():
    with pytest.raises(ImportRefused, match="two currencies"):
        sales("€5.00", "£5.00")


@pytest.mark.parametrize("text", ["Date,Net sales\n", "Date,Net sales", "\ufeffDate,Net sales\r\n\r\n"])
def test_a_header_alone_stores_nothing_and_says_so(text):
    receipt = read(text.encode(), "a.csv").receipt
    assert (receipt.rows_read, receipt.rows_kept) == (0, 0)
    assert any("no rows" in problem.message for problem in receipt.problems)


def test_trailing_separators_in_header_and_rows():
    text = "Date;Net sales;;\r\n2026-01-13;5;;\r\n2026-01-14;5;;\r\n"
    assert read(text.encode(), "a.csv").receipt.sums["net"] == 10
    assert read(text.replace("sales;;", "sales").encode(), "a.csv").receipt.sums["net"] == 10


def test_two_headers_of_one_name_are_refused_where_they_count():
    with pytest.raises(ImportRefused, match="names this column twice"):
        read(b"Date,Net sales,Net sales\n2026-01-13,5,6\n", "a.csv")
    assert read(b"Date,Net sales,Note,Note\n2026-01-13,5,a,b\n", "a.csv").receipt.sums["net"] == 5


def test_a_million_columns_are_refused_at_once():
    with pytest.raises(ImportRefused, match="at most 2,000"):
        read(b",".join([b"c"] * 1_000_000) + b"\n", "a.csv")


def test_a_line_of_a_hundred_megabytes_is_refused(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"Date,Net sales\n" + b"x" * 100_000_000)
    with pytest.raises(ImportRefused, match="badly quoted"):
        next(read_all(path))


@pytest.mark.parametrize("head", [b"\x7fELF\x02\x01", b"MZ\x90\x00", b"\x00\x01\x02\x03", b"\x89PNG\r\n"])
def test_a_program_or_picture_named_csv_is_refused(head):
    with pytest.raises(ImportRefused):
        read(head + bytes(range(256)) * 40, "orders.csv")


def test_the_statuses_of_woocommerce_as_the_database_has_them():
    head = "Order Number,Order Status,Order Date,Order Total Amount,Cart Discount Amount,Item Name,Quantity,Item Cost\n"
    words = ("completed", "cancelled", "refunded", "on-hold", "pending")
    rows = "".join(f"{i},wc-{word},2026-01-13 10:00,20,0,Mug,1,20\n" for i, word in enumerate(words))
    receipt = read((head + rows).encode(), "a.csv").receipt
    assert {left.reason: left.count for left in receipt.rows_left_out} == {"cancelled": 1, "unpaid": 2}
    assert [receipt.sums[name] for name in ("gross", "refunds", "net")] == [40, 20, 20]


@pytest.mark.parametrize(
    ("cancelled", "unpaid", "refunded"),
    [
        ("Storniert", "Zahlung ausstehend", "Rückerstattet"),
        ("Annulée", "En attente de paiement", "Remboursée"),
        ("Cancelado", "Pendiente de pago", "Reembolsado"),
        ("Annullato", "In attesa di pagamento", "Rimborsato"),
        ("Geannuleerd", "Wacht op betaling", "Terugbetaald"),
        ("キャンセル済み", "支払い待ち", "返金済み"),
    ],
)
def test_the_statuses_of_a_shop_in_another_language(cancelled, unpaid, refunded):
    head = "Order Number,Order Status,Order Date,Order Total Amount,Cart Discount Amount,Item Name,Quantity,Item Cost\n"
    words = ("Done", cancelled, refunded, unpaid)
    rows = "".join(f"{i},{word},2026-01-13 10:00,20,0,Mug,1,20\n" for i, word in enumerate(words))
    receipt = read((head + rows).encode(), "a.csv").receipt
    assert {left.reason: left.count for left in receipt.rows_left_out} == {"cancelled": 1, "unpaid": 1}
    assert [receipt.sums[name] for name in ("gross", "refunds", "net")] == [40, 20, 20]


def test_what_a_platform_pays_out_without_a_sign_is_told_by_its_direction():
    head = "动账流水号,动账时间,动账方向,动账金额,动账场景,子订单号,订单号\n"
    rows = "1,2026-06-01 10:00:00,入账,90.00,货款结算入账,'69,'69\n2,2026-06-02 10:00:00,出账,10.00,退款,'69,'69\n"
    signed = rows.replace("出账,10", "出账,-10")
    assert [read((head + one).encode(), "a.csv").receipt.sums["settled"] for one in (rows, signed)] == [80, 80]


@pytest.mark.parametrize(
    ("line", "code"),
    [("Alle Beträge in Euro", "EUR"), ("单位：元", "CNY"), ("金額は円", "JPY"), ("Sales in all channels", "USD")],
)
def test_the_currency_in_words_above_the_header(line, code):
    receipt = read(f"{line}\nDate,Net sales\n2026-01-13,5\n2026-01-14,5\n".encode(), "a.csv").receipt
    assert receipt.currency == code


def test_a_claim_of_a_buyer_is_a_refund():
    head = "date/time,settlement id,type,order id,sku,quantity,product sales,promotional rebates,total\n"
    rows = '"Sep 1, 2026 10:22:11 PM PDT",1,Order,111-1,A,2,40.00,-5.00,35.00\n'
    rows += '"Sep 9, 2026 10:22:11 PM PST",1,A-to-z Guarantee Claim,111-1,A,1,-20.00,0,-20.00\n'
    receipt = read((head + rows).encode(), "a.csv").receipt
    assert [receipt.sums[name] for name in ("gross", "discounts", "refunds")] == [40, 5, 20]
