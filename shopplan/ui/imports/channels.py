"""The channel map: what channels are called, which ones count together, and the groups they stand in."""

from __future__ import annotations

import streamlit as st

from shopplan.store.view import ChannelMap
from shopplan.ui import state
from shopplan.ui.cards import table
from shopplan.ui.imports import sections
from shopplan.ui.imports.saving import save
from shopplan.ui.words import escaped, known, said, t
from shopplan.workspace import CHANNEL_MAP, Shop


def editor(shop: Shop) -> None:
    """The channels as they count now, and one of them to change."""
    stored = shop.facts.channels()
    if stored.empty:
        st.write(t("channels.none"))
        return
    map = shop.channel_map()
    version = shop.work.setting_version(CHANNEL_MAP)
    own = {str(row["id"]): known("channel", row["id"], row["name"]) for row in stored.to_dict("records")}
    names = {**own, **map.names}
    st.write(t("channels.about"))
    shown = [
        (
            names.get(row["id"], row["name"]),
            known("channel", row["kind"]),
            row["group"],
            _parts(str(row["id"]), map, own),
        )
        for row in shop.channels().to_dict("records")
    ]
    head = [t("word.channel"), t("word.kind"), t("channels.group"), t("channels.includes")]
    table(head, shown)
    wanted = sections.target("channels")
    ids = list(own)
    called = {id_: escaped(names[id_]) for id_ in ids}
    chosen = st.selectbox(
        t("channels.change"), ids, ids.index(wanted) if wanted in ids else 0,
        format_func=called.__getitem__, key=f"channel-{wanted}",
    )  # fmt: skip
    _change(shop, map, version, chosen, names, own)


def _parts(id_: str, map: ChannelMap, own: dict[str, str]) -> str:
    """The channels of the files that count under one, where it is not that channel alone."""
    parts = [name for one, name in own.items() if map.target(one) == id_ and one != id_]
    return said(", ").join(parts)


def _change(shop: Shop, map: ChannelMap, version: int, id_: str, names: dict[str, str], own: dict[str, str]) -> None:
    """Name, home and group of one channel."""
    with st.form(f"channel-form-{id_}-{version}", border=False):
        left, middle, right = st.columns(3)
        name = left.text_input(t("word.name"), names[id_], max_chars=80)
        homes = [id_, *(one for one in own if one != id_ and map.target(one) != id_)]
        now = map.target(id_)
        called = {one: t("channels.itself") if one == id_ else escaped(names[one]) for one in homes}
        home = middle.selectbox(
            t("channels.counts_under"), homes, homes.index(now) if now in homes else 0,
            format_func=called.__getitem__,
        )  # fmt: skip
        group = right.text_input(
            t("channels.group"), map.groups.get(id_, ""), max_chars=80, help=t("channels.group.help")
        )
        if not st.form_submit_button(t("action.save"), type="primary"):
            return
    merged = {k: v for k, v in map.merged.items() if k != id_} | ({id_: home} if home != id_ else {})
    called = {k: v for k, v in map.names.items() if k != id_}
    called |= {id_: name.strip()} if name.strip() not in ("", own[id_]) else {}
    groups = {k: v for k, v in map.groups.items() if k != id_} | ({id_: group.strip()} if group.strip() else {})
    save(lambda: shop.set_channel_map(ChannelMap(merged, called, groups), state.who(), version))
