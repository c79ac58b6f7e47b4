"""Reports of ads platforms outside China, with their headers in the languages they are exported in."""

from __future__ import annotations

from shopplan.ingest.formats.row import Format
from shopplan.ingest.spend import spend

_CLAIM = "attributed sales are what the platform claims, not sales of the shop"
_DAY = "Day|Tag|Jour|Día|Giorno|Dia|Dag|Dzień|日|天|日期"

FORMATS = (
    Format(
        "google_ads",
        "spend",
        spend,
        "spend campaign|date",
        {
            "date": _DAY + "|Date|Datum|Data|Fecha",
            "campaign": "Campaign|Kampagne|Campagne|Campaña|Campagna|Campanha|Kampania|キャンペーン|广告系列|廣告活動",
            "currency": (
                "Currency code|Currency|Währungscode|Währung|Code de devise|Devise|Code de la devise|Código de moneda"
                "|Codice valuta|Valuta|Código da moeda|Valutacode|Kod waluty|通貨コード|货币代码|貨幣代碼"
            ),
            "spend": "Cost|Kosten|Coût|Coste|Costo|Custo|Koszt|費用|费用|花費",
            "impressions": (
                "Impr.|Impressions|Impressionen|Impresiones|Impressioni|Impressões|Vertoningen|Vert.|Wyświetlenia|Wyśw.|表示回数"
                "|展示次数|曝光"
            ),
            "clicks": "Clicks|Klicks|Clics|Clic|Cliques|Klikken|Kliknięcia|クリック数|点击次数|點擊",
            "attributed": (
                "Conv. value|Conversion value|Conv.-Wert|Conversion-Wert|Valeur de conv.|Valeur de conversion"
                "|Valor de conv.|Valore conv.|Conv.waarde|コンバージョン値|转化价值|轉換價值|All conv. value"
            ),
        },
        marks=(
            "Impr.|Currency code|Campaign ID|Campaign status|Avg. CPC|Währungscode|Code de devise|Kampagnen-ID|Kampagnenstatus"
            "|Durchschn. CPC|Impr|Kampagne|État de la campagne|ID de campagne|Campagne|CPC moy.|Código de moneda|Campaña"
            "|Estado de la campaña|Codice valuta|Campagna|Código da moeda|Campanha|Valutacode|Kod waluty|Kampania|通貨コード"
            "|キャンペーン|广告系列|广告系列状态|货币代码|廣告活動|Search Impr. share|Conv. value"
        ),
        channel="google",
        never=("channel",),
        notes=(_CLAIM,),
    ),
    Format(
        "meta_ads",
        "spend",
        spend,
        "spend date",
        {
            "date": (
                _DAY + "|Reporting starts|Berichtsstart|Début des rapports|Début du rapport|Inicio del informe"
                "|Inizio dei report|Inizio del report|Início dos relatórios|Início do relatório|Rapportage begint"
                "|Start van rapportage|Początek raportowania|レポート開始日|报告开始日期|報告開始日期|Date"
            ),
            "date_end": (
                "Reporting ends|Berichtsende|Fin des rapports|Fin du rapport|Fin del informe|Fine dei report"
                "|Fine del report|Término dos relatórios|Encerramento dos relatórios|Fim do relatório|Rapportage eindigt"
                "|Einde van rapportage|Koniec raportowania|レポート終了日|报告结束日期|報告結束日期"
            ),
            "campaign": (
                "Campaign name|Kampagnenname|Name der Kampagne|Nom de la campagne|Nombre de la campaña|Nome della campagna"
                "|Nome da campanha|Campagnenaam|Naam campagne|Nazwa kampanii|キャンペーン名|广告系列名称|行銷活動名稱"
            ),
            "spend": (
                "Amount spent|Ausgegebener Betrag|Montant dépensé|Importe gastado|Importo speso|Valor usado|Valor gasto"
                "|Montante gasto|Besteed bedrag|Wydana kwota|消化金額|花费金额|已花费金额|花費金額"
            ),
            "impressions": (
                "Impressions|Impressionen|Impresiones|Impression|Impressioni|Impressões|Weergaven|Wyświetlenia"
                "|インプレッション|展示次数|曝光次數"
            ),
            "clicks": (
                "Link clicks|Link-Klicks|Clics sur un lien|Clics en el enlace|Clic sul link|Cliques no link|Klikken op link"
                "|リンクのクリック|リンククリック|链接点击量|連結點擊次數|Clicks (all)|Klicks (alle)|Clics (tous)"
            ),
            "attributed": (
                "Purchases conversion value|Website purchases conversion value|Conversion-Wert für Käufe"
                "|Wert der Kauf-Conversions|Valeur de conversion des achats|Valor de conversión de compras"
                "|Valore di conversione degli acquisti|Valor de conversão da compra|Valor de conversão de compras"
                "|Conversiewaarde van aankopen|購入コンバージョン値|购物转化价值|購買轉換值"
            ),
            "currency": "Currency|Währung|Devise|Moneda|Valuta|Moeda|币种|通貨",
        },
        marks=(
            "Reporting starts|Amount spent (*)|Berichtsstart|Kampagnenname|Name der Kampagne|Nom de la campagne"
            "|Début des rapports|Nombre de la campaña|Inicio del informe|Nome della campagna|Nome da campanha|Campagnenaam"
            "|Naam campagne|Nazwa kampanii|キャンペーン名|广告系列名称|行銷活動名稱|报告开始日期|レポート開始日|Ad set name"
            "|Ausgegebener Betrag (*)|Montant dépensé (*)|Importe gastado (*)|Importo speso (*)|Valor usado (*)|Besteed bedrag (*)"
            "|花费金额 (*)|已花费金额 (*)|花費金額 (*)|消化金額 (*)"
        ),
        channel="meta",
        never=("channel",),
        notes=(_CLAIM,),
    ),
    Format(
        "tiktok_ads",
        "spend",
        spend,
        "spend campaign",
        {
            "date": "Date|By Day|Day|Stat Time Day|日期|按天|Datum|Nach Tag|Jour|Par jour|Por día|Por dia",
            "campaign": (
                "Campaign name|推广系列名称|Kampagnenname|Nom de la campagne|Nombre de la campaña|Nome da campanha"
            ),
            "spend": "Cost|Total cost|Spend|消耗|总消耗|成本|花费|Kosten|Coût|Coste|Costo|Gasto|Custo",
            "impressions": "Impressions|Impression|展示量|展示次数|展示数|Impressionen|Impresiones|Impressões",
            "clicks": "Clicks (destination)|Clicks|Destination clicks|点击量（目标页面）|点击量|Klicks|Clics|Cliques",
            "attributed": (
                "Total complete payment value|Total purchase value|Complete payment value|Purchase value"
                "|Total payment value|Gross revenue"
            ),
            "currency": "Currency|币种|Währung|Devise|Moneda|Moeda",
        },
        marks=(
            "Clicks (destination)|Clicks (all)|CTR (destination)|CPC (destination)|Ad group name|By Day|Stat Time Day"
            "|推广系列名称|Clics (destino)|Clics (destination)|Cliques (destino)|Cost per conversion|Klicks (Ziel)|Ad group ID|Primary status|Secondary status|Cost per result|CPM|Reach"
        ),
        channel="tiktok",
        never=("channel",),
        notes=(_CLAIM,),
    ),
)
