"""Channel names to ids: the sales and ads channels that shops name in many ways.

A known name becomes its standard id; any other name becomes a slug, and keeps its name for the screen.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

_SLUG = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: id (slug), name for the screen, kind (`terms.CHANNEL_KINDS`)."""

    id: str
    name: str
    kind: str


_KNOWN: tuple[tuple[str, str, str, str], ...] = (
    (
        "search",
        "Platform search",
        "search",
        "search ads|platform search|paid search|sem|平台搜索|搜索|搜索广告|站内搜索",
    ),
    ("live", "Live stream", "live", "live|livestream|live streaming|live commerce|直播|直播带货|直播间"),
    ("content", "Content seeding", "content", "content|seeding|content marketing|kol|内容种草|种草|内容|达人"),
    ("private", "Private domain", "private", "crm|email|private traffic|community|私域|私域流量|社群|会员"),
    ("organic", "Organic", "organic", "natural|direct|organic traffic|organic search|自然流量|自然|自然搜索|免费流量"),
    ("offline", "Offline", "offline", "store|shop|retail|pos|线下|门店|实体店|线下门店"),
    ("online", "Online", "other", "online store|webshop|web|website|线上|网店|官网"),
    ("social", "Social ads", "social", "paid social|social media|社交|社交广告|社媒"),
    ("marketplace", "Marketplace", "marketplace", "marketplaces|平台|电商平台"),
    ("taobao", "Taobao", "marketplace", "淘宝"),
    ("tmall", "Tmall", "marketplace", "天猫"),
    ("jd", "JD", "marketplace", "jd.com|京东"),
    ("pinduoduo", "Pinduoduo", "marketplace", "pdd|拼多多"),
    ("amazon", "Amazon", "marketplace", "amazon.com|亚马逊"),
    ("douyin", "Douyin", "live", "抖音|抖店|抖音小店"),
    ("kuaishou", "Kuaishou", "live", "快手"),
    ("xiaohongshu", "Xiaohongshu", "content", "red|rednote|小红书"),
    ("wechat", "WeChat", "private", "weixin|微信|小程序|企业微信"),
    ("zhitongche", "Zhitongche", "search", "直通车|淘宝直通车"),
    ("wanxiangtai", "Wanxiangtai", "search", "万相台|阿里妈妈万相台"),
    ("oceanengine", "Ocean Engine", "social", "巨量引擎|ocean engine"),
    ("qianchuan", "Qianchuan", "live", "千川|巨量千川"),
    ("google", "Google Ads", "search", "google ads|adwords|谷歌"),
    ("meta", "Meta Ads", "social", "facebook|facebook ads|instagram|meta ads|脸书"),
    ("tiktok", "TikTok", "social", "tiktok ads|tik tok"),
    ("shopify", "Shopify", "other", "独立站"),
    ("woocommerce", "WooCommerce", "other", "woo"),
)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", name).strip().casefold())


_BY_NAME = {
    _plain(word): Channel(id_, label, kind)
    for id_, label, kind, words in _KNOWN
    for word in (id_, label, *words.split("|"))
}


def channel(name: str) -> Channel:
    """The channel a name stands for.

    Parameters
    ----------
    name : str
        As it stood in the file, in English or Chinese, or a standard id.

    Returns
    -------
    Channel
        The given name is kept for the screen, unless it was a bare id. A name that is not known and has no
        Latin letters gets an id from its hash, the same every time.
    """
    shown = " ".join(unicodedata.normalize("NFKC", name).split())[:80]
    known = _BY_NAME.get(_plain(shown))
    if known:
        return known if shown == known.id else Channel(known.id, shown, known.kind)
    if _SLUG.fullmatch(shown):
        return Channel(shown, shown, "other")
    latin = re.sub(r"[^a-z0-9]+", "-", shown.casefold()).strip("-")
    if latin and len(latin) <= 40 and re.sub(r"[\s_\-]+", "-", shown.casefold()) == latin:
        return Channel(latin, shown, "other")
    tail = hashlib.sha256(shown.encode()).hexdigest()[:6]
    return Channel(f"{latin[:32].strip('-') or 'channel'}-{tail}", shown, "other")
