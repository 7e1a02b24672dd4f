// Parallel coordinates: an axis a quantity, a line a point. Better is up on every axis, so some run downwards.

const SIDE = 58, AXIS_TOP = 62, AXIS_FOOT = 12, AXIS_HEIGHT = 210, FAINT_LINES = 0.22, LINES_AT_ONCE = 300, FIRST_LINES = 120;

class Parallel {
  constructor(linked, base, top) {
    Object.assign(this, { linked, base, top });
    this.full = document.createElement("canvas");
    this.filling = new Painter(FIRST_LINES);
    this.painter = new Painter(LINES_AT_ONCE);
  }

  arrange(width) {
    const { linked } = this, { data, points } = linked;
    const known = data.axes.filter((q) => points.columns[q].value.some(Number.isFinite));
    this.view = this.base.parentElement;
    this.view.hidden = known.length < 2;
    if (this.view.hidden) return;
    Object.assign(this, { points, width, height: AXIS_TOP + AXIS_HEIGHT + AXIS_FOOT, tones: linked.tones, font: linked.font });
    this.spacing = (width - 2 * SIDE) / (known.length - 1);
    const ends = [AXIS_TOP + AXIS_HEIGHT, AXIS_TOP];
    this.axes = known.map((q, at) => {
      const quantity = data.quantities[q], { value } = points.columns[q];
      const scale = makeScale(quantity, finiteRange([value], quantity.log), ...(quantity.better === "higher" ? ends : [...ends].reverse()), 0.02);
      return { q, quantity, scale, x: Math.round(SIDE + at * this.spacing), ys: Float32Array.from(value, scale.at) };
    });
    for (const canvas of [this.base, this.top, this.full]) fit(canvas, width, this.height, linked.ratio);
    this.frame = document.createElement("canvas");
    fit(this.frame, width, this.height, linked.ratio);
    drawAxes(cleared(this.frame, linked.ratio), this);
    this.redraw();
  }

  // All lines once more, little by little; what is there so far is shown.
  redraw() {
    if (this.view.hidden) return;
    const { points, linked } = this, ctx = cleared(this.full, linked.ratio);
    const alpha = alphaOf(points.shown.reduce((sum, one) => sum + one, 0));
    this.highlight();
    const seen = () => { if (!linked.brush.active) this.compose(1); };
    this.filling.start(points.shuffled, points.shown, (some) => {
      this.drawLines(ctx, some, alpha, 1.1);
      seen();
    }, () => {
      this.drawLines(ctx, points.front(), Math.max(0.5, alpha), 1.6);
      if (linked.brush.active) this.highlight();
      else seen();
    });
  }

  compose(alpha) {
    const ctx = cleared(this.base, this.linked.ratio);
    ctx.globalAlpha = alpha;
    ctx.drawImage(this.full, 0, 0, this.width, this.height);
    ctx.globalAlpha = 1;
    return ctx;
  }

  highlight() {
    if (this.view.hidden) return;
    const { points, linked } = this, { brush } = linked;
    this.painter.stop();
    if (!brush.active) return void this.compose(1);
    const ctx = this.compose(FAINT_LINES), alpha = alphaOf(points.count);
    this.painter.start(points.shuffled, points.inside, (some) => this.drawLines(ctx, some, alpha, 1.2));
  }

  // Broken where a quantity was not measured; alone between two gaps, a dot.
  drawLines(ctx, indexes, alpha, width) {
    const { axes, points, tones } = this, last = axes.length - 1;
    ctx.lineWidth = width;
    ctx.lineJoin = "round";
    for (const at of indexes) {
      ctx.globalAlpha = points.statusOf(at) === STATUS.dominated ? alpha * 0.6 : alpha;
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
    const { linked, axes, tones } = this, ctx = cleared(this.top, linked.ratio);
    ctx.drawImage(this.frame, 0, 0, this.width, this.height); // over all lines, so that its numbers can be read
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
    if (linked.picked >= 0) this.drawLines(ctx, [linked.picked], 1, 2);
    const pointed = linked.hovered >= 0 ? linked.hovered : linked.keyed ? linked.cursor : -1;
    if (pointed >= 0) this.drawLines(ctx, [pointed], 1, 3);
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
