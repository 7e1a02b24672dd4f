// Views of the same points that share one brush. Streamlit calls the function at the end again with new data.

const REPORT_AFTER_MS = 250, MOST_REPORTED = 2000, MOST_PLACES = 50;

class Linked {
  constructor(root) {
    this.root = root;
    for (const name of ["legend", "state", "clear", "said", "tip", "note"]) this[name] = root.querySelector(`.${name}`);
    this.brush = new Brush();
    this.hidden = new Set();
    this.hovered = this.cursor = this.picked = -1;
    this.moves = 0;
    this.scatter = new Scatter(this, root.querySelector(".view .base"), root.querySelector(".view .top"));
    listenScatter(this);
    listenKeys(this);
    this.clear.addEventListener("click", () => this.clearBrush());
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(root);
  }

  update({ data, setStateValue }) {
    const began = performance.now(), before = this.data;
    this.report = setStateValue;
    this.data = data;
    if (before?.version !== data.version) this.take(data);
    if (before?.published_version !== data.published_version)
      this.published = data.published ? new Points(data.published, { ...data, texts: data.published_texts }) : null;
    if (before && (before.x !== data.x || before.y !== data.y || before.facets.join() !== data.facets.join())) this.brush.rect = null;
    this.tones = this.readTones();
    this.scatter.top.setAttribute("aria-label", data.alt);
    this.showAgain();
    this.resized(true);
    this.tellPlaces();
    this.root.dataset.took = (performance.now() - began).toFixed(1);
  }

  // New points: what was pointed at may be gone.
  take(data) {
    this.points = new Points(data.points, data);
    this.hovered = this.cursor = -1;
    this.picked = data.picked ? this.points.indexOf(data.picked) : -1;
  }

  showAgain() {
    const { data, points } = this, status = data.status?.getChild("status")?.toArray();
    points.show(this.hidden, status, data.hide_dominated);
    this.published?.show(this.hidden, null, false);
    this.select();
    drawLegend(this);
  }

  readTones() {
    const style = getComputedStyle(this.root), read = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.font = style.fontFamily;
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    probe.fillStyle = read("background-color") || "#ffffff";
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data, dark = 0.3 * r + 0.6 * g + 0.1 * b < 128;
    return {
      ...this.data.tones[dark ? "dark" : "light"], page: read("background-color"), text: read("text-color"),
      accent: read("primary-color"), groups: this.data.groups.map((one) => (dark ? one.dark : one.light)),
    };
  }

  resized(anyway = false) {
    const width = this.root.clientWidth, ratio = window.devicePixelRatio || 1;
    if (!this.data || !width || (!anyway && width === this.width && ratio === this.ratio)) return;
    Object.assign(this, { width, ratio });
    this.scatter.arrange(width);
    drawOverlay(this.scatter);
    this.sayNote();
  }

  // Where few points are drawn, for tests.
  tellPlaces() {
    const { points, scatter, root } = this;
    root.dataset.places = points.n > MOST_PLACES ? "" : scatter.placed()
      .map((at) => [points.ids.get(at), scatter.xs[at].toFixed(1), scatter.ys[at].toFixed(1)].join("\t")).join("\n");
  }

  sayNote() {
    const placed = this.scatter.placed().length, { n } = this.points;
    this.note.textContent = n && !placed ? "No point has both of these quantities." : n ? "" : "There are no points yet.";
    this.note.hidden = !this.note.textContent;
  }

  select() {
    this.points.select(this.brush.tests(this.points, this.data), this.brush.rect ? this.brush.rect.facet : -1);
    const { count, shown } = this.points, all = shown.reduce((sum, one) => sum + one, 0);
    this.state.textContent = this.brush.active
      ? `${counted(count)} of ${counted(all)} points brushed: ${this.brush.words(this.data)}`
      : `${counted(all)} points. Drag to brush, click to open, Escape to clear.`;
    this.clear.hidden = !this.brush.active;
    Object.assign(this.root.dataset, { brushed: this.brush.active ? count : "", shown: all });
  }

  // Moves of one frame are drawn once. How long the last took, from the event, is left for whoever measures.
  brushing(since = performance.now()) {
    this.since = Math.min(this.since || since, since);
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      const began = performance.now();
      this.redrawBrush();
      this.root.dataset.draw = (performance.now() - began).toFixed(1);
      this.root.dataset.moves = this.moves += 1;
      this.since = 0;
    });
  }

  redrawBrush() {
    this.select();
    this.scatter.highlight();
    drawOverlay(this.scatter);
  }

  // A drag has ended: Python hears of it once the reader rests.
  brushed() {
    this.brushing();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { points, brush } = this, ids = [];
      for (let at = 0; brush.active && at < points.n && ids.length < MOST_REPORTED; at += 1)
        if (points.inside[at]) ids.push(points.ids.get(at));
      this.report("brushed", brush.active ? { count: points.count, ids } : null);
    }, REPORT_AFTER_MS);
  }

  clearBrush() {
    if (!this.brush.active) return;
    this.brush.clear();
    this.brushed();
  }

  pointAt(x, y) {
    const worth = (at) => (this.points.statusOf(at) === STATUS.front ? 2 : 0);
    const found = this.scatter.nearest.find(x, y, worth);
    if (found >= 0 || !this.scatter.published) return found;
    const other = this.scatter.nearestPublished.find(x, y);
    return other < 0 ? -1 : other + PUBLISHED;
  }

  hover(at, x, y) {
    this.scatter.top.style.cursor = at >= 0 && at < PUBLISHED ? "pointer" : "crosshair";
    if (at !== this.hoveredAny) {
      if (at >= 0) fillTip(this, at);
      this.hovered = at < PUBLISHED ? at : -1;
      drawOverlay(this.scatter);
    }
    this.hoveredAny = at;
    if (at < 0) this.tip.hidden = true;
    else placeTip(this, x, y + this.scatter.top.parentElement.offsetTop);
  }

  pick(at) {
    this.picked = at;
    drawOverlay(this.scatter);
    this.report("picked", this.points.ids.get(at));
  }

  toggle(group) {
    if (this.hidden.has(group)) this.hidden.delete(group);
    else this.hidden.add(group);
    this.showAgain();
    this.scatter.redraw();
    drawOverlay(this.scatter);
    this.sayNote();
  }

  only(group) {
    this.hidden = new Set(this.data.groups.map((_, at) => at).filter((at) => at !== group));
    this.toggle(-1);
    this.hidden.delete(-1);
  }

  close() {
    this.observer.disconnect();
    this.scatter.painter.stop();
    clearTimeout(this.telling);
    cancelAnimationFrame(this.asked);
  }
}

const open = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".linked");
  if (!open.has(root)) open.set(root, new Linked(root));
  open.get(root).update(component);
  return () => {
    open.get(root)?.close();
    open.delete(root);
  };
}
