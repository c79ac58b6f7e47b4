"""Reports of ads platforms in China."""

from __future__ import annotations

from shopplan.ingest.formats.row import Format
from shopplan.ingest.spend import spend

_WINDOW = "attributed sales are what the platform claims over 15 days, so those of recent days still grow"
_CLAIM = "attributed sales are what the platform claims, not sales of the shop"

FORMATS = (
    Format(
        "zhitongche",
        "spend",
        spend,
        "date spend",
        {
            "date": "日期|统计日期|时间",
            "campaign": "推广计划|推广计划名称|计划名称|计划名字|推广计划名字",
            "spend": "花费|消耗",
            "impressions": "展现量|展现",
            "clicks": "点击量|点击",
            "attributed": "总成交金额|成交金额",
        },
        marks="推广计划|推广计划名称|推广单元|推广单元名称|关键词|推广宝贝|推广计划ID|推广类型",
        channel="zhitongche",
        currency="CNY",
        never=("channel",),
        notes=(_WINDOW,),
    ),
    Format(
        "wanxiangtai",
        "spend",
        spend,
        "date spend",
        {
            "date": "日期|统计日期|时间",
            "campaign": "计划名字|计划名称|场景名字|原二级场景名字",
            "spend": "花费|消耗",
            "impressions": "展现量|展现",
            "clicks": "点击量|点击",
            "attributed": "总成交金额|成交金额",
        },
        marks="场景ID|场景名字|原二级场景ID|原二级场景名字",
        channel="wanxiangtai",
        currency="CNY",
        never=("channel",),
        notes=(_WINDOW,),
    ),
    Format(
        "oceanengine",
        "spend",
        spend,
        "spend campaign|date",
        {
            "date": "时间-天|时间|日期",
            "campaign": "项目名称|广告名称|广告组名称|广告计划名称|计划名称|单元名称|账户名称",
            "spend": "消耗|消耗(元)|总消耗|总花费",
            "impressions": "展示数|展示量|曝光数",
            "clicks": "点击数|点击量",
            "attributed": "支付金额|付费金额|成交金额|转化金额|支付订单金额",
        },
        marks="时间-天|项目ID|项目名称|广告组名称|广告计划名称|平均千次展现费用(元)|平均千次展示费用(元)|深度转化数",
        channel="oceanengine",
        currency="CNY",
        never=("channel",),
        notes=(_CLAIM,),
    ),
    Format(
        "qianchuan",
        "spend",
        spend,
        "spend",
        {
            "date": "时间-天|日期|时间|统计日期",
            "campaign": "计划名称|广告计划名称|素材名称|素材ID|计划ID|商品名称",
            "spend": "整体消耗|整体消耗(元)|消耗|基础消耗",
            "impressions": "整体展示次数|整体展示数|展示次数|展示数|视频播放数",
            "clicks": "整体点击次数|整体点击数|点击次数|点击数",
            "attributed": "整体成交金额|整体支付金额|直接成交金额|成交金额|支付金额|成交订单金额|用户实际支付金额",
        },
        marks="素材ID|素材名称|整体消耗|基础消耗|追投调控消耗|整体支付ROI|支付ROI|直接支付ROI|整体支付ROI(含优惠)|整体成交金额",
        channel="qianchuan",
        currency="CNY",
        never=("channel",),
        notes=(_CLAIM,),
    ),
)
