// A strip of figures. Tiles are built once and changed in place: only the texts that differ are written.
const strips = new WeakMap();
const GAP = 8;

const make = (tag, attrs = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const show = (node, text) => { if (node.textContent !== text) node.textContent = text; };

class Strip {
  constructor(root, key) {
    this.root = root;
    this.prefix = key.replace(/[^\w-]/g, "_");
    this.node = make("div", { class: "kpi-strip", "data-live": "", role: "group" });
    root.append(this.node);
    this.tiles = new Map();
    this.open = null;
    this.away = (event) => { if (this.open && !this.open.button.contains(event.target)) this.close(); };
    this.shift = () => { if (this.open) this.place(this.open); };
    addEventListener("pointerdown", this.away, true);
    addEventListener("scroll", this.shift, true);
    addEventListener("resize", this.shift);
  }

  dispose() {
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
    if (this.open === t) this.place(t);
  }

  show(t) {
    if (this.open === t || !(t.formula.textContent || t.parts.children.length)) return;
    this.close();
    this.open = t;
    t.button.setAttribute("aria-expanded", "true");
    t.pop.showPopover();
    this.place(t);
  }

  close(t = this.open) {
    if (!t || this.open !== t) return;
    this.open = null;
    t.pinned = false;
    t.button.setAttribute("aria-expanded", "false");
    if (t.pop.isConnected) t.pop.hidePopover();
  }

  // The popover lies in the browser's top layer, so no container clips it; here it is kept inside the window.
  place({ button, pop }) {
    const [tile, box] = [button.getBoundingClientRect(), pop.getBoundingClientRect()];
    const page = document.documentElement;
    const left = Math.min(Math.max(tile.left, GAP), page.clientWidth - box.width - GAP);
    const below = tile.bottom + 4;
    const top = below + box.height + GAP <= page.clientHeight ? below : Math.max(tile.top - box.height - 4, GAP);
    pop.style.left = `${Math.max(left, GAP)}px`;
    pop.style.top = `${top}px`;
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
