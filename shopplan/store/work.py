"""People's work behind a SQLAlchemy URL: scenarios, targets, settings, kept results and the audit log.

Every change of scenarios, targets and settings writes its audit row in the same transaction. Rows carry a version:
whoever saves names the version that was read, and gets a `Conflict` when somebody else saved in between.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from shopplan.ingest import Mapping
from shopplan.scenario import Scenario
from shopplan.store import work_rows as rows
from shopplan.store import work_schema as t
from shopplan.store.work_rows import AuditRow, Conflict, Saved
from shopplan.store.work_schema import NAME_LENGTH, prepare_sqlite, upgrade
from shopplan.terms import Said, ShopplanError, Target

__all__ = ["AuditRow", "Conflict", "Saved", "WorkStore", "default_url", "is_there", "mappings_at"]

_TARGETS_KEY = "_targets"
_MAPPING = "mapping:"
"""Settings that begin so are mappings of columns; None once forgotten."""


def default_url(facts: Path) -> str:
    """Where the work is: ``SHOPPLAN_STORE``, else a SQLite file beside the fact file."""
    return os.environ.get("SHOPPLAN_STORE") or f"sqlite:///{facts.with_suffix('.sqlite')}"


def is_there(url: str) -> bool:
    """Whether a store that is a file exists; one on a server is taken to."""
    return not url.startswith("sqlite:") or Path(url.removeprefix("sqlite:///")).exists()


def mappings_at(url: str) -> dict[str, Mapping]:
    """The remembered mappings of a store that may not be there; nothing is made."""
    if not is_there(url):
        return {}
    store = WorkStore.open(url)
    try:
        return store.mappings()
    finally:
        store.close()


class WorkStore:
    """Scenarios, targets, settings and the audit log of one team."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> WorkStore:
        """Open a store, made where there is none and brought up to date where an older version made it.

        Raises
        ------
        ShopplanError
            When the URL cannot be used, or a newer version of the program made the store.
        """
        try:
            parts = sa.make_url(url)
            if parts.get_backend_name() == "sqlite" and parts.database:
                Path(parts.database).parent.mkdir(parents=True, exist_ok=True)
            engine = sa.create_engine(parts)
            if engine.dialect.name == "sqlite":
                prepare_sqlite(engine)
            with engine.connect().execution_options(write=True) as con, con.begin():
                upgrade(con)
        except (sa.exc.SQLAlchemyError, ModuleNotFoundError, OSError) as error:
            hint = "SHOPPLAN_STORE is a SQLAlchemy URL; the file or server must be reachable"
            raise ShopplanError("the store of scenarios cannot be opened", _safe(url), hint) from error
        return cls(engine)

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.dispose()

    # --- scenarios -------------------------------------------------------------------------------
    def scenarios(self) -> list[Saved]:
        """All scenarios, the one saved last first."""
        query = sa.select(t.scenarios).order_by(t.scenarios.c.updated.desc(), t.scenarios.c.id)
        with self._engine.connect() as con:
            return [rows.saved_row(row) for row in con.execute(query)]

    def load(self, id_: str) -> Saved:
        """One scenario; raises `ShopplanError` when there is none of that id."""
        with self._engine.connect() as con:
            return rows.load(con, id_)

    def save_scenario(
        self, id_: str | None, scenario: Scenario, name: str, expected_version: int = 0, who: str = ""
    ) -> Saved:
        """Save a scenario.

        Parameters
        ----------
        id_ : str or None
            None makes a new one.
        scenario : Scenario
        name : str
        expected_version : int
            The version that was read before the change; not looked at for a new scenario.
        who : str

        Raises
        ------
        Conflict
            When somebody else saved or deleted it meanwhile.
        """
        with self._write() as con:
            if id_ is None:
                return rows.create(con, scenario, _clean(name), who)
            return rows.update(
                con, id_, {"name": _clean(name), **rows.body(scenario)}, expected_version, who, "scenario.save"
            )

    def rename(self, id_: str, name: str, expected_version: int, who: str = "") -> Saved:
        """Give a scenario another name; raises `Conflict` like `save_scenario`. The name it has is no new version."""
        with self._write() as con:
            held = rows.load(con, id_)
            if (held.name, held.version) == (_clean(name), expected_version):
                return held
            return rows.update(con, id_, {"name": _clean(name)}, expected_version, who, "scenario.rename")

    def duplicate(self, id_: str, name: str, who: str = "") -> Saved:
        """A copy under a name of its own."""
        with self._write() as con:
            return rows.create(con, rows.load(con, id_).scenario, _clean(name), who, source=id_)

    def delete(self, id_: str, expected_version: int, who: str = "") -> None:
        """Delete a scenario; raises `Conflict` when somebody saved it meanwhile."""
        with self._write() as con:
            where = (t.scenarios.c.id == id_) & (t.scenarios.c.version == expected_version)
            if not con.execute(sa.delete(t.scenarios).where(where)).rowcount:
                raise rows.conflict(con, id_)
            rows.log(con, who, "scenario.delete", {"id": id_, "version": expected_version})

    # --- targets and settings --------------------------------------------------------------------
    def targets(self) -> tuple[Target, ...]:
        """The milestones that the team entered, in their order."""
        query = sa.select(t.targets).order_by(t.targets.c.position)
        with self._engine.connect() as con:
            found = [row._asdict() for row in con.execute(query)]
        return tuple(Target(**{key: value for key, value in row.items() if key != "position"}) for row in found)

    def targets_version(self) -> int:
        """Version of the targets, to be named when they are saved."""
        return self.setting_version(_TARGETS_KEY)

    def save_targets(self, targets: Sequence[Target], expected_version: int | None = None, who: str = "") -> int:
        """Replace the milestones; returns the new version.

        Raises
        ------
        Conflict
            When ``expected_version`` is given and somebody else saved meanwhile.
        """
        listed = [{"position": i, **asdict(target)} for i, target in enumerate(targets)]
        with self._write() as con:
            version = rows.put_setting(con, _TARGETS_KEY, len(listed), expected_version)
            con.execute(sa.delete(t.targets))
            if listed:
                con.execute(sa.insert(t.targets), listed)
            rows.log(con, who, "targets.save", {"version": version, "targets": listed})
        return version

    def get_setting(self, key: str, default: Any = None) -> Any:
        """Value of a setting, or the default."""
        return self.settings().get(key, default)

    def settings(self) -> dict[str, Any]:
        """All settings."""
        query = sa.select(t.settings.c.key, t.settings.c.value).where(t.settings.c.key != _TARGETS_KEY)
        with self._engine.connect() as con:
            return {row.key: row.value for row in con.execute(query)}

    def setting_version(self, key: str) -> int:
        """Version of a setting; 0 while it was never set."""
        with self._engine.connect() as con:
            return rows.setting_version(con, key)

    def set_setting(self, key: str, value: Any, expected_version: int | None = None, who: str = "") -> int:
        """Set a setting to anything that JSON holds; returns the new version.

        Raises
        ------
        Conflict
            When ``expected_version`` is given and somebody else saved meanwhile.
        """
        with self._write() as con:
            version = rows.put_setting(con, key, value, expected_version)
            rows.log(con, who, "setting.save", {"key": key, "value": value, "version": version})
        return version

    # --- what was computed -----------------------------------------------------------------------
    def keep(self, kind: str, key: str, body: Any) -> None:
        """Keep a result that took long or must not change, as JSON; the first one of a kind and key stays."""
        row = {"kind": kind, "key": key, "at": rows.now(), "body": body}
        with suppress(sa.exc.IntegrityError), self._write() as con:
            con.execute(sa.insert(t.kept).values(row))

    def kept(self, kind: str, key: str) -> Any:
        """What was kept, or None."""
        query = sa.select(t.kept.c.body).where((t.kept.c.kind == kind) & (t.kept.c.key == key))
        with self._engine.connect() as con:
            return con.execute(query).scalar_one_or_none()

    def all_kept(self, kind: str) -> list[tuple[str, str, Any]]:
        """Key, time (UTC, ISO 8601) and body of all of a kind, the oldest first."""
        query = sa.select(t.kept.c.key, t.kept.c.at, t.kept.c.body).where(t.kept.c.kind == kind)
        with self._engine.connect() as con:
            return [(row.key, row.at, row.body) for row in con.execute(query.order_by(t.kept.c.at, t.kept.c.key))]

    def forget(self, kind: str, *, but: Collection[str]) -> None:
        """Drop what was kept of a kind, but for some keys."""
        with self._write() as con:
            con.execute(sa.delete(t.kept).where((t.kept.c.kind == kind) & t.kept.c.key.not_in(but)))

    # --- mappings of columns ------------------------------------------------------------------------
    def mappings(self) -> dict[str, Mapping]:
        """The remembered mappings of columns by their fingerprint, as `ingest.Options` takes them."""
        found = {k.removeprefix(_MAPPING): v for k, v in self.settings().items() if k.startswith(_MAPPING)}
        return {id_: Mapping.from_json(json.dumps(value)) for id_, value in found.items() if value}

    def remember_mapping(self, mapping: Mapping, who: str = "") -> None:
        """Read files with this header so from now on."""
        self.set_setting(f"{_MAPPING}{mapping.fingerprint}", mapping.to_dict(), who=who)

    def forget_mapping(self, fingerprint: str, who: str = "") -> None:
        """Read files with this header as if the mapping had never been made."""
        self.set_setting(f"{_MAPPING}{fingerprint}", None, who=who)

    # --- audit -----------------------------------------------------------------------------------
    def log(self, who: str, action: str, what: dict[str, Any]) -> None:
        """Add an audit row for something that happened outside this store, such as an import."""
        with self._write() as con:
            rows.log(con, who, action, what)

    def audit(self, limit: int = 200) -> list[AuditRow]:
        """The newest audit rows, newest first."""
        query = sa.select(t.audit_log).order_by(t.audit_log.c.id.desc()).limit(limit)
        with self._engine.connect() as con:
            return [AuditRow(**row._asdict()) for row in con.execute(query)]

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(write=True) as con, con.begin():
            yield con


def _safe(url: str) -> str:
    """The URL without its password, for messages."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "SHOPPLAN_STORE"


def _clean(name: str) -> str:
    text = " ".join(name.split())
    if not text or len(text) > NAME_LENGTH:
        raise ShopplanError(Said("a name has 1 to {most} characters", most=NAME_LENGTH), hint="type a name")
    return text
