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
from typing import Any, Literal, NoReturn

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
    """A file that can be imported.

    Attributes
    ----------
    key : str
        Tells the file and the way it is read from others.
    file : Parsed or Source
    mapping : Mapping or None
        To remember with it.
    unread : bool
        Whether only its first rows were looked at.
    """

    key: str
    file: Parsed | Source
    mapping: Mapping | None
    unread: bool


def bring(shop: Shop, place: str) -> None:
    """Uploader, previews and what came of the last import."""
    now = state.imports()
    if wanted := sections.target("bring"):
        st.info(t("quality.wanted", told=escaped(wanted)))
    uploaded = st.file_uploader(
        t("files.drop"), TYPES, accept_multiple_files=True, key=f"upload-{place}-{now.round}", help=t("files.drop.help")
    )
    ids = tuple(file.file_id for file in uploaded)
    done = {one.sha256 for one in now.outcomes if one.receipt}
    if ids and ids == now.seen[0] and now.seen[1] <= done:  # told at once: a store that changed reads files anew
        _emptied()
    receipts.outcomes(now.outcomes)
    stored = shop.facts.batches().set_index("sha256")["batch_id"].to_dict()
    found = {look.sha256 or look.name: look for look in _looks(shop, uploaded)}
    state.set_imports(replace(now, seen=(ids, frozenset(found))))
    left = [look for look in found.values() if look.sha256 not in done]
    if found and not left:
        _emptied()
    top = st.container()
    ready = [one for look in left if (one := _card(shop, look, stored.get(look.sha256), place))]
    if len(ready) > 1:
        with top:
            _together(shop, ready, place)


def _emptied() -> NoReturn:
    """Draw the page anew with an uploader that holds nothing."""
    now = state.imports()
    state.set_imports(replace(now, round=now.round + 1))
    st.rerun()


def _together(shop: Shop, ready: list[Ready], place: str) -> None:
    """The clicks for several files at once."""
    unread = [one for one in ready if one.unread]
    held = state.imports().job is not None
    with st.container(horizontal=True):
        if len(unread) > 1:
            told = t("imports.try_all", count=len(unread))
            if st.button(told, type="primary", key=f"try-{place}-all", disabled=held):
                _start(shop, unread, trial=True)
        kind: Literal["primary", "secondary"] = "secondary" if unread else "primary"
        if st.button(t("imports.all", count=len(ready)), type=kind, key=f"commit-{place}-all-{kind}", disabled=held):
            _start(shop, ready)


def _looks(shop: Shop, uploaded: Iterable[Any]) -> Iterable[Look]:
    options, key = _usual(shop)
    for file in uploaded:
        content = file.getvalue()
        with st.spinner(t("files.reading")):
            yield from _first(hashlib.sha256(content).hexdigest(), file.name, key, content, options)


def _usual(shop: Shop) -> tuple[Options, str]:
    """What holds for every file of the shop, and what tells it from what held before."""
    options: Options = {"remembered": shop.work.mappings(), "usual": shop.usual_currency()}
    own = sorted(mapping.to_json() for mapping in options["remembered"].values())
    return options, hashlib.sha256(json.dumps([own, options["usual"]]).encode()).hexdigest()


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
    usual, common = _usual(shop)
    seen = _glance(first.sha256, common, first.parsed) if first.parsed is not None else None
    picked = columns.picked(uid, seen.currency if isinstance(seen, Receipt) else "")
    key = json.dumps([options.get("period"), mapping.to_json() if mapping else "", picked, common])
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
    tried, whole = _account(shop, look.parsed, look.sha256, key)
    if isinstance(tried, ShopplanError):
        preview.refused(look.name, tried)
        return None
    style = Style(state.prefs().lang, tried.currency, state.prefs().numbers)
    ready = Ready(look.sha256 + key, look.parsed, mapping, isinstance(look.parsed, Source) and not whole)
    if ready.unread:
        again = any(one.sha256 == look.sha256 for one in state.imports().tried.values())
        preview.large(tried, look.shape, style, again)
    else:
        preview.body(tried, style)
    if not (whole or ready.unread):
        st.caption(t("imports.waits"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        columns.currency(look.shape, tried, uid)
        _clicks(shop, ready, uid)
    return ready


def _account(shop: Shop, file: Parsed | Source, sha256: str, key: str) -> tuple[Receipt | ShopplanError, bool]:
    """The account of a file, and whether it is all there is to say beside what is stored now."""
    version = shop.facts.data_version()
    if isinstance(file, Source):
        found = state.imports().tried.get(sha256 + key)
        if found is not None and found.version == version:
            return found.receipt or found.error, True
    elif not jobs.busy():
        return _trial(sha256, key, version, shop, file), True
    return _glance(sha256, key, file), False


def _clicks(shop: Shop, ready: Ready, uid: str) -> None:
    """Reading a large file to its end, and importing; an import button is for the account that it stands below."""
    held = state.imports().job is not None
    if ready.unread and st.button(t("imports.try"), type="primary", key=f"try-{uid}", disabled=held):
        _start(shop, [ready], trial=True)
    kind: Literal["primary", "secondary"] = "secondary" if ready.unread else "primary"
    if st.button(t("imports.one"), type=kind, key=f"commit-{uid}-{kind}", disabled=held):
        _start(shop, [ready])


def _start(shop: Shop, ready: list[Ready], trial: bool = False) -> None:
    if not trial:
        sections.go("bring")
        for one in ready:
            if one.mapping is not None:
                shop.work.remember_mapping(one.mapping, state.who())
    now = state.imports()
    job = Job(shop, {one.key: one.file for one in ready}, state.who(), trial)
    stay = tuple(one for one in now.outcomes if trial and one.receipt)
    state.set_imports(replace(now, job=job, outcomes=stay))
    st.rerun()
