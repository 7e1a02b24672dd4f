// What is brushed: a rectangle of the two quantities that are drawn, one small picture, and ranges of any quantity. All of
// them hold at once.

class Brush {
  constructor() {
    this.clear();
  }

  get active() {
    return Boolean(this.rect) || this.facet >= 0 || this.ranges.size > 0;
  }

  clear() {
    this.rect = null;
    this.facet = -1;
    this.ranges = new Map();
  }

  frame(facet, x, y) {
    Object.assign(this, { facet, rect: { x, y } });
  }

  // Every test as [values, low, high] of the points' columns.
  tests(points, data) {
    const rect = this.rect ? [[data.x, this.rect.x], [data.y, this.rect.y]] : [];
    return [...rect, ...this.ranges].map(([q, [low, high]]) => [points.columns[q].value, low, high]);
  }

  // Other quantities are drawn from now on: the same points stay in the brush, which becomes ranges.
  settle(x, y) {
    if (!this.rect) return;
    for (const [q, [low, high]] of [[x, this.rect.x], [y, this.rect.y]]) {
      const [least, most] = this.ranges.get(q) || [-Infinity, Infinity];
      this.ranges.set(q, [Math.max(low, least), Math.min(high, most)]);
    }
    this.rect = null;
  }

  words(data) {
    const end = (value, q) => amount(value, data.quantities[q].unit);
    const said = ([q, [low, high]]) => {
      const { title } = data.quantities[q];
      if (high === Infinity) return `${title} from ${end(low, q)}`;
      return low === -Infinity ? `${title} up to ${end(high, q)}` : `${title} ${end(low, q)} to ${end(high, q)}`;
    };
    const rect = this.rect ? [[data.x, this.rect.x], [data.y, this.rect.y]] : [];
    const place = this.facet >= 0 ? [data.all_facets[this.facet]] : [];
    return [...place, ...[...rect, ...this.ranges].map(said)].join(", ");
  }
}

const SLACK = 4;
const sorted = (a, b) => (a < b ? [a, b] : [b, a]);

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
    const { pane } = drag, across = [drag.x, x].map((one) => scatter.x.value(clampedTo(one - pane.x, 0, pane.w)));
    const down = [drag.y, y].map((one) => scatter.y.value(clampedTo(one - pane.y, 0, pane.h)));
    linked.brush.frame(pane.facet, sorted(...across), sorted(...down));
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
