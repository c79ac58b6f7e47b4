"""Headers as they stand in files, matched with the documented columns."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from shopplan.ingest.columns import COLUMNS, Column

_SIMPLER = str.maketrans(
    "訂單編號時間數額買賣貨價費點擊廣實際優惠狀態購運種類標題產項規幣別現場總戶轉換退稱賬銷後業務結細給來頻發顯觀",
    "订单编号时间数额买卖货价费点击广实际优惠状态购运种类标题产项规币别现场总户转换退称账销后业务结细给来频发显观",
)
"""Traditional characters of headers, which mean the same as the simplified ones."""
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")


@lru_cache(maxsize=20_000)
def plain_header(header: str) -> str:
    """A header as it is compared: no case, spaces, punctuation or bracketed unit."""
    text = _BRACKETS.sub("", unicodedata.normalize("NFKC", header)).casefold().translate(_SIMPLER)
    return re.sub(r"[\W_]+", "", text)


@lru_cache(maxsize=20_000)
def raw_header(header: str) -> str:
    """A header with its brackets, without case, quotes and double spaces."""
    return " ".join(unicodedata.normalize("NFKC", header).casefold().strip("\ufeff\"' \t").split())


def raw_headers(header: Iterable[str]) -> frozenset[str]:
    """The headers of a file to look for marks in; ``cost (usd)`` is also there as ``cost (*)``."""
    raw = {raw_header(cell) for cell in header}
    return frozenset(raw | {_BRACKETS.sub("(*)", cell) for cell in raw})


def names(column: Column) -> tuple[str, ...]:
    """All names of a column as they are compared, the preferred one first."""
    return tuple(plain_header(name) for name in (*column.en.split("|"), *column.zh.split("|")))


def bracketed(header: str) -> str:
    """What stands in the brackets of a header, such as the currency in ``Amount spent (USD)``."""
    found = _BRACKETS.search(unicodedata.normalize("NFKC", header))
    return found.group(1).strip() if found else ""


@lru_cache(maxsize=16)
def columns_of(format: str) -> tuple[Column, ...]:
    """The documented columns of a format, in the order of the table."""
    return tuple(column for column in COLUMNS if format in column.formats)


@lru_cache(maxsize=16)
def _by_name(format: str) -> dict[str, tuple[int, Column]]:
    """Plain header -> preference (0 is best) and column."""
    return {
        name: (rank, column)
        for column in reversed(columns_of(format))
        for rank, name in reversed(list(enumerate(names(column))))
    }


def match(format: str, header: list[str]) -> dict[str, list[int]]:
    """Which header cells name which columns of a format.

    Returns
    -------
    dict
        Column id -> positions in the header, the preferred name first.
    """
    known = _by_name(format)
    found: dict[str, list[tuple[int, int]]] = {}
    for position, cell in enumerate(header):
        hit = known.get(plain_header(cell))
        if hit:
            found.setdefault(hit[1].id, []).append((hit[0], position))
    return {id_: [position for _, position in sorted(places)] for id_, places in found.items()}


def sample_csv(format: str, lang: str = "en") -> str:
    """A small file with every documented column of a format, to download and fill in."""
    columns = columns_of(format)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([(column.zh if lang == "zh" else column.en).split("|")[0] for column in columns])
    writer.writerows([column.examples[i] for column in columns] for i in (0, 1))
    return out.getvalue()
