"""How a number comes about, in words: the formula of a metric with its parts, or a text where there is none."""

from __future__ import annotations

from functools import cache

from shopplan.i18n.catalogue import has, text
from shopplan.terms import METRICS, RESOURCES

_SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+"}

ADDED = ("+", "−")
"""Signs before a part that may be left out where it is 0."""


@cache
def steps(metric: str) -> tuple[tuple[str, str], ...]:
    """Sign and metric of each part of a formula: ``(("=", "gross_sales"), ("−", "discounts"), …)``, or nothing."""
    words = METRICS[metric].formula.split()
    signs = ["=", *(_SIGNS[sign] for sign in words[1::2])]
    return tuple(zip(signs, words[::2], strict=False))


@cache
def resource(kind: str) -> tuple[tuple[str, str], ...]:
    """Sign and metric of each part of a kind of resources, as `steps` gives them."""
    metrics = RESOURCES[kind]
    return steps(metrics[0]) if len(metrics) == 1 else tuple(zip("=" + "+" * (len(metrics) - 1), metrics, strict=True))


@cache
def formula(lang: str, metric: str) -> str:
    """``Net sales = Gross sales − Discounts − Returns``; the definition in words where there is no formula."""
    if not steps(metric):
        return text(lang, f"metric.{metric}.help")
    parts = " ".join(f"{sign} {text(lang, f'metric.{part}')}" for sign, part in steps(metric))
    return f"{text(lang, f'metric.{metric}')} {parts}"


def how(lang: str, name: str) -> str:
    """How a number comes about: of a metric its formula, else the text ``how.<name>``; empty where there is neither."""
    if name in METRICS:
        return formula(lang, name)
    return text(lang, f"how.{name}") if has(lang, f"how.{name}") else ""
