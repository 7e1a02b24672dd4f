// Stamps thousands of markers into a picture by hand: a canvas takes longer to be told of each than to show them all.

class Raster {
  constructor(ctx) {
    this.ctx = ctx;
    this.image = ctx.getImageData(0, 0, ctx.canvas.width, ctx.canvas.height);
  }

  // Source over what is there; both hold colours that are not multiplied by their opacity.
  stamp({ pixels, side }, left, top) {
    const { data, width, height } = this.image;
    for (let row = Math.max(0, -top); row < side && top + row < height; row += 1)
      for (let col = Math.max(0, -left); col < side && left + col < width; col += 1) {
        const from = (row * side + col) * 4, alpha = pixels[from + 3];
        if (!alpha) continue;
        const to = ((top + row) * width + left + col) * 4, kept = (data[to + 3] * (255 - alpha)) / 255, whole = alpha + kept;
        data[to] = (pixels[from] * alpha + data[to] * kept) / whole;
        data[to + 1] = (pixels[from + 1] * alpha + data[to + 1] * kept) / whole;
        data[to + 2] = (pixels[from + 2] * alpha + data[to + 2] * kept) / whole;
        data[to + 3] = whole;
      }
  }

  finish() {
    this.ctx.putImageData(this.image, 0, 0);
  }
}
