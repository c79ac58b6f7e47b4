"""The documented columns: what an analyst may name in a header, in English and Chinese.

The Data page, the sample files and the recognition of headers all come from `COLUMNS`; the first name of a column is
its label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reading = Literal["text", "date", "money", "count", "number"]
ORDERS, SALES, SPEND, BOTH, MEASURES = (
    "order_lines",
    "sales_daily",
    "spend_daily",
    "sales_and_spend_daily",
    "measures_daily",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A documented column.

    Attributes
    ----------
    id : str
    formats : tuple of str
        Formats that have it; the same word may mean another column in another format.
    reading : Reading
        How its values are read.
    en, zh : str
        Names in a header, separated by ``|``, the preferred one first; case, spaces and punctuation do not count.
    examples : tuple of str
        Two values for the sample file.
    """

    id: str
    formats: tuple[str, ...]
    reading: Reading
    en: str
    zh: str
    examples: tuple[str, str]


_S = (SALES, BOTH)
_DAILY = (SALES, SPEND, BOTH, MEASURES)

COLUMNS = (
    Column(
        "order_id",
        (ORDERS,),
        "text",
        "order id|order number|order no|order|invoice no|invoice|invoice number",
        "订单编号|订单号|订单id|主订单编号|单号",
        ("A1001", "A1002"),
    ),
    Column(
        "date",
        (ORDERS,),
        "date",
        "date|order date|ordered at|order time|created at|purchase date|invoice date|paid at|day|datetime|timestamp",
        "日期|下单时间|订单创建时间|订单日期|下单日期|成交时间|付款时间|订单付款时间|支付时间|时间",
        ("2026-01-31 10:15", "2026-01-31 18:40"),
    ),
    Column(
        "date",
        _DAILY,
        "date",
        "date|day|ds|month",
        "日期|时间|统计日期|天|月份|统计月份|年月",
        ("2026-01-30", "2026-01-31"),
    ),
    Column(
        "channel",
        (ORDERS, *_DAILY),
        "text",
        "channel|sales channel|platform|source|shop|store",
        "渠道|销售渠道|平台|店铺|来源",
        ("search", "live"),
    ),
    Column(
        "sku",
        (ORDERS,),
        "text",
        "sku|stock code|product id|product code|item id|item code",
        "商家编码|商品编码|商品id|sku编码|货号|sku",
        ("SKU-1", "SKU-2"),
    ),
    Column(
        "product",
        (ORDERS,),
        "text",
        "product|product name|description|item|item name|title",
        "商品名称|商品|商品标题|宝贝标题|标题|品名",
        ("Mug", "Plate"),
    ),
    Column(
        "units",
        (ORDERS, *_S),
        "number",
        "quantity|qty|units|items|units sold|pieces",
        "数量|购买数量|件数|订购数量|商品数量|销量",
        ("2", "1"),
    ),
    Column(
        "unit_price",
        (ORDERS,),
        "money",
        "unit price|price|item price|price each",
        "单价|价格|商品价格",
        ("49.50", "120.00"),
    ),
    Column(
        "gross",
        (ORDERS,),
        "money",
        "amount|gross|gross sales|line total|line amount|total|total amount|subtotal",
        "金额|总金额|订单金额|商品金额|小计",
        ("99.00", "120.00"),
    ),
    Column(
        "gross",
        _S,
        "money",
        "gross|gross sales|gmv|gross amount",
        "总销售额|毛销售额|成交总额|gmv",
        ("5200.00", "4890.00"),
    ),
    Column(
        "discounts",
        (ORDERS, *_S),
        "money",
        "discount|discounts|discount amount",
        "优惠金额|优惠|折扣|折扣金额",
        ("9.00", "0.00"),
    ),
    Column(
        "returns",
        (ORDERS, *_S),
        "money",
        "refund|refunds|returns|refund amount|refunded amount|returned amount",
        "退款金额|退款|退货金额",
        ("0.00", "20.00"),
    ),
    Column(
        "net",
        (ORDERS,),
        "money",
        "net|net sales|net amount|paid|paid amount|amount paid|sales|revenue|turnover|sales amount",
        "实付金额|实付|买家实际支付金额|净销售额|销售额|成交金额|支付金额|营业额|销售金额",
        ("90.00", "100.00"),
    ),
    Column(
        "net",
        _S,
        "money",
        "net|net sales|net amount|paid|paid amount|amount paid|sales|revenue|turnover|sales amount",
        "实付金额|实付|买家实际支付金额|净销售额|销售额|成交金额|支付金额|营业额|销售金额",
        ("5191.00", "4870.00"),
    ),
    Column(
        "cogs",
        (ORDERS, *_S),
        "money",
        "cost|cogs|cost of goods|cost of goods sold|cost of sales|product cost",
        "成本|商品成本|销售成本|货物成本",
        ("40.00", "55.00"),
    ),
    Column(
        "customer",
        (ORDERS,),
        "text",
        "customer id|customer|customer key|customer number|buyer id|buyer|email|customer email",
        "客户编号|买家会员名|买家|客户|会员名|用户id|客户id",
        ("C-17", "C-18"),
    ),
    Column(
        "status",
        (ORDERS,),
        "text",
        "status|order status|payment status|financial status",
        "订单状态|状态",
        ("paid", "paid"),
    ),
    Column(
        "orders",
        _S,
        "count",
        "orders|order count|number of orders|transactions",
        "订单数|订单量|成交笔数|支付订单数|单量",
        ("41", "38"),
    ),
    Column(
        "new_orders",
        _S,
        "count",
        "new orders|new customers|first orders|new customer orders",
        "新客订单数|新客订单|新客数|新客",
        ("25", "22"),
    ),
    Column("sessions", _S, "count", "sessions|visits|visitors|traffic", "访客数|访问量|会话|流量|uv", ("1620", "1544")),
    Column(
        "spend",
        (SPEND,),
        "money",
        "spend|ad spend|cost|amount spent|ad cost|marketing|marketing spend|advertising|budget spent",
        "花费|消耗|广告费|投放金额|推广费|广告花费|消费|营销费用|投放费用",
        ("310.00", "295.50"),
    ),
    Column(
        "spend",
        (BOTH,),
        "money",
        "spend|ad spend|amount spent|ad cost|marketing|marketing spend|advertising|advertising spend",
        "花费|消耗|广告费|投放金额|推广费|广告花费|营销费用|投放费用",
        ("310.00", "295.50"),
    ),
    Column(
        "impressions",
        (SPEND,),
        "count",
        "impressions|impr|views",
        "展现量|展示数|曝光量|曝光|展现|展示",
        ("20400", "19800"),
    ),
    Column("clicks", (SPEND,), "count", "clicks|link clicks", "点击量|点击数|点击", ("612", "580")),
    Column(
        "attributed",
        (SPEND,),
        "money",
        "attributed sales|attributed|conversion value|conv value|purchase value|sales|revenue|attributed revenue",
        "总成交金额|成交金额|归因销售额|转化金额|支付金额|销售额",
        ("1240.00", "1180.00"),
    ),
    Column(
        "campaign",
        (SPEND,),
        "text",
        "campaign|campaign name|campaign id",
        "计划|计划名称|场景名字|项目名称|推广计划",
        ("Winter", "Winter"),
    ),
    Column(
        "measure", (MEASURES,), "text", "measure|metric|name|indicator", "指标|指标名称|度量", ("stock_out", "visitors")
    ),
    Column("value", (MEASURES,), "number", "value|amount|number", "数值|值|数量", ("1", "1544")),
    Column(
        "currency", (ORDERS, SALES, SPEND, BOTH), "text", "currency|currency code", "币种|货币|货币代码", ("CNY", "CNY")
    ),
)
