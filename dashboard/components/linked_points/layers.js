// A view is four canvases over each other: its axes, all that is shown, what a brush holds of it, and what moves. A brush
// fades the second as a whole and draws the third: nothing is drawn twice while it moves.

const LAYERS = ["frame", "full", "marks", "top"];

class Layers {
  constructor(linked, view) {
    Object.assign(this, { linked, view });
    for (const name of LAYERS) this[name] = view.querySelector(`.${name}`);
  }

  fit(width, height) {
    Object.assign(this, { width, height });
    const { ratio } = this.linked, [w, h] = [width, height].map((one) => Math.max(1, Math.round(one * ratio)));
    for (const name of LAYERS) {
      const canvas = this[name];
      if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
      canvas.style.height = `${height}px`;
    }
    this.raster = null;
  }

  // An empty layer to draw on, in pixels of the page.
  empty(name) {
    const { ratio } = this.linked, ctx = this[name].getContext("2d", { willReadFrequently: name !== "frame" && name !== "top" });
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this[name].width, this[name].height);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return ctx;
  }

  fade(active) {
    this.view.classList.toggle("brushed", active);
    this.view.classList.toggle("few", this.points.n <= 300);
  }
}
