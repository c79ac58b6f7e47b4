"""Bringing files: any number at once, each with its preview; one click for one of them, one for all."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from shopplan.i18n import Style
from shopplan.ingest import Look, Mapping, Options, Parsed, Receipt, Source, looks, looks_at
from shopplan.ingest.archive import PACKED
from shopplan.ingest.source import CHUNK
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.imports import columns, jobs, preview, receipts, sections
from shopplan.ui.imports.jobs import Job
from shopplan.ui.words import escaped, t
from shopplan.workspace import Shop

SPOOLED = 24 * 3600
"""Seconds that a large upload may lie before it makes room."""
TYPES = ("csv", "tsv", "txt", "xlsx", "gz", "zip")


@dataclass(frozen=True)
class Ready:
    """A file that can be imported, and the mapping to remember with it."""

    file: Parsed | Source
    mapping: Mapping | None = None


def bring(shop: Shop, place: str) -> None:
    """Uploader, previews and what came of the last import."""
    now = state.imports()
    if wanted := sections.target("bring"):
        st.info(t("quality.wanted", told=escaped(wanted)))
    uploaded = st.file_uploader(
        t("files.drop"), TYPES, accept_multiple_files=True, key=f"upload-{place}-{now.round}", help=t("files.drop.help")
    )
    if now.job is not None:  # its progress stands in the head of the page
        return
    receipts.outcomes(now.outcomes)
    stored = shop.facts.batches().set_index("sha256")["batch_id"].to_dict()
    done = {one.sha256 for one in now.outcomes if one.receipt}
    found = {look.sha256 or look.name: look for look in _looks(shop, uploaded or [])}
    left = [look for look in found.values() if look.sha256 not in done]
    if found and not left:
        state.set_imports(replace(now, round=now.round + 1))
        st.rerun()
    top = st.container()
    ready = [one for look in left if (one := _card(shop, look, stored.get(look.sha256), place))]
    if len(ready) > 1:
        with top:
            if st.button(t("imports.all", count=len(ready)), type="primary", key=f"commit-{place}-all"):
                _start(shop, ready)


def _looks(shop: Shop, uploaded: Iterable[Any]) -> Iterable[Look]:
    options = _usual(shop)
    key = ",".join(sorted(f"{one}{mapping.to_json()}" for one, mapping in options["remembered"].items()))
    key += options["usual"]
    for file in uploaded:
        content = file.getvalue()
        with st.spinner(t("files.reading")):
            yield from _first(hashlib.sha256(content).hexdigest(), file.name, key, content, options)


def _usual(shop: Shop) -> Options:
    """What holds for every file of the shop."""
    return {"remembered": shop.work.mappings(), "usual": shop.usual_currency()}


@st.cache_resource(max_entries=8, ttl=3600, show_spinner=False)
def _first(sha256: str, name: str, key: str, _content: bytes, _options: Options) -> list[Look]:
    """What is seen in an upload; kept while its reader decides."""
    if len(_content) > CHUNK or _content.startswith(PACKED):
        return list(looks_at(_spooled(sha256, _content), name, _options))
    return list(looks(_content, name, _options))


@st.cache_resource(max_entries=8, ttl=3600, show_spinner=False)
def _again(sha256: str, name: str, key: str, _look: Look, _options: Options) -> Look:
    """The same file read as its reader says."""
    return _look.again(_options)


@st.cache_resource(max_entries=16, ttl=3600, show_spinner=False)
def _glance(sha256: str, key: str, _file: Parsed | Source) -> Receipt | ShopplanError:
    """The account of a file, of a large one that of its first rows."""
    try:
        return _file.glance() if isinstance(_file, Source) else _file.receipt
    except ShopplanError as error:
        return error


@st.cache_resource(max_entries=16, ttl=3600, show_spinner=False)
def _trial(sha256: str, key: str, version: str, _shop: Shop, _file: Parsed) -> Receipt | ShopplanError:
    """What storing a file would do."""
    try:
        return _shop.changes(_file)
    except ShopplanError as error:
        return error


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where large uploads lie while they are looked at and stored; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="shopplan-")


def _spooled(sha256: str, content: bytes) -> Path:
    """An upload as a file under its hash, never under its name; those of an earlier day make room."""
    folder = Path(_folder().name)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > SPOOLED:
            old.unlink(missing_ok=True)
    path = folder / sha256
    path.write_bytes(content)
    return path


def _card(shop: Shop, first: Look, stored: int | None, place: str) -> Ready | None:
    """One file: what it is, what storing it would do, how it was read, and the click."""
    uid = hashlib.sha256(f"{first.sha256}{first.name}".encode()).hexdigest()[:12]
    with st.container(border=True, key=f"file-{place}-{uid}"):
        preview.head(first)
        if stored is not None:
            receipts.duplicate(stored)
            return None
        if columns.needs_mapping(first) or columns.needs_days(first):
            st.write(t("imports.unknown" if columns.needs_mapping(first) else "imports.no_days"))
            look, key, mapping = _reread(shop, first, uid)
            return _offer(shop, look, key, mapping, uid)
        if first.shape is None:
            return _offer(shop, first, "", None, uid)
        top = st.container()
        with st.expander(t("imports.how")):
            look, key, mapping = _reread(shop, first, uid)
            if look.shape is not None:
                preview.how(look.shape)
        with top:
            return _offer(shop, look, key, mapping, uid)


def _reread(shop: Shop, first: Look, uid: str) -> tuple[Look, str, Mapping | None]:
    """A file as its reader says, what tells that reading from others, and the mapping to remember."""
    options, mapping = columns.choices(first, uid)
    usual = _usual(shop)
    seen = _glance(first.sha256, usual["usual"], first.parsed) if first.parsed is not None else None
    picked = columns.picked(uid, seen.currency if isinstance(seen, Receipt) else "")
    key = json.dumps([options.get("period"), mapping.to_json() if mapping else "", picked, usual["usual"]])
    said: Options = {**usual, **options, **picked}
    look = _again(first.sha256, first.name, key, first, said) if options or picked else first
    keep = _keeping(mapping, uid) if mapping is not None else False
    return look, key, mapping if keep else None


def _keeping(mapping: Mapping, uid: str) -> bool:
    """Whether to remember a mapping, and the file that keeps it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        keep = st.checkbox(t("imports.remember"), value=True, key=f"keep-{uid}", help=t("imports.remember.help"))
        st.download_button(
            t("imports.mapping.save"), mapping.to_json(), "mapping.json", "application/json", key=f"save-{uid}",
            on_click="ignore",
        )  # fmt: skip
    return keep


def _offer(shop: Shop, look: Look, key: str, mapping: Mapping | None, uid: str) -> Ready | None:
    """What the reading gives, and the button that imports it; the reason where it cannot be."""
    if look.parsed is None:
        match = look.shape.match if look.shape else None
        if match is not None and match.missing:
            preview.missing(match)
        elif look.refusal is not None and not columns.needs_days(look):
            preview.refused(look.name, look.refusal)
        return None
    ready = Ready(look.parsed, mapping)
    waits, file = jobs.busy(), look.parsed
    if waits or isinstance(file, Source):
        tried = _glance(look.sha256, key, file)
    else:
        tried = _trial(look.sha256, key, shop.version(), shop, file)
    if isinstance(tried, ShopplanError):
        preview.refused(look.name, tried)
        return None
    style = Style(state.prefs().lang, tried.currency, state.prefs().numbers)
    if isinstance(file, Source):
        preview.large(tried, look.shape, style)
    else:
        preview.body(tried, style)
        if waits:
            st.caption(t("imports.waits"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        columns.currency(look.shape, tried, uid)
        if st.button(t("imports.one"), type="primary", key=f"commit-{uid}"):
            _start(shop, [ready])
    return ready


def _start(shop: Shop, ready: list[Ready]) -> None:
    sections.go("bring")
    for one in ready:
        if one.mapping is not None:
            shop.work.remember_mapping(one.mapping, state.who())
    job = Job(shop, [one.file for one in ready], state.who())
    state.set_imports(replace(state.imports(), job=job, outcomes=()))
    st.rerun()
