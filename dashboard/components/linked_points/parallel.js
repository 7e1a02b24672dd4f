// Parallel coordinates: an axis a quantity, a line a point. Better is up on every axis, so some run downwards.

const SIDE = 58, AXIS_TOP = 78, AXIS_FOOT = 24, AXIS_HEIGHT = 210, FEW_LINES = 120;

class Parallel extends Layers {
  constructor(linked, view) {
    super(linked, view);
    this.filling = new Painter();
    this.painter = new Painter();
  }

  arrange(width) {
    const { linked } = this, { data, points } = linked;
    const known = data.axes.filter((q) => points.columns[q].value.some(Number.isFinite));
    this.view.hidden = known.length < 2;
    if (this.view.hidden) return;
    this.fit(width, AXIS_TOP + AXIS_HEIGHT + AXIS_FOOT);
    Object.assign(this, { points, tones: linked.tones, font: linked.font });
    this.spacing = (width - 2 * SIDE) / (known.length - 1);
    const ends = [AXIS_TOP + AXIS_HEIGHT, AXIS_TOP];
    this.axes = known.map((q, at) => {
      const quantity = data.quantities[q], { value } = points.columns[q];
      const higher = quantity.better === "higher", scale = makeScale(quantity, [value], ...(higher ? ends : [...ends].reverse()), 0.02);
      // Where all are equal there is one value, and no range that says anything.
      const flat = new Set(value.filter(Number.isFinite)).size === 1, [worst, best] = flat ? [NaN, value.find(Number.isFinite)] : higher ? scale.range : [...scale.range].reverse();
      return { q, quantity, scale, best, worst, x: Math.round(SIDE + at * this.spacing), ys: Float32Array.from(value, scale.at) };
    });
    drawAxes(this.empty("frame"), this);
    this.redraw();
  }

  // All lines once more.
  redraw() {
    if (this.view.hidden) return;
    const { points } = this, shown = points.shown.reduce((sum, one) => sum + one, 0);
    const front = (ctx) => this.strokeLines(ctx, points.front(), Math.max(0.5, alphaOf(shown)), 1.6);
    this.paint(this.filling, "full", points.shown, shown, front);
    this.highlight();
  }

  highlight() {
    if (this.view.hidden) return;
    const { points, linked } = this, { active } = linked.brush;
    this.fade(active);
    this.painter.stop();
    if (active) this.paint(this.painter, "marks", points.inside, points.count);
    else this.empty("marks");
  }

  // Few lines as the canvas draws them; many by hand and little by little, so that no frame waits for all of them.
  paint(painter, layer, wanted, many, done = () => {}) {
    const { points, linked } = this, ctx = this.empty(layer), alpha = alphaOf(many);
    if (many <= FEW_LINES) {
      painter.stop();
      this.strokeLines(ctx, points.shuffled.filter((at) => wanted[at]), alpha, 1.2);
      return done(ctx);
    }
    const raster = layer === "marks" ? (this.raster ||= new Raster(this.marks, linked.ratio)).clear() : new Raster(this.full, linked.ratio);
    painter.start(points.shuffled, wanted, (some) => this.rasterLines(raster, some, alpha), () => raster.finish(), () => done(ctx));
  }

  rasterLines(raster, indexes, alpha) {
    const { axes, points, tones } = this;
    for (const at of indexes) {
      const rgb = tones.rgb[points.group[at]], own = points.statusOf(at) >= STATUS.dominated ? alpha * 0.6 : alpha;
      for (let k = 1; k < axes.length; k += 1) {
        const before = axes[k - 1], after = axes[k], y0 = before.ys[at], y1 = after.ys[at];
        if (Math.abs(y0) + Math.abs(y1) < 1e5) raster.line(before.x, y0, after.x, y1, rgb, own, 1.1);
      }
    }
  }

  // Broken where a quantity was not measured; alone between two gaps, a dot.
  strokeLines(ctx, indexes, alpha, width) {
    const { axes, points, tones } = this, last = axes.length - 1;
    ctx.lineWidth = width;
    ctx.lineJoin = "round";
    for (const at of indexes) {
      ctx.globalAlpha = points.statusOf(at) >= STATUS.dominated ? alpha * 0.6 : alpha;
      ctx.strokeStyle = tones.groups[points.group[at]];
      ctx.beginPath();
      let before = false;
      for (let k = 0; k <= last; k += 1) {
        const y = axes[k].ys[at], there = y === y && Math.abs(y) < 1e5;
        if (there && before) ctx.lineTo(axes[k].x, y);
        else if (there) {
          ctx.moveTo(axes[k].x, y);
          const next = k < last ? axes[k + 1].ys[at] : NaN;
          if (next !== next) ctx.lineTo(axes[k].x + 2, y);
        }
        before = there;
      }
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  drawOverlay() {
    if (this.view.hidden) return;
    const { linked, axes, tones } = this, ctx = this.empty("top");
    for (const [q, range] of linked.brush.ranges) {
      const axis = axes.find((one) => one.q === q);
      if (!axis) continue;
      const [a, b] = range.map((one) => clampedTo(axis.scale.at(one), AXIS_TOP - 3, AXIS_TOP + AXIS_HEIGHT + 3)).sort((one, two) => one - two);
      ctx.globalAlpha = 0.18;
      ctx.fillStyle = ctx.strokeStyle = tones.accent;
      ctx.fillRect(axis.x - 8, a, 16, Math.max(2, b - a));
      ctx.globalAlpha = 0.9;
      ctx.lineWidth = 1.25;
      ctx.strokeRect(axis.x - 8, a, 16, Math.max(2, b - a));
      ctx.globalAlpha = 1;
    }
    if (linked.picked >= 0) this.strokeLines(ctx, [linked.picked], 1, 2);
    const pointed = linked.hovered >= 0 ? linked.hovered : linked.keyed ? linked.cursor : -1;
    if (pointed >= 0) this.strokeLines(ctx, [pointed], 1, 3);
  }

  axisAt(x, y) {
    if (y < AXIS_TOP - 14 || y > AXIS_TOP + AXIS_HEIGHT + 14) return null;
    return this.axes.find((axis) => Math.abs(axis.x - x) <= Math.min(16, this.spacing / 3)) || null;
  }

  // The line nearest to the place, among those in the brush.
  lineAt(x, y) {
    const { axes, points } = this, k = Math.max(0, Math.min(axes.length - 2, Math.floor((x - SIDE) / this.spacing)));
    const share = clampedTo((x - axes[k].x) / (axes[k + 1].x - axes[k].x), 0, 1), { ys } = axes[k], next = axes[k + 1].ys;
    let best = -1, least = 9;
    for (let at = 0; at < points.n; at += 1) {
      if (!points.inside[at]) continue;
      const far = Math.abs(ys[at] + (next[at] - ys[at]) * share - y);
      if (far < least) [best, least] = [at, far];
    }
    return best;
  }
}

const alphaOf = (n) => clampedTo(9 / Math.sqrt(n + 1) / Math.log10(n + 10), 0.05, 0.85);
