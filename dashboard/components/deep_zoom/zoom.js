// Where the maps are looked at, and what the reader does with them. What is drawn is in main.js.

const REPORT_MS = 350;

class Moves {
  cellAt(event) {
    const frame = this.canvas.getBoundingClientRect();
    const x = event.clientX - frame.left, y = event.clientY - frame.top;
    const box = this.boxes?.find((one) => x >= one.x && x < one.x + one.w && y >= one.y && y < one.y + one.h);
    if (!box) return null;
    const { view, size } = this;
    const fi = view.i0 + ((y - box.y) / box.h) * (view.i1 - view.i0);
    const fj = view.j0 + ((x - box.x) / box.w) * (view.j1 - view.j0);
    return { box, fi, fj, i: Math.min(size.queries - 1, Math.floor(fi)), j: Math.min(size.keys - 1, Math.floor(fj)) };
  }

  show(view, since = performance.now()) {
    this.view = view;
    this.since = this.since || since;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.tell(), REPORT_MS);
    this.redraw();
  }

  tell() {
    const now = rounded(this.view);
    if (String(now) !== String(this.told)) this.report("view", now);
    this.told = now;
  }

  zoom(factor, at, since) {
    const { view, cursor } = this;
    const seen = cursor[0] >= view.i0 && cursor[0] < view.i1 && cursor[1] >= view.j0 && cursor[1] < view.j1;
    const [i, j] = at ? [at.fi, at.fj] : seen ? [cursor[0] + 0.5, cursor[1] + 0.5]
      : [(view.i0 + view.i1) / 2, (view.j0 + view.j1) / 2];
    this.show(zoomed(view, factor, i, j, this.size), since);
  }

  centre(i, j, since) {
    const { view } = this;
    this.show(moved(view, i - (view.i0 + view.i1) / 2, j - (view.j0 + view.j1) / 2, this.size), since);
  }

  command(name, event) {
    if (name === "in" || name === "out") this.zoom(name === "in" ? STEP : 1 / STEP, null, event.timeStamp);
    else if (name === "fit") this.show(whole(this.size), event.timeStamp);
    else {
      const span = 24, [i, j] = this.data.pin;
      this.show(fromRounded([i - span, i + span, j - span, j + span], this.size), event.timeStamp);
      this.centre(i + 0.5, j + 0.5, event.timeStamp);
    }
  }

  // The cursor of the keys: one cell on, or one pixel where cells are smaller.
  step(di, dj) {
    const { view, size, boxes } = this;
    const by = [(view.i1 - view.i0) / boxes[0].h, (view.j1 - view.j0) / boxes[0].w].map((one) => Math.max(1, Math.round(one)));
    const [i, j] = [this.cursor[0] + di * by[0], this.cursor[1] + dj * by[1]];
    this.cursor = [Math.min(Math.max(i, 0), size.queries - 1), Math.min(Math.max(j, 0), size.keys - 1)];
    const out = this.cursor[0] < view.i0 || this.cursor[0] >= view.i1 || this.cursor[1] < view.j0 || this.cursor[1] >= view.j1;
    if (out) this.centre(this.cursor[0], this.cursor[1]);
    this.cells.speak(this.cursor);
    this.redraw();
  }

  keepCursor() {
    const { view, cursor } = this, inside = (at, low, high) => Math.min(Math.max(at, Math.ceil(low)), Math.ceil(high) - 1);
    this.cursor = [inside(cursor[0], view.i0, view.i1), inside(cursor[1], view.j0, view.j1)];
    this.cells.speak(this.cursor);
  }

  focus(keyed) {
    this.keyed = keyed;
    if (keyed) this.cells.speak(this.cursor);
    this.redraw();
  }

  hover(at, event) {
    this.cells.tip(at, event);
  }

  pin(at) {
    if (at) this.trigger("pin", [at.i, at.j]);
  }
}
