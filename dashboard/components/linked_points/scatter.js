// The scatter: where each point is, and the pictures of all points and of those in the brush.

const CUT_FROM = 3000;

class Scatter extends Layers {
  constructor(linked, view) {
    super(linked, view);
    this.painter = new Painter();
  }

  // Places everything anew: after new data, another axis, another width or theme.
  arrange(width) {
    const { linked } = this, { data, points } = linked;
    const found = arrangedPanes(data.facets, width, data.height);
    this.fit(width, found.height);
    Object.assign(this, { points, panes: found.panes, tones: linked.tones, font: linked.font });
    const [qx, qy] = [data.x, data.y];
    this.quantities = { x: data.quantities[qx], y: data.quantities[qy] };
    const [pane] = this.panes, others = linked.published;
    const [x, y] = placed([points, others].filter(Boolean), [qx, qy], this.quantities);
    this.x = makeScale(this.quantities.x, [x.value], 0, pane.w, PAD, [x.bars]);
    this.y = makeScale(this.quantities.y, [y.value], pane.h, 0, PAD, [y.bars]);
    [this.xs, this.ys] = this.placesOf(points);
    this.radius = radiusOf(points.n);
    const page = points.n > 1500 ? "" : this.tones.page, clear = points.n > 8000 ? 0.55 : points.n > 1500 ? 0.75 : 0.95;
    const stamped = (alpha) => data.groups.map((group, at) => stamp(group.shape, this.tones.groups[at], this.radius, linked.ratio, { page, alpha }));
    [this.stamps, this.faintStamps] = [stamped(clear), stamped(DOMINATED)];
    if (others) {
      this.published = this.placesOf(others);
      this.hollow = data.groups.map((group, at) => stamp(group.shape, this.tones.groups[at], 5.2, linked.ratio, { hollow: true }));
    }
    const ctx = this.empty("frame");
    drawPaneFrames(ctx, this);
    if (others) this.drawPublished(ctx);
    this.redraw();
  }

  placesOf(points) {
    const { columns } = points, { data } = this.linked, { n } = points;
    const vx = columns[data.x].value, vy = columns[data.y].value;
    const xs = new Float32Array(n).fill(NaN), ys = new Float32Array(n).fill(NaN);
    for (let at = 0; at < n; at += 1) {
      const pane = this.paneOfFacet(points.facet[at]);
      const x = this.x.at(vx[at]), y = this.y.at(vy[at]);
      if (!pane || !Number.isFinite(x + y)) continue;
      xs[at] = pane.x + x;
      ys[at] = pane.y + y;
    }
    return [xs, ys];
  }

  paneOfFacet(facet) {
    return this.panes[0].facet < 0 ? this.panes[0] : this.panes[facet];
  }

  paneOf(at) {
    return this.paneOfFacet(this.points.facet[at]);
  }

  // Shown, and with a place in the picture.
  placed() {
    const { points, xs, ys } = this, found = [];
    for (let at = 0; at < points.n; at += 1) if (points.shown[at] && xs[at] >= 0 && ys[at] >= 0) found.push(at);
    return found;
  }

  // The whole picture once more: what is shown has changed.
  redraw() {
    drawAllMarks(this.empty("full"), this);
    this.nearest = new Nearest(this.xs, this.ys, this.points.shown, this.width, this.height);
    if (this.published) this.nearestPublished = new Nearest(...this.published, this.linked.published.shown, this.width, this.height);
    this.highlight();
  }

  drawPublished(ctx) {
    const [xs, ys] = this.published, { published } = this.linked, { group, n, shown } = published;
    drawBars(ctx, this, [...shown.keys()].filter((at) => shown[at]), 0.7, published, this.published);
    for (let at = 0; at < n; at += 1) {
      if (!shown[at] || !(xs[at] >= 0)) continue;
      const { picture, half, size } = this.hollow[group[at]];
      ctx.drawImage(picture, xs[at] - half, ys[at] - half, size, size);
    }
  }

  // Of very many points a rectangle shows that part of the picture as it is, at the price of marks cut at its edge.
  highlight() {
    const { linked } = this, { brush, points } = linked, ctx = this.empty("marks");
    this.painter.stop();
    this.fade(brush.active);
    if (!brush.active) return;
    if (brush.rect && !brush.ranges.size && points.n > CUT_FROM) {
      const box = this.boxOf(brush), { ratio } = linked;
      ctx.beginPath();
      ctx.rect(box.x, box.y, box.w, box.h);
      ctx.save();
      ctx.clip();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.drawImage(this.full, 0, 0);
      ctx.restore();
      return;
    }
    const raster = (this.raster ||= new Raster(this.marks, linked.ratio)).clear(), held = [];
    this.painter.start(points.shuffled, points.inside, (some) => {
      stampAll(raster, this, some);
      for (const at of some) if (points.statusOf(at)) held.push(at);
    }, () => raster.finish(), () => drawRings(ctx, this, held));
  }

  boxOf({ facet, rect }) {
    const pane = this.paneOfFacet(facet);
    const [x0, x1] = rect.x.map((one) => pane.x + this.x.at(one)), [y1, y0] = rect.y.map((one) => pane.y + this.y.at(one));
    return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
  }

  paneAt(x, y) {
    return this.panes.find((pane) => x >= pane.x - 6 && y >= pane.y - 6 && x <= pane.x + pane.w + 6 && y <= pane.y + pane.h + 6);
  }
}

// The numbers of both axes, of what has a place on both: nothing else stretches them. Ends of intervals only where all of
// them are drawn.
function placed(sets, [across, up], quantities) {
  const x = { value: [], bars: [] }, y = { value: [], bars: [] };
  const fits = (value, { log }) => Number.isFinite(value) && (!log || value > 0);
  for (const { n, columns } of sets) {
    const one = columns[across], other = columns[up];
    for (let at = 0; at < n; at += 1) {
      if (!fits(one.value[at], quantities.x) || !fits(other.value[at], quantities.y)) continue;
      x.value.push(one.value[at]);
      y.value.push(other.value[at]);
      if (n > FEW_BARS) continue;
      x.bars.push(one.low[at], one.high[at]);
      y.bars.push(other.low[at], other.high[at]);
    }
  }
  return [x, y];
}
