// Views of the same points that share one brush. Streamlit calls the function at the end again with new data.

class Linked extends Brushed {
  constructor(root) {
    super();
    this.root = root;
    for (const name of ["legend", "state", "clear", "said", "tip", "note"]) this[name] = root.querySelector(`.${name}`);
    this.brush = new Brush();
    this.hidden = new Set();
    this.hovered = this.cursor = this.picked = -1;
    this.moves = 0;
    this.scatter = new Scatter(this, root.querySelector(".scatter"));
    this.parallel = new Parallel(this, root.querySelector(".parallel"));
    this.rows = new Rows(this, root);
    this.ranges = new Ranges(this, root);
    listenScatter(this);
    listenParallel(this);
    listenKeys(this);
    this.clear.addEventListener("click", () => this.clearBrush());
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(root);
  }

  // Called after every rerun, mostly with what is drawn already.
  update(component) {
    const { data, setStateValue } = component, table = kept.tables.get(data.version);
    kept.waiting.delete(this.again);
    this.again = () => this.update(component);
    if (!table) return kept.waiting.add(this.again);
    const began = performance.now(), before = this.data, changed = (name) => before?.[name] !== data[name];
    this.report = setStateValue;
    this.data = data;
    if (before && (changed("x") || changed("y") || before.facets.length !== data.facets.length)) this.brush.settle(before.x, before.y);
    if (changed("version")) this.take(data, table);
    if (changed("published_version"))
      this.published = data.published ? new Points(data.published, { ...data, texts: data.published_texts }) : null;
    this.tones = this.readTones();
    this.scatter.top.setAttribute("aria-label", data.alt);
    this.parallel.top.setAttribute("aria-label", `${data.alt}: every quantity of each point, better upwards`);
    this.shownAs = [data.version, data.published_version, data.status_version, data.hide_dominated].join();
    if (changed("version") || changed("status_version") || changed("hide_dominated") || changed("published_version") || changed("y")) {
      this.showAgain();
      this.rows.arrange();
      this.ranges.arrange();
    }
    this.legendAgain();
    this.resized();
    this.tellPlaces();
    setTimeout(() => { this.root.dataset.took ??= (performance.now() - began).toFixed(1); });
  }

  // New points: what was pointed at may be gone, what was picked is looked up again.
  take(data, table) {
    const picked = this.picked >= 0 ? this.points.ids.get(this.picked) : null;
    this.points = new Points(table, data);
    this.hovered = this.cursor = this.anchor = -1;
    this.picked = picked === null ? -1 : this.points.indexOf(picked);
  }

  showAgain() {
    const { data, points } = this, status = data.status?.getChild("status")?.toArray();
    points.show(this.hidden, status, data.hide_dominated);
    this.published?.show(this.hidden, null, false);
    this.select();
  }

  legendAgain() {
    const key = [this.shownAs, this.tones.page, ...this.hidden].join();
    if (key !== this.legendFor) drawLegend(this);
    this.legendFor = key;
  }

  // Each view is placed anew only where something that it depends on has changed.
  resized() {
    const width = this.root.clientWidth, ratio = window.devicePixelRatio || 1, { data } = this;
    if (!data || !width) return;
    Object.assign(this, { width, ratio });
    const shared = [this.shownAs, this.tones.page, width, ratio].join();
    const keys = { scatter: [shared, data.x, data.y, data.facets, data.height].join(), parallel: [shared, data.axes].join() };
    for (const view of ["scatter", "parallel"]) {
      if (this[view].key !== keys[view]) this[view].arrange(width);
      this[view].key = keys[view];
    }
    this.drawOverlays();
    this.sayNote();
  }

  select() {
    this.points.select(this.brush.tests(this.points, this.data), this.brush.facet);
    const { count, shown } = this.points, all = shown.reduce((sum, one) => sum + one, 0);
    this.state.textContent = this.brush.active
      ? `${counted(count)} of ${counted(all)} points brushed: ${this.brush.words(this.data)}`
      : `${all < this.points.n ? `${counted(all)} of ${counted(this.points.n)} points shown. ` : ""}Drag to brush, click to open, Escape to clear.`;
    this.clear.hidden = !this.brush.active;
    Object.assign(this.root.dataset, { brushed: this.brush.active ? count : "", shown: all });
  }

  pointAt(x, y) {
    const worth = (at) => (this.points.statusOf(at) === STATUS.front ? 2 : 0);
    const found = this.scatter.nearest.find(x, y, worth);
    if (found >= 0 || !this.scatter.published) return found;
    const other = this.scatter.nearestPublished.find(x, y);
    return other < 0 ? -1 : other + PUBLISHED;
  }

  hover(at, x, y, canvas = this.scatter.top) {
    this.scatter.top.style.cursor = at >= 0 && at < PUBLISHED ? "pointer" : "crosshair";
    if (at >= 0 && at !== this.told) fillTip(this, at);
    this.told = at;
    this.pointTo(at < PUBLISHED ? at : -1);
    if (at < 0) this.tip.hidden = true;
    else placeTip(this, x, y + canvas.parentElement.offsetTop);
  }

  pointTo(at) {
    if (at === this.hovered) return;
    this.hovered = at;
    this.drawOverlays();
  }

  pick(at) {
    this.picked = at;
    this.drawOverlays();
    this.rows.mark();
    this.report("picked", at < 0 ? null : this.points.ids.get(at));
  }

  toggle(group) {
    if (this.hidden.has(group)) this.hidden.delete(group);
    else this.hidden.add(group);
    this.showAgain();
    this.legendAgain();
    this.scatter.redraw();
    this.parallel.redraw();
    this.rows.draw();
    this.drawOverlays();
    this.sayNote();
  }

  only(group) {
    this.hidden = new Set(this.data.groups.map((_, at) => at).filter((at) => at !== group));
    this.toggle(-1);
    this.hidden.delete(-1);
  }

  close() {
    this.observer.disconnect();
    kept.waiting.delete(this.again);
    for (const painter of [this.scatter.painter, this.parallel.painter, this.parallel.filling]) painter.stop();
    clearTimeout(this.telling);
    clearTimeout(this.settling);
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
