// A panel of levers. Streamlit calls the default export on every change of data; the panel is
// built once for a set of levers and updated in place, so focus and a held thumb survive.
const PATIENCE_MS = [400, 4000];
const SIDEWAYS_PX = 6;
const panels = new WeakMap();

const make = (tag, attrs = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== "" && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};
const fill = (template, label) => template.replace("{label}", label);
const show = (node, name, value) => { if (node[name] !== value) node[name] = value; };

// Streamlit sends what a component reports from a timer, and the browser holds timers back until the frame after a key
// or a press is on screen. That frame is a tenth of a move, so for the length of a report such a timer is a microtask.
const atOnce = (report) => {
  const later = window.setTimeout;
  window.setTimeout = (task, delay, ...args) => (delay === 0 ? queueMicrotask(() => task(...args)) : later(task, delay, ...args));
  try {
    report();
  } finally {
    window.setTimeout = later;
  }
};

// --- numbers -----------------------------------------------------------------------------------
const onGrid = (lever, value) => {
  const steps = Math.round((value - lever.low) / lever.step);
  const near = Number((lever.low + steps * lever.step).toFixed(10));
  return Math.min(Math.max(near, lever.low), lever.high);
};
// What locked shares leave for this one.
const possible = (lever, value) => Math.min(Math.max(value, lever.least ?? lever.low), lever.most ?? lever.high);
const formats = new Map();
const digits = (lever, value, locale) => {
  const name = `${locale} ${lever.decimals}`;
  if (!formats.has(name)) {
    formats.set(name, new Intl.NumberFormat(locale, { minimumFractionDigits: lever.decimals, maximumFractionDigits: lever.decimals }));
  }
  return formats.get(name).format(value * lever.scale);
};
const spoken = (lever, value, locale) =>
  lever.options.length
    ? lever.options[Math.round(value - lever.low)] ?? ""
    : `${lever.prefix}${digits(lever, value, locale)}${lever.suffix ? " " + lever.suffix : ""}`;
const SIZES = { k: 1e3, m: 1e6, b: 1e9, 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8 };
// What the app prints it also reads: 300K, 30万, 1.2M, in full width too. What is no number gives null.
const parsed = (lever, text, locale) => {
  const group = (11111).toLocaleString(locale).replace(/\d/g, "");
  const point = (1.5).toLocaleString(locale).replace(/\d/g, "");
  const plain = text.normalize("NFKC").replaceAll(group || " ", "").replace(point, ".").replace("−", "-")
    .replace(lever.prefix.trim(), "").replace(lever.suffix, "").replace(/[¥$€£元\s]/g, "");
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+))([kmb万萬亿億]?)$/i.exec(plain);
  if (!found) return null;
  return (Number(found[1]) * (SIZES[found[2].toLowerCase()] ?? 1)) / lever.scale;
};

// --- shares ------------------------------------------------------------------------------------
// The others of a family as one moves: in proportion, locked ones stay. The page answers the same; see give_way in
// shopplan/scenario.py.
const givenWay = (family, key, value) => {
  const free = family.filter((lever) => lever.key !== key && !lever.locked);
  const held = family.filter((lever) => lever.key !== key && lever.locked);
  const rest = Math.max(1 - value - held.reduce((sum, lever) => sum + lever.value, 0), 0);
  const weight = free.reduce((sum, lever) => sum + lever.value, 0);
  return new Map(free.map((lever) => [lever.key, rest * (weight > 0 ? lever.value / weight : 1 / free.length)]));
};
// What is printed of shares: rounded such that their total is what it is, by the largest remainders.
const rounded = (values, units) => {
  const floors = values.map((value) => Math.floor(value * units + 1e-9));
  const short = Math.round(values.reduce((sum, value) => sum + value, 0) * units) - floors.reduce((sum, floor) => sum + floor, 0);
  const order = values.map((value, i) => [value * units - floors[i], i]).sort((a, b) => b[0] - a[0]);
  for (const [, i] of order.slice(0, Math.max(short, 0))) floors[i] += 1;
  return floors.map((floor) => floor / units);
};

class Panel {
  constructor(root) {
    this.root = root;
    this.rows = new Map();
    this.shape = "";
    this.seq = Date.now();
    this.pending = new Map();
    this.inflight = 0;
    this.sentAt = 0;
    this.patience = PATIENCE_MS[0];
    this.held = "";
    this.release = ({ pointerId }) => this.letGo(pointerId);
    this.cancel = ({ pointerId }) => this.giveBack(pointerId);
    addEventListener("pointerup", this.release);
    addEventListener("pointercancel", this.cancel);
  }

  dispose() {
    removeEventListener("pointerup", this.release);
    removeEventListener("pointercancel", this.cancel);
    clearTimeout(this.timer);
  }

  update({ data, setStateValue }) {
    this.send = (event) => setStateValue("event", event);
    this.data = data;
    this.levers = new Map(data.groups.flatMap((group) => group.levers).map((lever) => [lever.key, lever]));
    const shape = JSON.stringify([data.words, data.locale, data.groups.map((g) => [g.label, g.levers.map((l) => [l.key, l.label, l.kind, l.lockable])])]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build();
    }
    if (data.seq === this.inflight) {
      this.inflight = 0;
      // A slow page is given time to finish: a message during its run would start it again.
      this.patience = Math.min(Math.max(2 * this.waited(), PATIENCE_MS[0]), PATIENCE_MS[1]);
    }
    this.refresh();
    // The page's charts start to draw in the same task as this call: the next position leaves once they are on screen.
    requestAnimationFrame(() => setTimeout(() => this.pump(), 0));
  }

  // --- reporting: one message under way at a time, always the newest -----------------------------
  report(event, urgent = false) {
    this.pending.delete(event.key);
    this.pending.set(event.key, event);
    this.pump(urgent);
  }

  waited() {
    return performance.now() - this.sentAt;
  }

  waiting() {
    return this.inflight > 0 && this.waited() < this.patience;
  }

  pump(urgent = false) {
    if (!this.pending.size || (this.waiting() && !urgent)) return;
    const [key, event] = this.pending.entries().next().value;
    this.pending.delete(key);
    this.inflight = ++this.seq;
    this.inflightKey = key;
    this.sentAt = performance.now();
    atOnce(() => this.send({ ...event, seq: this.inflight }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), this.patience + 20);
  }

  // --- the hand ----------------------------------------------------------------------------------
  // A finger that goes up or down scrolls the page, wherever it started: nothing is taken from it before it goes
  // sideways or leaves as a tap.
  grasp(key, press) {
    const row = this.rows.get(key);
    this.held = key;
    row.from = { x: press.clientX, y: press.clientY, by: press.pointerId, value: row.value, drawn: row.range.value };
    row.sure = press.pointerType !== "touch";
    row.moved = false;
  }

  feel(key, move) {
    const row = this.rows.get(key);
    if (this.held !== key || row.sure) return;
    const [x, y] = [Math.abs(move.clientX - row.from.x), Math.abs(move.clientY - row.from.y)];
    if (x < SIDEWAYS_PX || x < y) return;
    row.sure = true;
    this.take(key);
  }

  take(key) {
    const row = this.rows.get(key);
    if (this.held === key && !row.sure) return;
    row.moved = true;
    this.moveTo(key, onGrid(this.levers.get(key), row.range.valueAsNumber), this.held === key);
    show(row.range, "value", String(row.value));
  }

  letGo(pointer) {
    const [key, row] = [this.held, this.rows.get(this.held)];
    if (row?.from.by !== pointer) return;
    const tapped = !row.sure && row.range.value !== row.from.drawn;
    row.sure = true;
    if (tapped) this.take(key);
    this.held = "";
    if (row.moved) this.report({ type: "move", key, value: row.value, moving: false }, true);
    row.moved = false;
    this.paint(this.levers.get(key), row);
  }

  giveBack(pointer) {
    const [key, row] = [this.held, this.rows.get(this.held)];
    if (row?.from.by !== pointer) return;
    this.held = "";
    if (row.moved) this.moveTo(key, row.from.value, false);
    else this.paint(this.levers.get(key), row);
    row.moved = false;
  }

  // The hand is ahead of the page for this lever: what comes back is older than what it shows.
  busy(key) {
    return this.held === key || this.pending.has(key) || (this.waiting() && this.inflightKey === key);
  }

  // --- drawing -----------------------------------------------------------------------------------
  build() {
    const opened = new Map([...this.root.querySelectorAll("details[data-group]")].map((d) => [d.dataset.group, d.open]));
    this.rows.clear();
    // On a phone the panel lies above the charts: one open group leaves them in reach.
    const most = matchMedia("(max-width: 640px)").matches ? 1 : Infinity;
    const groups = this.data.groups.map((group, i) => {
      const rows = group.levers.map((lever) => this.row(lever));
      if (!group.label) return make("div", { class: "group" }, ...rows);
      const summary = make("summary", {}, make("span", { class: "title" }, group.label), make("span", { class: "note" }));
      const open = opened.get(group.id) ?? (group.open && i < most);
      return make("details", { class: "group", "data-group": group.id, open }, summary, ...rows);
    });
    this.root.querySelector(".panel")?.remove();
    this.root.append(make("div", { class: "panel" }, ...groups));
  }

  row(lever) {
    const words = this.data.words;
    const id = `lever-${lever.key.replace(/[^\w-]/g, "_")}`;
    const row = { value: lever.value };
    row.label = make("label", { class: "name", for: id }, lever.label);
    row.info = make("button", { type: "button", class: "info", "aria-expanded": "false", "aria-controls": `${id}-help`, "aria-label": fill(words.about, lever.label) }, "?");
    row.help = make("div", { class: "help", id: `${id}-help`, hidden: true });
    row.limit = make("div", { class: "limit", role: "status" });
    row.info.onclick = () => {
      row.help.hidden = !row.help.hidden;
      row.info.setAttribute("aria-expanded", String(!row.help.hidden));
    };
    row.reset = make("button", { type: "button", class: "icon reset", "aria-label": fill(words.reset, lever.label), title: fill(words.reset, lever.label) });
    row.reset.onclick = () => {
      this.pending.delete(lever.key);
      this.report({ type: "reset", key: lever.key }, true);
      row.range.focus();
    };
    const tools = make("span", { class: "tools" });
    if (lever.lockable) {
      row.lock = make("button", { type: "button", class: "icon lock", "aria-label": fill(words.lock, lever.label), title: fill(words.lock, lever.label) });
      row.lock.onclick = () => this.report({ type: "lock", key: lever.key, locked: row.lock.getAttribute("aria-pressed") !== "true" }, true);
      tools.append(row.lock);
    }
    row.node = make("div", { class: `lever ${lever.kind}`, "data-key": lever.key });
    if (lever.kind === "switch") this.checkbox(lever, row, id);
    else this.slider(lever, row, id);
    const head = make("div", { class: "head" }, row.label, row.info, row.reset, tools);
    if (lever.kind === "switch") head.prepend(row.range);
    else head.append(row.entry);
    row.node.append(head, ...(lever.kind === "switch" ? [] : [row.range]), row.limit, row.help);
    this.rows.set(lever.key, row);
    return row.node;
  }

  checkbox(lever, row, id) {
    row.range = make("input", { type: "checkbox", id });
    row.range.onchange = () => this.moveTo(lever.key, row.range.checked ? lever.high : lever.low, false);
  }

  slider(lever, row, id) {
    const { key } = lever;
    row.range = make("input", { type: "range", id });
    row.range.addEventListener("pointerdown", (press) => this.grasp(key, press));
    row.range.addEventListener("pointermove", (move) => this.feel(key, move));
    row.range.addEventListener("input", () => this.take(key));
    row.entry = make("span", { class: "entry" });
    if (lever.kind === "month") {
      row.text = make("output", { for: id });
      row.entry.append(row.text);
      return;
    }
    row.before = make("span", { class: "unit" });
    row.after = make("span", { class: "unit" });
    row.field = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": fill(this.data.words.value, lever.label) });
    row.field.addEventListener("focus", () => row.field.select());
    row.field.addEventListener("blur", () => this.enter(key));
    row.field.addEventListener("keydown", (press) => this.fieldKey(key, press));
    row.entry.append(row.before, row.field, row.after);
  }

  moveTo(key, wanted, moving) {
    const [lever, row] = [this.levers.get(key), this.rows.get(key)];
    const value = possible(lever, wanted);
    this.refuse(lever, row, wanted);
    if (value === row.value && value !== wanted) return;
    row.value = value;
    this.report({ type: "move", key, value, moving });
    if (lever.lockable) this.share(key);
    else this.paint(lever, row);
  }

  // --- shares --------------------------------------------------------------------------------------
  family(key) {
    return this.data.groups.map((group) => group.levers).find((levers) => levers.some((lever) => lever.key === key))
      .filter((lever) => lever.lockable);
  }

  // The family of a share at once as the page will answer, so that it totals 100 % while the thumb is ahead.
  share(key) {
    const family = this.family(key);
    for (const [other, value] of givenWay(family, key, this.rows.get(key).value)) this.rows.get(other).value = value;
    this.print(family);
    for (const lever of family) this.paint(lever, this.rows.get(lever.key));
  }

  print(family) {
    const rows = family.map((lever) => this.rows.get(lever.key));
    const units = family[0].scale * 10 ** family[0].decimals;
    rounded(rows.map((row) => row.value), units).forEach((printed, i) => { rows[i].printed = printed; });
  }

  enter(key) {
    const [lever, row] = [this.levers.get(key), this.rows.get(key)];
    if (row.field.value === row.shown) return;
    const typed = parsed(lever, row.field.value, this.data.locale);
    const value = Math.min(Math.max(typed ?? row.value, lever.low), lever.high);
    if (typed !== null && value !== row.value) this.moveTo(key, value, false);
    row.field.value = row.shown = this.printed(lever, row);
    if (typed === null || Math.abs(typed - value) > 1e-9) this.bounds(lever, row);
  }

  printed(lever, row) {
    return digits(lever, row.printed ?? row.value, this.data.locale);
  }

  // Says what a lever takes to who typed something else.
  bounds(lever, row) {
    const [low, high] = [lever.low, lever.high].map((bound) => spoken(lever, bound, this.data.locale));
    row.limit.textContent = this.data.words.range.replace("{low}", low).replace("{high}", high);
  }

  // Says what the locks of other shares allow to who wants more, until the locks change or a move is possible.
  refuse(lever, row, wanted) {
    const stuck = lever.least !== null && lever.least === lever.most;
    const said = stuck ? this.data.words.stuck : this.data.words.most;
    const over = Math.abs(possible(lever, wanted) - wanted) > 1e-9;
    row.bounds = over ? `${lever.least} ${lever.most}` : "";
    show(row.limit, "textContent", over ? said.replace("{value}", spoken(lever, lever.most, this.data.locale)) : "");
  }

  fieldKey(key, press) {
    const [lever, row] = [this.levers.get(key), this.rows.get(key)];
    const direction = { ArrowUp: 1, ArrowDown: -1 }[press.key];
    if (press.key === "Enter") this.enter(key);
    else if (press.key === "Escape") row.field.value = row.shown;
    else if (direction) {
      this.enter(key);
      this.moveTo(key, onGrid(lever, row.value + direction * lever.step), false);
      row.field.value = row.shown = this.printed(lever, row);
    } else return;
    press.preventDefault();
  }

  refresh() {
    const notes = this.root.querySelectorAll("summary .note");
    this.data.groups.filter((group) => group.label).forEach((group, i) => show(notes[i], "textContent", group.note));
    for (const [key, lever] of this.levers) if (!this.busy(key)) this.rows.get(key).value = lever.value;
    for (const [key, lever] of this.levers) {
      if (!lever.lockable) continue;
      const family = this.family(key);
      if (this.busy(key)) for (const [other, value] of givenWay(family, key, this.rows.get(key).value)) this.rows.get(other).value = value;
      if (family.at(-1) === lever) this.print(family);
    }
    for (const [key, lever] of this.levers) {
      const row = this.rows.get(key);
      const drawn = JSON.stringify([lever, row.value, row.printed]);
      if (drawn === row.drawn) continue;
      row.drawn = drawn;
      this.state(lever, row);
      this.paint(lever, row);
    }
  }

  state(lever, row) {
    const help = [lever.help, lever.source].filter(Boolean).join("\n");
    show(row.help, "textContent", help);
    show(row.info, "hidden", !help);
    show(row.label, "title", lever.help);
    if (row.bounds && row.bounds !== `${lever.least} ${lever.most}`) show(row.limit, "textContent", "");
    show(row.range, "disabled", lever.disabled);
    row.node.classList.toggle("changed", lever.changed);
    row.node.classList.toggle("disabled", lever.disabled);
    show(row.reset, "hidden", !lever.changed || lever.disabled);
    if (row.field) show(row.field, "disabled", lever.disabled);
    if (row.lock) {
      row.lock.setAttribute("aria-pressed", String(lever.locked));
      show(row.lock, "disabled", lever.disabled);
    }
    if (row.before) {
      show(row.before, "textContent", lever.prefix);
      show(row.after, "textContent", lever.suffix);
    }
  }

  paint(lever, row) {
    const { value, range } = row;
    if (lever.kind === "switch") {
      show(range, "checked", value > (lever.low + lever.high) / 2);
      return;
    }
    for (const [name, bound] of [["min", lever.low], ["max", lever.high], ["step", lever.step]]) {
      if (range.getAttribute(name) !== String(bound)) range.setAttribute(name, bound);
    }
    if (this.held !== lever.key) range.value = value;
    const span = lever.high - lever.low || 1;
    const place = (x) => `${Math.min(Math.max((x - lever.low) / span, 0), 1)}`;
    range.style.setProperty("--at", place(value));
    range.style.setProperty("--default", place(lever.default));
    const words = spoken(lever, row.printed ?? value, this.data.locale);
    if (range.getAttribute("aria-valuetext") !== words) range.setAttribute("aria-valuetext", words);
    if (row.text) show(row.text, "textContent", words);
    else if (this.root.activeElement !== row.field || row.field.value === row.shown) {
      row.shown = this.printed(lever, row);  // not over what is being typed
      show(row.field, "value", row.shown);
    }
  }
}

export default function (component) {
  const root = component.parentElement;
  if (!panels.has(root)) panels.set(root, new Panel(root));
  const panel = panels.get(root);
  panel.update(component);
  // Streamlit also calls this when a newer call overtook this one; only a page without the element is its end.
  return () => {
    if (root.isConnected) return;
    panel.dispose();
    panels.delete(root);
  };
}
