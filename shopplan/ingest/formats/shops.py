"""Exports of shops and marketplaces outside China."""

from __future__ import annotations

from shopplan.ingest.formats.row import Format
from shopplan.ingest.ledger import transactions
from shopplan.ingest.orders import orders

_INSIDE = "amounts are as the customer paid them, with shipping, and with tax where the shop charges it inside"

FORMATS = (
    Format(
        "shopify_orders",
        "sales",
        orders,
        "order_id date order_paid unit_price units",
        {
            "order_id": "Name",
            "customer": "Email",
            "status": "Financial Status",
            "paid_at": "Paid at",
            "date": "Created at",
            "currency": "Currency",
            "order_paid": "Total",
            "order_discounts": "Discount Amount",
            "order_returns": "Refunded Amount",
            "shipping": "Shipping",
            "tax": "Taxes",
            "units": "Lineitem quantity",
            "product": "Lineitem name",
            "unit_price": "Lineitem price",
            "sku": "Lineitem sku",
        },
        marks="Lineitem name|Lineitem price|Lineitem quantity",
        channel="shopify",
        notes=(_INSIDE,),
    ),
    Format(
        "woocommerce_orders",
        "sales",
        orders,
        "order_id date order_paid",
        {
            "order_id": "Order Number|Order ID",
            "status": "Order Status",
            "date": "Order Date",
            "paid_at": "Paid Date",
            "customer": "Customer User ID|Email (Billing)|Customer Email",
            "order_paid": "Order Total Amount|Order Total",
            "order_discounts": "Cart Discount Amount",
            "order_returns": "Order Refund Amount|Order Total Refund Amount",
            "shipping": "Order Shipping Amount",
            "tax": "Order Total Tax Amount",
            "currency": "Order Currency|Currency",
            "line_id": "Item #",
            "product": "Item Name|Product Name",
            "units": "Quantity (- Refund)|Quantity",
            "unit_price": "Item Cost|Product Price",
            "sku": "SKU",
        },
        marks="Quantity (- Refund)|Cart Discount Amount|Order Subtotal Amount|Order Total Amount|Order Shipping Amount",
        channel="woocommerce",
        notes=(_INSIDE,),
    ),
    Format(
        "woocommerce_analytics",
        "sales",
        orders,
        "order_id date net",
        {
            "date": "Date",
            "order_id": "Order #",
            "status": "Status",
            "customer": "Customer",
            "units": "Items sold",
            "net": "N. Revenue|Net sales|N. Revenue (formatted)",
            "product": "Product(s)",
        },
        marks="Order #|N. Revenue",
        channel="woocommerce",
    ),
    Format(
        "amazon_orders",
        "sales",
        orders,
        "order_id date gross",
        {
            "order_id": "amazon-order-id",
            "date": "purchase-date",
            "status": "order-status",
            "marketplace": "sales-channel",
            "product": "product-name",
            "sku": "sku",
            "units": "quantity|quantity-purchased",
            "currency": "currency",
            "gross": "item-price",
            "discounts": "item-promotion-discount",
            "tax": "item-tax",
            "shipping": "shipping-price",
        },
        marks="amazon-order-id",
        channel="amazon",
        notes=(
            "times are UTC, so orders around midnight may belong to the neighbouring day of the shop",
            "this report has no refunds; they are in the transactions by date",
        ),
    ),
    Format(
        "amazon_transactions",
        "settlement",
        transactions,
        "date entry order_id gross settled",
        {
            "date": (
                "date/time|Datum/Uhrzeit|date/heure|fecha y hora|fecha/hora|Data/Ora:|Data/Ora|datum/tijd|日付/時間"
                "|data/hora|data/godzina|datum/tid"
            ),
            "entry": "type|Typ|Tipo|タイプ|トランザクションの種類|type de transaction",
            "order_id": (
                "order id|Bestellnummer|numéro de la commande|número de pedido|Numero ordine|bestelnummer|注文番号"
                "|ID do pedido|Id. del pedido|identyfikator zamówienia|beställnings-id"
            ),
            "sku": "sku",
            "product": "description|Beschreibung|descripción|Descrizione|beschrijving|説明|descrição|opis|beskrivning",
            "units": "quantity|Menge|quantité|cantidad|Quantità|aantal|数量|quantidade|ilość|antal",
            "marketplace": "marketplace|account type",
            "gross": (
                "product sales|Umsätze|Produktumsätze|ventes de produits|ventas de productos|Vendite"
                "|verkoop van producten|商品売上|商品の売上|vendas do produto|sprzedaż produktów"
                "|försäljning av produkter"
            ),
            "tax": "product sales tax|sales tax collected|Produktumsatzsteuer",
            "shipping": "shipping credits|postage credits|Gutschrift für Versandkosten|crédits d'expédition",
            "rebates": (
                "promotional rebates|Rabatte aus Werbeaktionen|Remises promotionnelles|rabais promotionnels"
                "|devoluciones promocionales|descuentos promocionales|Sconti promozionali|promotiekortingen"
                "|プロモーション割引額|descontos promocionais|rabaty promocyjne|kampanjrabatter"
            ),
            "fees": "selling fees|Verkaufsgebühren|frais de vente|tarifas de venta|Commissioni di vendita|手数料",
            "settled": "total|Gesamt|totale|totaal|合計|suma|totalt",
        },
        marks=(
            "settlement id|Abrechnungsnummer|numéro de versement|identificador de pago|Numero pagamento"
            "|schikkings-ID|決済番号|id de liquidação|fba fees|fulfilment by amazon fees|promotional rebates"
            "|descuentos promocionales|rabaty promocyjne|kampanjrabatter"
        ),
        channel="amazon",
    ),
    Format(
        "amazon_sale_report",
        "sales",
        orders,
        "order_id date gross status",
        {
            "order_id": "Order ID",
            "date": "Date",
            "status": "Status",
            "marketplace": "Sales Channel",
            "sku": "SKU",
            "product": "Style|Category",
            "units": "Qty",
            "currency": "currency",
            "gross": "Amount",
        },
        marks="Courier Status|ship-service-level|fulfilled-by",
        channel="amazon",
        currency="INR",
    ),
)
