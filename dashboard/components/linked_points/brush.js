// What is brushed: a rectangle of two quantities in one pane, and ranges on axes. All of them hold at once.

class Brush {
  constructor() {
    this.clear();
  }

  get active() {
    return Boolean(this.rect) || this.ranges.size > 0;
  }

  clear() {
    this.rect = null;
    this.ranges = new Map();
  }

  // Every test as [values, low, high] of the points' columns.
  tests(points, data) {
    const found = [...this.ranges].map(([quantity, [low, high]]) => [points.columns[quantity].value, low, high]);
    if (this.rect) {
      found.push([points.columns[data.x].value, ...this.rect.x], [points.columns[data.y].value, ...this.rect.y]);
    }
    return found;
  }

  words(data) {
    const said = (quantity, [low, high]) => `${quantity.title} ${amount(low, quantity.unit)} to ${amount(high, quantity.unit)}`;
    const ranges = [...this.ranges].map(([at, range]) => said(data.quantities[at], range));
    const rect = this.rect ? [said(data.quantities[data.x], this.rect.x), said(data.quantities[data.y], this.rect.y)] : [];
    return [...rect, ...ranges].join(", ");
  }
}

const SLACK = 4;
const sorted = (a, b) => (a < b ? [a, b] : [b, a]);
const clamped = (value, most) => Math.max(0, Math.min(most, value));

// Pointer on the scatter: a drag is a brush, a click a pick, and rest a tip.
function listenScatter(linked) {
  const { scatter } = linked, { top } = scatter;
  const place = (event) => {
    const box = top.getBoundingClientRect();
    return [((event.clientX - box.left) * scatter.width) / box.width, ((event.clientY - box.top) * scatter.height) / box.height];
  };
  let drag = null;
  top.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [x, y] = place(event), pane = scatter.paneAt(x, y);
    if (!pane) return;
    top.setPointerCapture(event.pointerId);
    drag = { x, y, pane, moved: false };
  });
  top.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (!drag) return void linked.hover(linked.pointAt(x, y), x, y);
    if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < SLACK) return;
    drag.moved = true;
    linked.hover(-1);
    const { pane } = drag, across = [drag.x, x].map((one) => scatter.x.value(clamped(one - pane.x, pane.w)));
    const down = [drag.y, y].map((one) => scatter.y.value(clamped(one - pane.y, pane.h)));
    linked.brush.rect = { facet: pane.facet, x: sorted(...across), y: sorted(...down) };
    linked.brushing(event.timeStamp);
  });
  const ended = (event) => {
    if (drag?.moved) linked.brushed();
    else if (drag && event.type === "pointerup") {
      const found = linked.pointAt(...place(event));
      if (found >= 0 && found < PUBLISHED) linked.pick(found);
    }
    drag = null;
  };
  top.addEventListener("pointerup", ended);
  top.addEventListener("pointercancel", ended);
  top.addEventListener("pointerleave", () => { if (!drag) linked.hover(-1); });
  top.addEventListener("dblclick", () => linked.clearBrush());
}
