"""The documented tables, whose column names are in `columns.COLUMNS`, and the public file of a real shop."""

from __future__ import annotations

from shopplan.ingest import columns as c
from shopplan.ingest.formats.row import Format
from shopplan.ingest.online_retail import online_retail
from shopplan.ingest.shop_tables import measures_daily, order_lines, sales_and_spend_daily, sales_daily
from shopplan.ingest.spend import spend

_ADS = ("impressions", "clicks", "campaign")

FORMATS = (
    Format(
        "online_retail",
        "sales",
        online_retail,
        "order_id sku product units date unit_price customer marketplace",
        {
            "order_id": "InvoiceNo",
            "sku": "StockCode",
            "product": "Description",
            "units": "Quantity",
            "date": "InvoiceDate",
            "unit_price": "UnitPrice",
            "customer": "CustomerID",
            "marketplace": "Country",
        },
        marks="InvoiceNo",
        currency="GBP",
    ),
    Format(c.ORDERS, "sales", order_lines, "order_id date gross|net|unit_price"),
    Format(c.BOTH, "sales", sales_and_spend_daily, "date spend gross|net", never=_ADS),
    Format(c.SALES, "sales", sales_daily, "date gross|net", never=_ADS),
    Format(c.SPEND, "spend", spend, "date spend"),
    Format(c.MEASURES, "other", measures_daily, "date measure value"),
)
