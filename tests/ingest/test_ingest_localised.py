"""Reports of ads platforms with the headers of other languages."""

import pytest

from shopplan.ingest import read

CASES = {
    "google de": (
        "google_ads",
        "Tag;Kampagne;Währungscode;Kosten;Impressionen;Klicks",
        "2026-09-13;A;EUR;1.234,50;1.000;30",
    ),
    "google de impr": (
        "google_ads",
        "Tag;Kampagne;Währungscode;Kosten;Impr.;Klicks",
        "2026-09-13;A;EUR;1.234,50;1.000;30",
    ),
    "google fr": (
        "google_ads",
        "Jour;Campagne;Code de la devise;Coût;Impr.;Clics",
        "2026-09-13;A;EUR;1 234,50;1 000;30",
    ),
    "google es": ("google_ads", "Día;Campaña;Código de moneda;Coste;Impr.;Clics", "2026-09-13;A;EUR;1.234,50;1.000;30"),
    "google ja": (
        "google_ads",
        "日,キャンペーン,通貨コード,費用,表示回数,クリック数",
        '2026-09-13,A,EUR,"1,234.50","1,000",30',
    ),
    "google zh": (
        "google_ads",
        "天,广告系列,货币代码,费用,展示次数,点击次数",
        '2026-09-13,A,EUR,"1,234.50","1,000",30',
    ),
    "google zh-Hant": ("google_ads", "日,廣告活動,貨幣代碼,費用,曝光,點擊", '2026-09-13,A,EUR,"1,234.50","1,000",30'),
    "google it": ("google_ads", "Giorno;Campagna;Codice valuta;Costo;Impr.;Clic", "2026-09-13;A;EUR;1.234,50;1.000;30"),
    "google pt": (
        "google_ads",
        "Dia;Campanha;Código da moeda;Custo;Impr.;Cliques",
        "2026-09-13;A;EUR;1.234,50;1.000;30",
    ),
    "meta fr": (
        "meta_ads",
        "Jour;Nom de la campagne;Montant dépensé (EUR);Impressions;Clics sur un lien",
        "13/09/2026;A;1234,50;1000;30",
    ),
    "meta de": (
        "meta_ads",
        "Tag;Name der Kampagne;Ausgegebener Betrag (EUR);Impressionen;Link-Klicks",
        "13.09.2026;A;1234,50;1000;30",
    ),
    "meta es": (
        "meta_ads",
        "Día;Nombre de la campaña;Importe gastado (EUR);Impresiones;Clics en el enlace",
        "13/09/2026;A;1234,50;1000;30",
    ),
    "meta zh": ("meta_ads", "天,广告系列名称,已花费金额 (EUR),展示次数,链接点击量", "2026-09-13,A,1234.50,1000,30"),
    "meta zh-Hant": (
        "meta_ads",
        "天,行銷活動名稱,花費金額 (EUR),曝光次數,連結點擊次數",
        "2026-09-13,A,1234.50,1000,30",
    ),
    "meta ja": (
        "meta_ads",
        "日,キャンペーン名,消化金額 (EUR),インプレッション,リンクのクリック",
        "2026-09-13,A,1234.50,1000,30",
    ),
    "meta without campaigns": (
        "meta_ads",
        "报告开始日期,报告结束日期,已花费金额 (EUR),展示次数,链接点击量",
        "2026-09-13,2026-09-13,1234.50,1000,30",
    ),
    "google nl": (
        "google_ads",
        "Dag;Campagne;Valutacode;Kosten;Vert.;Klikken",
        "13-09-2026;A;EUR;1.234,50;1.000;30",
    ),
    "google pl": ("google_ads", "Dzień;Kampania;Kod waluty;Koszt;Wyśw.;Kliknięcia", "2026-09-13;A;EUR;1234,50;1000;30"),
    "meta ja links": (
        "meta_ads",
        "キャンペーン名,日,インプレッション,消化金額 (EUR),リンククリック,レポート開始日,レポート終了日",
        "A,2026-09-13,1000,1234.50,30,2026-09-13,2026-09-13",
    ),
    "tiktok es": (
        "tiktok_ads",
        "Nombre de la campaña,Por día,Moneda,Coste,Impresiones,Clics (destino)",
        "A,2026-09-13,EUR,1234.50,1000,30",
    ),
    "tiktok fr": (
        "tiktok_ads",
        "Nom de la campagne,Par jour,Devise,Coût,Impressions,Clics (destination)",
        "A,2026-09-13,EUR,1234.50,1000,30",
    ),
    "tiktok zh": (
        "tiktok_ads",
        "按天,推广系列名称,币种,消耗,展示量,点击量（目标页面）",
        "2026-09-13,A,EUR,1234.50,1000,30",
    ),
    "tiktok de": (
        "tiktok_ads",
        "Datum;Kampagnenname;Währung;Kosten;Impressionen;Klicks (Ziel)",
        "2026-09-13;A;EUR;1234,50;1000;30",
    ),
}


@pytest.mark.parametrize(
    "total", ["合計: アカウント", "總計：帳戶", "Total : compte", "Gesamt: Konto", "Totale: account", "全部", "小計"]
)
def test_a_total_in_another_language_is_no_day(total):
    text = f"日,キャンペーン,通貨コード,費用,表示回数,クリック数\n2026-09-13,A,EUR,5,1,1\n{total}, --,EUR,5,1,1\n"
    receipt = read(text.encode(), "a.csv").receipt
    assert (receipt.sums["spend"], receipt.rows_kept) == (5, 1)
    assert [left.reason for left in receipt.rows_left_out] == ["totals_row"]


@pytest.mark.parametrize("day", ["Sun, Sep 13, 2026", "Sun Sep 13, 2026", "So., 13. Sept. 2026", "dim. 13 sept. 2026"])
def test_a_day_with_its_weekday(day):
    receipt = read(f'Day,Campaign,Currency code,Cost,Impr.\n"{day}",A,EUR,5,1\n'.encode(), "a.csv").receipt
    assert receipt.date_from == "2026-09-13"


AMAZON = {
    "EUR fr": "Tous les montants sont en EUR sauf mention contraire.",
    "EUR es": "Todos los importes en EUR, a menos que se especifique lo contrario",
    "EUR it": "Tutti gli importi sono in EUR, se non diversamente specificato",
    "EUR de": "Alle Beträge in EUR, sofern nicht anders gekennzeichnet",
    "BRL pt": "Todos os valores em BRL, a menos que especificado",
    "JPY ja": "すべての金額はJPYで表示されています",
    "PLN pl": "Wszystkie kwoty w PLN, o ile nie określono inaczej",
    "SEK sv": "Alla belopp i SEK, om inte annat anges",
}
TRANSACTIONS = {
    "EUR de": (
        "Alle Beträge in Euro sofern nicht anders gekennzeichnet",
        "Datum/Uhrzeit;Abrechnungsnummer;Typ;Bestellnummer;SKU;Menge;Umsätze;Rabatte aus Werbeaktionen;Gesamt",
        ("13.09.2026 8:12:33 UTC", "Bestellung", "Erstattung", "Übertrag"),
    ),
    "MXN es": (
        "Todos los importes en MXN, a menos que se especifique lo contrario",
        "fecha/hora;Id. de liquidación;tipo;Id. del pedido;sku;cantidad;ventas de productos;descuentos promocionales"
        ";total",
        ("13 sep 2026 8:12:33 GMT-6", "Pedido", "Reembolso", "Transferir"),
    ),
    "BRL pt": (
        "Todos os valores em BRL, a menos que especificado",
        "data/hora;id de liquidação;tipo;id do pedido;sku;quantidade;vendas do produto;descontos promocionais;total",
        ("13 de set de 2026 8:12:33 GMT-3", "Pedido", "Reembolso", "Transferir"),
    ),
    "PLN pl": (
        "Wszystkie kwoty w PLN, o ile nie określono inaczej",
        "data/godzina;identyfikator rozliczenia;typ;identyfikator zamówienia;sku;ilość;sprzedaż produktów"
        ";rabaty promocyjne;suma",
        ("13 wrz 2026 8:12:33 UTC", "Zamówienie", "Zwrot kosztów", "Przelew"),
    ),
    "SEK sv": (
        "Alla belopp i SEK, om inte annat anges",
        "datum/tid;utbetalnings-id;typ;beställnings-id;sku;antal;försäljning av produkter;kampanjrabatter;totalt",
        ("13 sep. 2026 8:12:33 UTC", "Beställning", "Återbetalning", "Överföring"),
    ),
}


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_transactions_of_a_marketplace_in_another_language(name):
    line, header, (at, order, refund, payout) = TRANSACTIONS[name]
    rows = f"{at};1;{order};4-1;A;2;1.200,50;-100,50;900,00\n{at};1;{refund};4-1;A;1;-600,00;50,00;-500,00\n"
    rows += f"{at};1;{payout};;;;0;0;-400,00\n"
    receipt = read(f"{line}\n{header}\n{rows}".encode(), "a.csv").receipt
    assert (receipt.format, receipt.currency, receipt.date_from) == ("amazon_transactions", name[:3], "2026-09-13")
    assert [float(receipt.sums[part]) for part in ("gross", "discounts", "refunds")] == [1200.5, 100.5, 550]
    assert [left.reason for left in receipt.rows_left_out] == ["payout"]


_TYPED = "日付/時間,決済番号,トランザクションの種類,注文番号,SKU,数量,商品売上,プロモーション割引額,手数料,合計"


@pytest.mark.parametrize("name", AMAZON)
def test_the_currency_that_a_line_above_the_header_names(name):
    rows = '2026/09/13 8:12:33 JST,1,注文,250-1,A,1,"12,000",-500,"-1,200","10,300"\n'
    rows += '2026/09/15 8:12:33 JST,1,返金,250-1,A,1,"-2,000",0,200,"-1,800"\n'
    receipt = read(f'"{AMAZON[name]}"\n{_TYPED}\n{rows}'.encode(), "a.csv").receipt
    assert receipt.currency == name[:3]
    assert [int(receipt.sums[part]) for part in ("gross", "discounts", "refunds")] == [12000, 500, 2000]


@pytest.mark.parametrize("name", CASES)
def test_a_report_in_another_language(name):
    format, header, row = CASES[name]
    receipt = read(f"{header}\n{row}\n".encode(), "a.csv").receipt
    assert (receipt.format, receipt.currency) == (format, "EUR")
    assert {k: float(receipt.sums.get(k, 0)) for k in ("spend", "impressions", "clicks")} == {
        "spend": 1234.5,
        "impressions": 1000,
        "clicks": 30,
    }
    assert (receipt.date_from, receipt.date_to) == ("2026-09-13", "2026-09-13")
