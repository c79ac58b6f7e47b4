"""Encodings of every region, with words as shops use them: read right, or said to be uncertain, never quietly wrong."""

import pytest

from shopplan.ingest import read

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
