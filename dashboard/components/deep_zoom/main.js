// Several maps of one matrix's size, moved together. Streamlit calls the function at the end again with new data.

const BETWEEN_PICTURES_MS = 60;

class DeepZoom extends Moves {
  constructor(root) {
    super();
    this.root = root;
    for (const name of ["canvas", "mini", "legends", "said", "tip", "note"])
      this[name] = root.querySelector(`.${name}`);
    this.ctx = this.canvas.getContext("2d");
    this.tiles = new Tiles(() => this.arrived());
    this.cells = new Cells(this);
    this.tables = new Map();
    this.steps = 0;
    listen(this);
    root.querySelectorAll("button").forEach((button) => button.addEventListener("click", (event) => this.command(button.name, event)));
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(root);
  }

  update({ data, setStateValue, setTriggerValue }) {
    const before = this.data;
    Object.assign(this, { data, report: setStateValue, trigger: setTriggerValue });
    this.size = { queries: data.queries, keys: data.keys };
    if (!before || before.queries !== data.queries || before.keys !== data.keys) {
      this.view = data.start ? fromRounded(data.start, this.size) : whole(this.size);
      Object.assign(this, { tops: null, settled: {} });
    }
    if (!before || before.pin.join() !== data.pin.join()) this.cursor = [...data.pin];
    if (!before || JSON.stringify(before.panes) !== JSON.stringify(data.panes)) this.since = performance.now();
    this.ratioTable = this.ratioTable || ratioValues();
    this.tiles.forgive();
    this.canvas.setAttribute("aria-label", data.alt);
    this.tones = this.readTones();
    this.tables.clear();
    this.drawn = "";
    this.redraw();
  }

  readTones() {
    const style = getComputedStyle(this.root), read = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.font = style.fontFamily;
    const page = document.createElement("canvas").getContext("2d");
    page.fillStyle = read("background-color") || "#ffffff";
    const [r, g, b] = channels(page.fillStyle);
    const dark = 0.3 * r + 0.6 * g + 0.1 * b < 128;
    return {
      ...this.data.tones[dark ? "dark" : "light"], page: read("background-color"), text: read("text-color"),
      border: read("border-color"), empty: read("secondary-background-color"),
    };
  }

  // A picture takes as long as a tile: while some are missing, one now and then is enough.
  arrived() {
    if (!this.stillMissing?.() || performance.now() - this.pictured > BETWEEN_PICTURES_MS) this.redraw();
  }

  redraw() {
    if (!this.data || this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (this.root.isConnected && this.root.clientWidth) this.draw();
    });
  }

  draw() {
    this.fitCanvas();
    const { data, ctx, ratio } = this;
    const box = this.boxes[0];
    this.level = levelOf(this.view, box.w, box.h, ratio, data.levels);
    const seen = tilesIn(this.view, this.level, data.tile, this.size);
    const panes = this.boxes.map((one) => one.pane);
    const wanted = seen.flatMap((tile) => panes.flatMap((pane) => addressesOf(data, pane, tile)));
    const small = smallPane(this);
    const all = [...new Set([...wanted, ...(small ? addressesOf(data, small, this.topTile()) : [])])];
    this.tiles.want(all);
    this.stillMissing = () => this.tiles.missing([...new Set(wanted)]);
    const missing = this.stillMissing();
    this.tops = groupTops(this, seen, missing);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const one of this.boxes) {
      drawPane(this, one, seen);
      drawAxes(this, one);
    }
    drawMinimap(this);
    this.pictured = performance.now();
    this.drawWords(wanted, missing, panes.some((pane) => !hasLevel(pane, seen[0])));
  }

  fitCanvas() {
    const { canvas, data, root } = this;
    this.ratio = window.devicePixelRatio || 1;
    const width = root.clientWidth, found = arranged(data.panes, width, data.height);
    this.boxes = found.boxes;
    const [w, h] = [Math.round(width * this.ratio), Math.round(found.height * this.ratio)];
    if (canvas.width !== w || canvas.height !== h) {
      Object.assign(canvas, { width: w, height: h });
      canvas.style.height = `${found.height}px`;
    }
  }

  // Once everything in view is drawn: how long it took since the wheel, for whoever measures.
  drawWords(wanted, missing, lacking) {
    const signature = JSON.stringify([this.tops, this.data.look, this.boxes.length, this.tones.page]);
    if (signature !== this.drawn) drawLegends(this);
    this.drawn = signature;
    const refused = wanted.map((one) => this.tiles.refused.get(one)).find(Boolean);
    this.note.textContent = lacking ? this.data.waiting : refused?.text || "";
    this.note.hidden = !this.note.textContent;
    Object.assign(this.root.dataset, { missing, level: this.level, view: rounded(this.view).join(" ") });
    if (missing || !this.since) return;
    this.root.dataset.took = (performance.now() - this.since).toFixed(1);
    this.root.dataset.steps = this.steps += 1;
    this.since = 0;
  }

  valuesOf(tile) {
    return tile.ratio ? this.ratioTable : this.data.legend[tile.signed ? "signed" : "unsigned"];
  }

  tableOf(kind, tile) {
    const top = this.tops[kind], key = `${kind} ${tile.signed} ${top}`;
    if (!this.tables.has(key)) {
      if (this.tables.size > 60) this.tables.clear();
      this.tables.set(key, colourTable(this.valuesOf(tile), kind, this.data.look, top, this.tones));
    }
    return this.tables.get(key);
  }

  topTile() {
    return { level: this.data.levels - 1, row: 0, col: 0 };
  }

  rowTop(pane) {
    const numbers = pane.values.map((one) => one[2]).filter((one) => one !== null);
    return Math.max(...numbers, NO_ROW);
  }

  specials() {
    const { tones, data, boxes } = this, kinds = new Set(boxes.map((box) => box.pane.kind));
    const found = [["masked", tones.masked]];
    if (data.signed) found.push(["negative", tones.negative]);
    if (data.look.hide && kinds.has("weight")) found.push([`hidden: first ${data.look.hide} keys`, tones.hidden]);
    found.push([kinds.has("rows") ? "not finite, infinite" : "not finite", tones.notFinite]);
    return found;
  }

  close() {
    this.observer.disconnect();
    this.cells.cancel();
    this.tiles.want([]);
    clearTimeout(this.telling);
    cancelAnimationFrame(this.asked);
  }
}

const open = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".deep-zoom");
  if (!open.has(root)) open.set(root, new DeepZoom(root));
  open.get(root).update(component);
  return () => {
    open.get(root)?.close();
    open.delete(root);
  };
}
