"""The source plans as templates: where a default comes from when the shop's data do not say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shopplan.terms import LEVERS, Said, ShopplanError, place

FOLDER = Path(__file__).resolve().parents[2] / "data" / "templates"
BASE = "base"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of a template.

    Attributes
    ----------
    value : float
    source : str
        Row of a source plan (``"000 #22"``), or ``"assumption"``.
    kind : str
        ``"as_is"``, or ``"of_sales"`` / ``"of_aov"``: a share of a month's net sales or of the basket.
    scale : float
        Size of the lever's range where the value is 0, in the same kind.
    """

    value: float
    source: str
    kind: str = "as_is"
    scale: float = 0.0


@dataclass(frozen=True, eq=False)
class Template:
    """One source plan laid over the base; lists keep the order of the file."""

    id: str
    levers: Mapping[str, Figure]
    conversion: Mapping[str, Figure]
    entry_channels: Mapping[str, Figure]
    people: Mapping[str, Figure]
    pay: Mapping[str, Figure]
    roles: tuple[Mapping[str, Any], ...]
    initiatives: tuple[Mapping[str, Any], ...]
    phases: tuple[Mapping[str, Any], ...]
    targets: tuple[Mapping[str, Any], ...]


def names() -> tuple[str, ...]:
    """Ids of the templates that a scenario can name."""
    return tuple(sorted(p.stem for p in FOLDER.glob("*.toml") if p.stem != BASE))


@lru_cache(maxsize=16)
def load(template: str) -> Template:
    """Read a template.

    Raises
    ------
    ShopplanError
        When there is no such template, or a row names a lever that does not exist.
    """
    if template not in names():
        raise ShopplanError(
            Said("there is no template {name!r}", name=template), hint=Said("use one of {names}", names=names())
        )
    base, own = _read(BASE), _read(template)
    for key in own.get("levers", {}):
        if key not in LEVERS:
            raise ShopplanError("the template names a lever that does not exist", place(f"{template}.toml", column=key))

    def figures(section: str) -> dict[str, Figure]:
        rows = {**base.get(section, {}), **own.get(section, {})}
        return {k: _figure(r) for k, r in rows.items() if "value" in r}

    people = {**base["people"], **own.get("people", {})}
    return Template(
        template,
        figures("levers"),
        figures("conversion"),
        figures("entry_channels"),
        {k: _figure(r) for k, r in people.items() if "value" in r},
        {k: _figure(r) for k, r in people["pay"].items()},
        *(tuple(own.get(part, base.get(part, []))) for part in ("roles", "initiatives", "phases", "targets")),
    )


@lru_cache(maxsize=1)
def asked() -> Mapping[tuple[str, str], str]:
    """What the milestones ask for in percent, by id and source; of multiples it is what is above one."""
    rows = [row for name in names() for row in load(name).targets]
    more = {(row["id"], row["source"]): row.get("times_year_ago", row.get("times_mean_month", 0.0)) - 1 for row in rows}
    shares = more | {(row["id"], row["source"]): row["value"] for row in rows if "value" in row}
    return {key: f"{round(100 * share, 3):g}" for key, share in shares.items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(
        float(row["value"]), row.get("source", "assumption"), row.get("kind", "as_is"), float(row.get("scale", 0))
    )
