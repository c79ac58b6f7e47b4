"""How far the files at work are, on whatever page the reader looks, and the way to stop them."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from shopplan.store.pace import Cancelled
from shopplan.ui import state
from shopplan.ui.imports.jobs import Job
from shopplan.ui.words import escaped, t

QUICK = 1.5
"""Seconds that a page waits for a job before it shows how far it is; small files take less."""
EVERY = 1.0


def line() -> None:
    """Nothing while no job of this session runs; else its progress, or what came of it.

    Its place is there at all times: were the rest of the page to move up once a job is done, what stood there before
    would be seen below what stands there now until all is drawn.
    """
    place, job = st.container(), state.imports().job
    if job is None:
        return
    if job.done(max(0.0, QUICK - (time.monotonic() - job.started))):
        _finish(job)
    else:
        with place:
            _watch(job)


@st.fragment(run_every=EVERY)
def _watch(job: Job) -> None:
    if job.done():
        _finish(job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="import-progress"):
        st.progress(job.progress.fraction if job.progress else 0.0, _text(job))
        st.button(t("action.cancel"), key="cancel-import", disabled=job.stopping, on_click=job.cancel)


def _text(job: Job) -> str:
    file = escaped(job.now())
    if job.stopping:
        return t("imports.stopping", file=file)
    if job.progress is None:
        return t("imports.queued" if job.waiting else "imports.starting", file=file)
    left = job.progress.seconds_left
    said = t("imports.trying" if job.trial else "imports.progress", file=file, rows=f"{job.progress.rows:,}")
    return said if left is None else t("imports.left", progress=said, time=_time(left))


def _time(seconds: float) -> str:
    """Seconds as a reader counts them."""
    if seconds < 90:
        return t("imports.seconds", count=max(1, round(seconds)))
    return t("imports.minutes", count=round(seconds / 60))


def _finish(job: Job) -> None:
    """Keep what came of a job: of a trial its account, of an import its receipts; what was stopped is said of both."""
    now = replace(state.imports(), job=None)
    if job.trial:
        stopped = [one for one in job.outcomes if isinstance(one.error, Cancelled)]
        tried = {one.key: one for one in job.outcomes if not isinstance(one.error, Cancelled)}
        state.set_imports(replace(now, outcomes=(*now.outcomes, *stopped), tried={**now.tried, **tried}))
    else:
        rows = sum(one.receipt.rows_kept for one in job.outcomes if one.receipt and not one.receipt.already_imported)
        if rows:
            st.toast(t("files.stored", rows=f"{rows:,}"))
        state.set_imports(replace(now, outcomes=tuple(job.outcomes)))
    if (fault := job.fault()) is not None:
        raise fault
