// A strip of figures. Tiles are built once and changed in place: only the texts that differ are written.
// What stands behind any other number of the page is shown in the same way; see Told.
const strips = new WeakMap();
const GAP = 8;
const REST_MS = 50;

const make = (tag, attrs = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const show = (node, text) => { if (node.textContent !== text) node.textContent = text; };

// A popover lies in the browser's top layer, so no container clips it; here it is kept inside the window.
const place = (node, pop) => {
  const [at, box] = [node.getBoundingClientRect(), pop.getBoundingClientRect()];
  const page = document.documentElement;
  const left = Math.min(Math.max(at.left, GAP), page.clientWidth - box.width - GAP);
  const below = at.bottom + 4;
  const top = below + box.height + GAP <= page.clientHeight ? below : Math.max(at.top - box.height - 4, GAP);
  pop.style.left = `${Math.max(left, GAP)}px`;
  pop.style.top = `${top}px`;
};

// Numbers outside the strip: a node of class "told" shows its accessible description while the pointer or the
// keyboard is on it; a number of a table without one of its own shows that of its column.
class Told {
  constructor(root) {
    this.pop = make("div", { class: "kpi-pop kpi-told", popover: "manual", "aria-hidden": "true" });
    root.append(this.pop);
    this.heard = {
      pointerover: ({ target }) => this.at(target),
      focusin: ({ target }) => { if (target.matches(":focus-visible")) this.at(target); },
      focusout: () => this.at(null),
      keydown: ({ key }) => { if (key === "Escape") this.at(null); },
      scroll: () => this.at(null),
      pointermove: (event) => this.again(event),
    };
    for (const [name, hear] of Object.entries(this.heard)) document.addEventListener(name, hear, true);
  }

  dispose() {
    for (const [name, hear] of Object.entries(this.heard)) document.removeEventListener(name, hear, true);
  }

  at(target) {
    const node = target?.closest?.(".told, table.plain td.num") ?? null;
    if (node === this.node) return;
    this.node = node;
    const text = node && (node.ariaDescription || node.closest("table")?.tHead.rows[0].cells[node.cellIndex]?.ariaDescription);
    if (this.pop.matches(":popover-open")) this.pop.hidePopover();
    if (!text || !this.pop.isConnected) return;
    this.pop.replaceChildren(...text.split("\n").map((line) => make("p", {}, line)));
    this.pop.showPopover();
    place(node, this.pop);
  }

  // A canvas has no elements that could come under a resting pointer: it is asked once more what lies there, since
  // a chart draws what carries its tooltip only when the pointer is there.
  again(event) {
    if (!event.isTrusted || !event.target.matches?.("canvas.marks")) return;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => event.target.dispatchEvent(new PointerEvent("pointermove", event)), REST_MS);
  }

  // A move of a lever draws headings and tables anew.
  refresh() { if (this.node && !this.node.isConnected) this.at(null); }
}

class Strip {
  constructor(root, key) {
    this.root = root;
    this.prefix = key.replace(/[^\w-]/g, "_");
    this.node = make("div", { class: "kpi-strip", "data-live": "", role: "group" });
    root.append(this.node);
    this.tiles = new Map();
    this.open = null;
    this.told = new Told(root);
    this.away = (event) => { if (this.open && !this.open.button.contains(event.target)) this.close(); };
    this.shift = () => { if (this.open) place(this.open.button, this.open.pop); };
    addEventListener("pointerdown", this.away, true);
    addEventListener("scroll", this.shift, true);
    addEventListener("resize", this.shift);
  }

  dispose() {
    this.told.dispose();
    removeEventListener("pointerdown", this.away, true);
    removeEventListener("scroll", this.shift, true);
    removeEventListener("resize", this.shift);
  }

  update({ label, tiles }) {
    this.node.setAttribute("aria-label", label);
    const ids = tiles.map((tile) => tile.id).join();
    if (ids !== this.ids) {
      this.ids = ids;
      this.close();
      this.tiles = new Map(tiles.map((tile) => [tile.id, this.tile(tile)]));
      this.node.replaceChildren(...[...this.tiles.values()].flatMap((t) => [t.button, t.pop]));
    }
    for (const tile of tiles) this.fill(this.tiles.get(tile.id), tile);
    this.told.refresh();
  }

  tile(tile) {
    const id = `${this.prefix}-${tile.id}`;
    const t = {
      label: make("span", { class: "kpi-label" }),
      value: make("span", { class: "kpi-value" }),
      delta: make("span", { class: "kpi-delta" }),
      note: make("span", { class: "kpi-note" }),
      formula: make("p", { class: "kpi-formula" }),
      parts: make("dl"),
    };
    t.button = make("button", { type: "button", class: "kpi-tile", "data-tile": tile.id, "aria-describedby": id, "aria-expanded": "false" },
      t.label, t.value, make("span", { class: "kpi-foot" }, t.delta, t.note));
    t.pop = make("div", { class: "kpi-pop", id, popover: "manual", role: "tooltip" }, t.formula, t.parts);
    t.button.onpointerenter = (event) => { if (event.pointerType === "mouse") this.show(t); };
    t.button.onpointerleave = (event) => { if (event.pointerType === "mouse" && document.activeElement !== t.button) this.close(t); };
    t.button.onfocus = () => { if (t.button.matches(":focus-visible")) this.show(t); };
    t.button.onblur = () => this.close(t);
    t.button.onclick = (event) => {
      // A keyboard click has no pointer: it closes what focus had opened; a tap or a mouse click opens it and keeps it.
      if (this.open === t && (event.detail === 0 || t.pinned)) this.close(t);
      else {
        this.show(t);
        t.pinned = event.detail > 0;
      }
    };
    t.button.onkeydown = (event) => { if (event.key === "Escape") this.close(t); };
    return t;
  }

  fill(t, tile) {
    show(t.label, tile.label);
    show(t.value, tile.value);
    show(t.delta, tile.delta);
    show(t.note, tile.note);
    show(t.formula, tile.formula);
    t.delta.dataset.tone = tile.tone;
    while (t.parts.children.length > 2 * tile.parts.length) t.parts.lastChild.remove();
    tile.parts.forEach(([name, value], i) => {
      if (t.parts.children.length <= 2 * i) t.parts.append(make("dt"), make("dd"));
      show(t.parts.children[2 * i], name);
      show(t.parts.children[2 * i + 1], value);
    });
    if (this.open === t) place(t.button, t.pop);
  }

  show(t) {
    if (this.open === t || !(t.formula.textContent || t.parts.children.length)) return;
    this.close();
    this.open = t;
    t.button.setAttribute("aria-expanded", "true");
    t.pop.showPopover();
    place(t.button, t.pop);
  }

  close(t = this.open) {
    if (!t || this.open !== t) return;
    this.open = null;
    t.pinned = false;
    t.button.setAttribute("aria-expanded", "false");
    if (t.pop.isConnected) t.pop.hidePopover();
  }
}

export default function ({ parentElement, data, key }) {
  if (!strips.has(parentElement)) strips.set(parentElement, new Strip(parentElement, key));
  const strip = strips.get(parentElement);
  strip.update(data);
  // Streamlit also calls this when a newer call overtook this one; only a page without the element is its end.
  return () => {
    if (parentElement.isConnected) return;
    strip.dispose();
    strips.delete(parentElement);
  };
}
