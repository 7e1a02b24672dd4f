// What the linked views do while a brush moves and once it rests, and what they say of themselves.

const REPORT_AFTER_MS = 250, ROWS_AFTER_MS = 90, MOST_REPORTED = 2000, MOST_PLACES = 50;

class Brushed {
  // Moves of one frame are drawn once. How long it took from the event until after the frame is left for whoever measures.
  brushing(since = performance.now()) {
    this.since ||= since;
    this.asked ||= requestAnimationFrame(() => {
      const began = this.since;
      this.asked = this.since = 0;
      this.redrawBrush();
      setTimeout(() => Object.assign(this.root.dataset, { move: (performance.now() - began).toFixed(1), moves: this.moves += 1 }));
    });
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.rows.draw();
      this.ranges.sync();
    }, ROWS_AFTER_MS);
  }

  redrawBrush() {
    this.select();
    this.scatter.highlight();
    this.parallel.highlight();
    this.drawOverlays();
  }

  // Only where something on them has changed.
  drawOverlays() {
    const { brush, hovered, picked, points } = this, cursor = this.keyed ? this.cursor : -1;
    const shared = [hovered, picked, cursor, points.n].join();
    for (const [view, held, draw] of [
      [this.scatter, JSON.stringify(brush.rect) + brush.facet, () => drawOverlay(this.scatter)],
      [this.parallel, JSON.stringify([...brush.ranges]), () => this.parallel.drawOverlay()],
    ]) {
      const key = `${shared} ${held} ${view.key}`;
      if (view.overlaid !== key) draw();
      view.overlaid = key;
    }
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
    this.anchor = -1;
    this.brush.clear();
    this.brushed();
  }

  readTones() {
    const style = getComputedStyle(this.root), read = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.font = style.fontFamily;
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const channels = (colour) => {
      probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
    };
    const [r, g, b] = channels(read("background-color") || "#ffffff"), dark = 0.3 * r + 0.6 * g + 0.1 * b < 128;
    const groups = this.data.groups.map((one) => (dark ? one.dark : one.light));
    return {
      ...this.data.tones[dark ? "dark" : "light"], page: read("background-color"), text: read("text-color"),
      accent: read("primary-color"), groups, rgb: groups.map(channels),
    };
  }

  // Where few points and all axes are drawn, for tests.
  tellPlaces() {
    const { points, scatter, parallel, root } = this, rows = (found) => found.map((one) => one.join("\t")).join("\n");
    root.dataset.places = points.n > MOST_PLACES ? "" : rows(scatter.placed().map((at) => [points.ids.get(at), scatter.xs[at], scatter.ys[at]]));
    root.dataset.x = this.data.quantities[this.data.x].name;
    root.dataset.axes = rows((parallel.axes || []).map((axis) => [axis.quantity.name, axis.x, AXIS_TOP, AXIS_TOP + AXIS_HEIGHT]));
  }

  sayNote() {
    const placed = this.scatter.placed().length, { n } = this.points;
    this.note.textContent = n && !placed ? "No point has both of these quantities." : n ? "" : "There are no points yet.";
    this.note.hidden = !this.note.textContent;
  }
}
