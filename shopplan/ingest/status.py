"""What the status words of shops say about the money of an order."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from shopplan.ingest.receipt import Reason
from shopplan.ingest.sheet import Mask

_REFUNDED = (
    r"refunded|fully refunded|returned|.*returned to seller|.*rejected by buyer|.*refund(ed)? successful"
    r"|.*退款成功.*|.*已退款.*|.*全额退款.*|.*退款完成.*|.*售后完成.*|退货退款"
    r"|(rück)?erstattet|remboursée?|reembolsad[oa]|rimborsat[oa]|terugbetaald|zwrócon[eoy]|返金済み?"
)
_PARTLY = r".*part.*refund.*|.*部分退款.*"
_CLOSED: dict[Reason, str] = {
    "cancelled": (
        r"cancell?ed.*|void(ed)?|closed|expired|failed|declined|trash|deleted|refused"
        r"|storniert|abgebrochen|fehlgeschlagen|annulée?|échouée?|échec|cancelad[oa]|fallid[oa]|malsucedido|annullat[oa]"
        r"|cancellat[oa]|fallit[oa]|geannuleerd|mislukt|anulowan[eoy]|nieudane|キャンセル.*|失敗"
        r"|.*已取消.*|取消.*|.*订单取消.*|.*交易关闭.*|.*已关闭.*|交易失败|关闭|.*锁定.*|.*\(删除\).*"
    ),
    "unpaid": (
        r"unpaid|pending.*|awaiting payment|to pay|authorized|on[- ]hold|(checkout-)?draft"
        r"|(zahlung )?ausstehend|unbezahlt|in wartestellung|entwurf|en attente( de paiement)?|attente paiement"
        r"|impayée?|brouillon|pendiente( de pago)?|en espera|borrador|(pagamento )?pendente"
        r"|aguardando( pagamento)?|rascunho|in attesa( di pagamento)?|sospes[oa]|bozza"
        r"|wacht op betaling|in afwachting( van betaling)?|in de wacht"
        r"|oczekując[aey]( na płatność)?|wstrzyman[aey]|支払い待ち|入金待ち|未払い|保留中?"
        r"|未付款|.*待付款.*|.*等待买家付款.*|.*待支付.*|.*等待付款.*|.*未支付.*"
    ),
}


def refunded(words: pd.Series) -> Mask:
    """Where the whole amount went back."""
    return _fits(words, _REFUNDED) & ~_fits(words, _PARTLY)


def partly_refunded(words: pd.Series) -> Mask:
    """Where a part of the amount went back."""
    return _fits(words, _PARTLY)


def closed(words: pd.Series) -> dict[Reason, Mask]:
    """Where the order is no sale, by reason."""
    return {reason: _fits(words, pattern) for reason, pattern in _CLOSED.items()}


def _fits(words: pd.Series, pattern: str) -> Mask:
    plain = re.compile(pattern)
    codes, known = pd.factorize(words)
    fits = [plain.fullmatch(word.casefold().removeprefix("wc-")) is not None for word in known]
    return np.array(fits, dtype=bool)[codes]
