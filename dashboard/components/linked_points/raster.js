// Draws thousands of marks and lines into a picture by hand. A canvas of its own makes each of them a path to be filled,
// which takes some twenty times as long without a graphics card.

class Raster {
  // Over what is there, or from nothing.
  constructor(canvas, ratio, over = false) {
    Object.assign(this, { ratio, ctx: canvas.getContext("2d", { willReadFrequently: true }), wide: canvas.width, high: canvas.height });
    this.image = over ? this.ctx.getImageData(0, 0, this.wide, this.high) : this.ctx.createImageData(this.wide, this.high);
  }

  clear() {
    this.image.data.fill(0);
    return this;
  }

  finish() {
    this.ctx.putImageData(this.image, 0, 0);
  }

  // A colour over what is at `to`; none of them multiplied by its opacity.
  over(to, r, g, b, alpha) {
    const { data } = this.image, kept = data[to + 3] * (1 - alpha), own = alpha * 255, whole = own + kept;
    data[to] = (r * own + data[to] * kept) / whole;
    data[to + 1] = (g * own + data[to + 1] * kept) / whole;
    data[to + 2] = (b * own + data[to + 2] * kept) / whole;
    data[to + 3] = whole + 0.25;
  }

  stamp({ pixels, half, side }, x, y) {
    const left = Math.round((x - half) * this.ratio), top = Math.round((y - half) * this.ratio);
    for (let row = Math.max(0, -top); row < side && top + row < this.high; row += 1)
      for (let col = Math.max(0, -left); col < side && left + col < this.wide; col += 1) {
        const from = (row * side + col) * 4;
        if (pixels[from + 3]) this.over(((top + row) * this.wide + left + col) * 4, pixels[from], pixels[from + 1], pixels[from + 2], pixels[from + 3] / 255);
      }
  }

  // From left to right, column by column, as high in each as the line is steep.
  line(x0, y0, x1, y1, [r, g, b], alpha, width) {
    const { ratio, wide, high } = this, { data } = this.image;
    const from = Math.round(x0 * ratio), to = Math.min(wide, Math.round(x1 * ratio)), whole = 255 * alpha;
    const slope = ((y1 - y0) * ratio) / (to - from), half = (width * ratio * Math.sqrt(1 + slope * slope)) / 2;
    for (let col = from, y = y0 * ratio + slope / 2; col < to; col += 1, y += slope) {
      const low = Math.max(0, y - half), end = Math.min(high, y + half);
      for (let row = low | 0; row < end; row += 1) {
        const own = whole * (Math.min(end, row + 1) - Math.max(low, row)), at = (row * wide + col) * 4, under = data[at + 3];
        if (!under) {
          data[at] = r;
          data[at + 1] = g;
          data[at + 2] = b;
          data[at + 3] = own + 0.25;
          continue;
        }
        const kept = under * (1 - own / 255), share = own / (own + kept);
        data[at] += (r - data[at]) * share;
        data[at + 1] += (g - data[at + 1]) * share;
        data[at + 2] += (b - data[at + 2]) * share;
        data[at + 3] = own + kept + 0.25;
      }
    }
  }
}
