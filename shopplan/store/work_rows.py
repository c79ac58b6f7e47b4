"""Reading and writing the rows of people's work on an open connection; `work` holds the transactions."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shopplan.scenario import Scenario, from_dict, to_dict
from shopplan.store import work_schema as t
from shopplan.terms import Said, ShopplanError

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Conflict(ShopplanError):
    """Somebody else saved meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored scenario; times are UTC in ISO 8601."""

    id: str
    name: str
    scenario: Scenario
    version: int
    created: str
    updated: str
    updated_by: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log: when (UTC), who, the action and its particulars."""

    id: int
    at: str
    who: str
    action: str
    what: dict[str, Any]

    @property
    def about(self) -> str:
        """The scenario, file or setting that was changed; empty where the action says it all."""
        return next((str(self.what[name]) for name in ("name", "file", "key", "id") if name in self.what), "")


def now(shift: dt.timedelta = dt.timedelta()) -> str:
    return (dt.datetime.now(dt.UTC) + shift).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def body(scenario: Scenario) -> dict[str, Any]:
    return {"template": scenario.template, "body": to_dict(scenario)}


def saved_row(row: Any) -> Saved:
    scenario = from_dict(row.body)
    return Saved(row.id, row.name, scenario, row.version, row.created, row.updated, row.updated_by)


def load(con: sa.Connection, id_: str) -> Saved:
    row = con.execute(sa.select(t.scenarios).where(t.scenarios.c.id == id_)).one_or_none()
    if row is None:
        raise ShopplanError("there is no such scenario", id_, "it may have been deleted; open another one")
    return saved_row(row)


def create(con: sa.Connection, scenario: Scenario, name: str, who: str, source: str = "") -> Saved:
    id_ = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    at = now()
    row = {"id": id_, "name": name, "version": 1, "created": at, "updated": at, "updated_by": who}
    con.execute(sa.insert(t.scenarios).values(**row, **body(scenario)))
    what = {"id": id_, "name": name, "version": 1, "scenario": to_dict(scenario)}
    log(con, who, "scenario.duplicate" if source else "scenario.create", what | ({"of": source} if source else {}))
    return load(con, id_)


def update(con: sa.Connection, id_: str, values: dict[str, Any], expected: int, who: str, action: str) -> Saved:
    where = (t.scenarios.c.id == id_) & (t.scenarios.c.version == expected)
    row = {**values, "version": expected + 1, "updated": now(), "updated_by": who}
    if not con.execute(sa.update(t.scenarios).where(where).values(row)).rowcount:
        raise conflict(con, id_)
    saved = load(con, id_)
    what = {"id": id_, "name": saved.name, "version": saved.version, "scenario": to_dict(saved.scenario)}
    log(con, who, action, what)
    return saved


def conflict(con: sa.Connection, id_: str) -> Conflict:
    row = con.execute(sa.select(t.scenarios).where(t.scenarios.c.id == id_)).one_or_none()
    if row is None:
        return Conflict("the scenario was deleted meanwhile", id_, "save yours as a new scenario")
    template = "it was saved by {who} at {when} (version {version}) after you opened it"
    hint = "open that version, or save yours as a new scenario"
    who = row.updated_by or Said("somebody")
    return Conflict(Said(template, who=who, when=row.updated, version=row.version), row.name, hint)


def setting_version(con: sa.Connection, key: str) -> int:
    found = con.execute(sa.select(t.settings.c.version).where(t.settings.c.key == key)).scalar_one_or_none()
    return int(found or 0)


def put_setting(con: sa.Connection, key: str, value: Any, expected: int | None) -> int:
    version = setting_version(con, key)
    if expected is not None and expected != version:
        raise Conflict(
            "it was changed by somebody else meanwhile", key.lstrip("_"), "look at the new values and save again"
        )
    if version:
        # the version in the condition keeps the check on stores whose readers do not block writers
        where = (t.settings.c.key == key) & (t.settings.c.version == version)
        if not con.execute(sa.update(t.settings).where(where).values(value=value, version=version + 1)).rowcount:
            raise Conflict("it was changed by somebody else meanwhile", key.lstrip("_"), "save again")
    else:
        con.execute(sa.insert(t.settings).values(key=key, value=value, version=1))
    return version + 1


def log(con: sa.Connection, who: str, action: str, what: dict[str, Any]) -> None:
    con.execute(sa.insert(t.audit_log).values(at=now(), who=who, action=action, what=what))
