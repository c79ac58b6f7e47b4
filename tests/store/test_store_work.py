"""People's work: a save is never lost without a word, and the audit log only grows."""

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shopplan.scenario import Scenario
from shopplan.store import Conflict, WorkStore, default_url, work_rows, work_schema
from shopplan.terms import ShopplanError, Target

PLAN = Scenario().with_values({"price": 0.05, "split:live": 0.4})


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'work.sqlite'}"


@pytest.fixture
def work(url):
    opened = WorkStore.open(url)
    yield opened
    opened.close()


def test_a_scenario_comes_back_as_it_was_saved(work):
    saved = work.save_scenario(None, PLAN, "  Plan   A ", who="Ann")
    assert (saved.name, saved.version, saved.updated_by) == ("Plan A", 1, "Ann")
    assert work.load(saved.id).scenario == PLAN
    changed = work.save_scenario(saved.id, PLAN.with_values({"price": None}), "Plan B", saved.version, "Bo")
    assert (changed.version, changed.name) == (2, "Plan B")
    assert [row.name for row in work.scenarios()] == ["Plan B"]
    assert changed.created == saved.created < changed.updated


def test_the_second_of_two_writers_gets_a_conflict_and_loses_nothing(url):
    ann, bo = WorkStore.open(url), WorkStore.open(url)
    saved = ann.save_scenario(None, PLAN, "Plan", who="Ann")
    theirs = bo.load(saved.id)
    ann.save_scenario(saved.id, PLAN.with_values({"price": 0.1}), "Plan", saved.version, "Ann")
    with pytest.raises(Conflict, match=r"saved by Ann at .* \(version 2\)"):
        bo.save_scenario(saved.id, PLAN.with_values({"price": 0.2}), "Plan", theirs.version, "Bo")
    with pytest.raises(Conflict):
        bo.rename(saved.id, "Other", theirs.version, "Bo")
    with pytest.raises(Conflict):
        bo.delete(saved.id, theirs.version, "Bo")
    assert bo.load(saved.id).scenario.get("price") == 0.1
    assert [row.action for row in bo.audit()] == ["scenario.save", "scenario.create"]
    ann.close()
    bo.close()


def test_a_scenario_deleted_meanwhile_is_a_conflict_too(work):
    saved = work.save_scenario(None, PLAN, "Plan")
    work.delete(saved.id, saved.version)
    with pytest.raises(Conflict, match="deleted meanwhile"):
        work.save_scenario(saved.id, PLAN, "Plan", saved.version)
    with pytest.raises(ShopplanError, match="no such scenario"):
        work.load(saved.id)


def test_of_many_writers_at_once_each_wins_or_is_told(url):
    first = WorkStore.open(url)
    id_ = first.save_scenario(None, PLAN, "Plan").id
    done: list[str] = []

    def writer(name):
        store = WorkStore.open(url)
        for _ in range(10):
            try:
                store.save_scenario(id_, PLAN, "Plan", store.load(id_).version, name)
                done.append("saved")
            except Conflict:
                done.append("conflict")
        store.close()

    threads = [threading.Thread(target=writer, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 40
    assert first.load(id_).version == 1 + done.count("saved")
    assert sum(row.action == "scenario.save" for row in first.audit()) == done.count("saved")
    first.close()


def test_rename_duplicate_delete(work):
    saved = work.save_scenario(None, PLAN, "Plan")
    renamed = work.rename(saved.id, "New name", saved.version)
    copy = work.duplicate(saved.id, "Copy", who="Ann")
    assert copy.id != saved.id
    assert (copy.scenario, copy.version, renamed.scenario) == (PLAN, 1, PLAN)
    work.delete(saved.id, renamed.version)
    assert [row.name for row in work.scenarios()] == ["Copy"]
    assert [row.action for row in work.audit()] == [
        "scenario.delete",
        "scenario.duplicate",
        "scenario.rename",
        "scenario.create",
    ]
    with pytest.raises(ShopplanError, match="1 to 120 characters"):
        work.rename(copy.id, "  ", copy.version)


def test_a_scenario_renamed_to_its_own_name_is_no_new_version(work):
    saved = work.save_scenario(None, PLAN, "Plan A")
    assert work.rename(saved.id, " Plan  A ", saved.version) == saved
    assert work.load(saved.id) == saved
    assert [row.action for row in work.audit()] == ["scenario.create"]
    with pytest.raises(Conflict):
        work.rename(saved.id, "Plan A", saved.version + 1)


def test_the_audit_log_says_who_what_and_when(work):
    work.set_setting("language", "zh", who="Ann")
    work.log("Bo", "import", {"file": "orders.csv"})
    newest, older = work.audit()
    assert (newest.who, newest.action, newest.what) == ("Bo", "import", {"file": "orders.csv"})
    assert (older.who, older.what["value"]) == ("Ann", "zh")
    at = dt.datetime.fromisoformat(newest.at)
    assert at.utcoffset() == dt.timedelta(0)
    assert abs(dt.datetime.now(dt.UTC) - at) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_log SET who = 'nobody'",
        "DELETE FROM audit_log",
        "INSERT OR REPLACE INTO audit_log VALUES (1, '', 'nobody', 'import', '{}')",
        "INSERT INTO audit_log VALUES (1, '', 'nobody', 'x', '{}') ON CONFLICT (id) DO UPDATE SET who = 'nobody'",
    ],
)
def test_the_audit_log_cannot_be_changed(work, url, sql):
    work.log("Ann", "import", {})
    engine = sa.create_engine(url)
    with pytest.raises(sa.exc.DatabaseError, match="the audit log only grows"), engine.begin() as con:
        con.execute(sa.text(sql))
    engine.dispose()
    assert [row.who for row in work.audit()] == ["Ann"]


def test_the_audit_log_is_guarded_on_a_server_too():
    told = [str(g.compile(dialect=postgresql.dialect())) for g in work_schema.GUARDS if g._ddl_if.dialect != "sqlite"]
    assert told[0].startswith("CREATE OR REPLACE FUNCTION audit_log_only_grows()")
    assert "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log" in told[1]


VERSION_1 = (
    "CREATE TABLE scenarios (id VARCHAR(16) PRIMARY KEY, name VARCHAR(120) NOT NULL, template VARCHAR(24) NOT NULL, "
    "body JSON NOT NULL, version INTEGER NOT NULL, created VARCHAR(32) NOT NULL, updated VARCHAR(32) NOT NULL, "
    "updated_by VARCHAR(80) NOT NULL)",
    "CREATE TABLE targets (id VARCHAR(40) PRIMARY KEY, position INTEGER NOT NULL, name VARCHAR(120) NOT NULL, metric "
    "VARCHAR(40) NOT NULL, threshold FLOAT NOT NULL, due INTEGER NOT NULL, 'window' VARCHAR(10) NOT NULL, source "
    "VARCHAR(80) NOT NULL)",
    "CREATE TABLE settings (key VARCHAR(80) PRIMARY KEY, value JSON NOT NULL, version INTEGER NOT NULL)",
    "CREATE TABLE audit_log (id INTEGER PRIMARY KEY, at VARCHAR(32) NOT NULL, who VARCHAR(80) NOT NULL, action "
    "VARCHAR(40) NOT NULL, what JSON NOT NULL)",
    "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "INSERT INTO settings VALUES ('language', '\"zh\"', 3)",
    "INSERT INTO audit_log VALUES (7, '2026-01-05T08:00:00.000000Z', 'Ann', 'import.commit', '{\"file\": \"a.csv\"}')",
)


def test_a_store_from_before_versions_keeps_its_rows_and_gets_a_number(url):
    engine = sa.create_engine(url)
    with engine.begin() as con:
        for sql in VERSION_1:
            con.exec_driver_sql(sql)
    for _ in range(2):
        work = WorkStore.open(url)
        assert work.settings() == {"language": "zh"}
        assert [(row.id, row.who, row.what) for row in work.audit()] == [(7, "Ann", {"file": "a.csv"})]
        work.close()
    with engine.begin() as con:
        assert con.exec_driver_sql("SELECT version FROM schema_version").fetchall() == [(work_schema.VERSION,)]
        with pytest.raises(sa.exc.DatabaseError, match="only grows"):
            con.exec_driver_sql("INSERT OR REPLACE INTO audit_log VALUES (7, '', '', '', '{}')")
    work = WorkStore.open(url)
    work.keep("curves", "a", {"x": 1})
    work.log("Bo", "import.remove", {})
    assert [row.id for row in work.audit()] == [8, 7]
    work.close()
    engine.dispose()


def test_a_work_store_of_a_newer_version_is_refused(work, url):
    engine = sa.create_engine(url)
    with engine.begin() as con:
        assert con.exec_driver_sql("SELECT version FROM schema_version").fetchall() == [(work_schema.VERSION,)]
        con.exec_driver_sql("UPDATE schema_version SET version = 99")
    engine.dispose()
    with pytest.raises(ShopplanError, match="version 99, newer than this program"):
        WorkStore.open(url)


def test_a_change_and_its_audit_row_stand_or_fall_together(work, monkeypatch):
    def failing(*_args):
        raise RuntimeError("no room")

    monkeypatch.setattr(work_rows, "log", failing)
    with pytest.raises(RuntimeError):
        work.save_scenario(None, PLAN, "Plan")
    with pytest.raises(RuntimeError):
        work.set_setting("language", "zh")
    monkeypatch.undo()
    assert work.scenarios() == []
    assert work.settings() == {}


def test_targets_keep_their_order_and_version(work):
    targets = (Target("b", "Second million", "net_sales", 2e6, 12), Target("a", "", "cash", 1e5, 3, "total", "000 #46"))
    version = work.save_targets(targets, expected_version=work.targets_version())
    assert work.targets() == targets
    work.save_targets(targets[:1], expected_version=version)
    with pytest.raises(Conflict):
        work.save_targets((), expected_version=version)
    assert work.targets() == targets[:1]
    assert work.settings() == {}


def test_settings_hold_json_and_know_their_version(work):
    assert work.get_setting("spend", {}) == {}
    version = work.set_setting("spend", {"live": {"spend": 1000, "roas": 2.5}}, expected_version=0)
    assert work.get_setting("spend") == {"live": {"spend": 1000, "roas": 2.5}}
    assert work.setting_version("spend") == version == 1
    with pytest.raises(Conflict, match="changed by somebody else"):
        work.set_setting("spend", {}, expected_version=0)
    assert work.set_setting("spend", {}) == 2


def test_sqlite_is_set_to_keep_what_it_confirms(work):
    with work._engine.connect() as con:
        values = [
            con.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert values == ["wal", 2, 5000]


def test_a_store_that_cannot_be_opened_is_said_without_its_password(monkeypatch, tmp_path):
    with pytest.raises(ShopplanError, match="cannot be opened") as caught:
        WorkStore.open("postgresql+psycopg://ann:secret@127.0.0.1:1/plan")
    assert "secret" not in str(caught.value)
    with pytest.raises(ShopplanError, match="cannot be opened"):
        WorkStore.open("no url at all")
    monkeypatch.delenv("SHOPPLAN_STORE", raising=False)
    assert default_url(tmp_path / "shop.duckdb") == f"sqlite:///{tmp_path / 'shop.sqlite'}"
    monkeypatch.setenv("SHOPPLAN_STORE", "sqlite:///elsewhere.sqlite")
    assert default_url(tmp_path / "shop.duckdb") == "sqlite:///elsewhere.sqlite"
