"""Encodings of every region, with words as shops use them: read right, or said to be uncertain, never quietly wrong."""

import pytest

from shopplan.ingest import Source, read

EN = "Order ID,Date,Product,Quantity,Amount\n"
CASES = {
    "big5": ("訂單編號,下單時間,商品名稱,數量,金額\n", "臺灣高山烏龍茶禮盒", "保溫杯（藍色）"),
    "shift_jis": (EN, "和柄マグカップ 青", "ステンレス水筒・ブラック"),
    "euc_kr": (EN, "도자기 머그컵 파란색", "스테인리스 보온병"),
    "gb18030": ("订单编号,下单时间,商品名称,数量,金额\n", "青花瓷茶杯㐂", "保温杯，蓝色"),
    "cp1252": (EN, "Müllbeutel für die Küche – groß", "Café crème, 8 €"),
    "cp1250": (EN, "Świąteczny kubek żółty", "Łyżka do herbaty"),
    "cp1251": (EN, "Кружка керамическая синяя", "Термос стальной"),
    "cp1253": (EN, "Κούπα κεραμική μπλε", "Θερμός ατσάλινο"),
    "cp1254": (EN, "Türk kahvesi fincanı şık", "Çay bardağı ığdır"),
    "utf-16-le": ("订单编号,下单时间,商品名称,数量,金额\n", "青花瓷茶杯", "保温杯，蓝色"),
    "utf-16-be": (EN, "和柄マグカップ 青", "ステンレス水筒"),
}
SURE = {"gb18030"}
WIDER = {"cp932": "マグカップ①　㈱山田", "cp949": "뷁 머그컵 샾"}


@pytest.mark.parametrize("encoding", CASES)
@pytest.mark.parametrize("count", [2, 40])
def test_an_encoding_is_found_from_what_stands_in_the_file(encoding, count):
    header, *names = CASES[encoding]
    rows = [f'A{i},2026-01-{i % 28 + 1:02d},"{names[i % 2]}",1,{i + 1}.50\n' for i in range(count)]
    parsed = read((header + "".join(rows)).encode(encoding), "a.csv", currency="EUR")
    assert parsed.receipt.encoding == encoding
    assert parsed.frames["order_lines"]["product"].tolist() == [names[i % 2] for i in range(count)]
    said = any("the encoding is not certain" in problem.message for problem in parsed.receipt.problems)
    assert said is (encoding not in SURE)
    assert (parsed.receipt.confidence < 1) is said


@pytest.mark.parametrize("encoding", WIDER)
def test_letters_that_only_the_wider_code_page_of_a_region_has(encoding):
    rows = "".join(f"A{i},2026-01-{i + 1:02d},{WIDER[encoding]},1,5\n" for i in range(20))
    parsed = read((EN + rows).encode(encoding), "a.csv")
    assert set(parsed.frames["order_lines"]["product"]) == {WIDER[encoding]}


@pytest.mark.parametrize(
    "text",
    [
        "日期,花费,点击量\n2026-01-13,10,3\n",
        "日期,销售额,渠道\n2026-01-13,10,直播\n",
        "订单编号,日期,金额\nA1,2026-01-13,3\n",
    ],
)
def test_short_chinese_files_are_not_taken_for_korean(text):
    assert read(text.encode("gbk"), "a.csv").receipt.encoding == "gb18030"


def sureness(text: str, encoding: str = "utf-8", **options) -> float:
    return read(text.encode(encoding), "a.csv", **options).receipt.to_dict()["confidence"]


def test_confidence_falls_with_what_had_to_be_guessed():
    rows = "1,2026-01-13,{},1,5\n"
    certain = sureness(EN + rows.format("Mug"), currency="EUR")
    assumed = sureness(EN + rows.format("Mug"))
    encoding = sureness(EN + rows.format("Müllbeutel"), "cp1252", currency="EUR")
    order = sureness(EN + rows.format("Mug").replace("2026-01-13", "03/04/2026"), currency="EUR")
    assert (certain, assumed, encoding, order) == (1.0, 0.9, 0.7, 0.7)
    both = sureness(EN + rows.format("Müllbeutel").replace("2026-01-13", "03/04/2026"), "cp1252")
    assert both == 0.3


def test_confidence_grows_with_the_columns_of_the_platform():
    few = "日期,推广计划,花费\n2026-09-01,日常,5\n"
    more = "日期,推广计划,花费,展现量,点击量,总成交金额\n2026-09-01,日常,5,10,1,20\n"
    assert 0.5 < sureness(few) < sureness(more) == 1.0


def test_a_large_file_is_as_sure_as_a_small_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(EN + "".join(f"{i},03/04/2026,Mug,1,5\n" for i in range(20)), "utf-8")
    source = Source(path, "a.csv", {"currency": "EUR"}, 100)
    assert source.read_through().confidence == read(path, currency="EUR").receipt.confidence == 0.7
