"""Money as integers: minor units per currency, and exact sums of amounts with more places than a currency has."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

MICRO = 10**6
"""Amounts are read as whole millionths of the major unit, so that sums of prices like 0.001 stay exact."""
LIMIT = 10**12
"""Amounts from here on (in major units) are refused; sums of a file then stay within 64 bits of minor units."""

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
    "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())
"""Currencies in use (ISO 4217)."""
_NO_MINOR = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217): 2 for CNY, 0 for JPY, 3 for KWD."""
    return 0 if currency in _NO_MINOR else 3 if currency in _THREE else 2


def to_minor(micro: npt.NDArray[np.int64], currency: str | pd.Series) -> npt.NDArray[np.int64]:
    """Millionths to minor units of one currency, or of each row's own; halves away from zero."""
    if isinstance(currency, str):
        step: int | npt.NDArray[np.int64] = MICRO // 10 ** exponent(currency)
    else:
        step = currency.map({code: MICRO // 10 ** exponent(code) for code in currency.unique()}).to_numpy("int64")
    size = np.abs(micro)
    return (np.sign(micro) * ((size + step // 2) // step)).astype("int64")


def micro_sum(micro: npt.NDArray[np.int64]) -> Decimal:
    """Exact sum of millionths in major units; wholes and rests are added apart, so that it cannot overflow."""
    whole, rest = np.divmod(micro, MICRO)
    return Decimal(int(whole.sum())) + Decimal(int(rest.sum())) / MICRO


def minor_sum(minor: npt.NDArray[np.int64], currency: str) -> Decimal:
    """Sum of minor units in major units, with as many places as the currency has."""
    return Decimal(int(minor.sum())).scaleb(-exponent(currency))
