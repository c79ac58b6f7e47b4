"""Facts in one DuckDB file and people's work behind a SQLAlchemy URL."""

from shopplan.store.facts import FactStore, default_path
from shopplan.store.work import Conflict, WorkStore, default_url

__all__ = ["Conflict", "FactStore", "WorkStore", "default_path", "default_url"]
