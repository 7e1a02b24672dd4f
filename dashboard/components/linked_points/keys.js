// The scatter without a mouse: a cursor that goes from point to point, and a brush that grows with it.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// How much a step aside costs against a step ahead, up and down.
const ASIDE = 2.5;

function listenKeys(linked) {
  const { top } = linked.scatter;
  top.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) moveCursor(linked, arrow, event.shiftKey);
    else if (event.key === "Home" || event.key === "End") moveCursor(linked, [event.key === "Home" ? -Infinity : Infinity, 0], event.shiftKey);
    else if (event.key === "Enter" || event.key === " ") {
      if (linked.cursor < 0) return;
      linked.pick(linked.cursor);
    } else return;
    event.preventDefault();
  });
  linked.root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    linked.anchor = -1;
    linked.hover(-1);
    if (linked.brush.active) linked.clearBrush();
    else if (linked.picked >= 0) linked.pick(-1);
  });
  top.addEventListener("blur", () => {
    linked.keyed = false;
    linked.drawOverlays();
    linked.tip.hidden = true;
  });
}

function moveCursor(linked, [across, down], grow) {
  const { scatter, cursor } = linked, { xs, ys } = scatter, placed = scatter.placed();
  if (!placed.length) return;
  const start = linked.cursor;
  const known = cursor >= 0 && linked.points.shown[cursor] && Number.isFinite(xs[cursor]);
  if (!known || !Number.isFinite(across)) linked.cursor = endOf(placed, xs, across > 0);
  else if (across) linked.cursor = nextAlong(placed, xs, ys, cursor, across);
  else linked.cursor = nextUpOrDown(placed, xs, ys, cursor, down);
  linked.keyed = true;
  if (grow) growBrush(linked, start);
  else linked.anchor = -1;
  readOut(linked);
}

function endOf(placed, xs, last) {
  return placed.reduce((best, at) => ((last ? xs[at] > xs[best] : xs[at] < xs[best]) ? at : best));
}

// By x, then y, then number: every point is met once from one end to the other.
function nextAlong(placed, xs, ys, from, way) {
  const after = (a, b) => xs[a] - xs[b] || ys[a] - ys[b] || a - b;
  let best = -1;
  for (const at of placed) if (way * after(at, from) > 0 && (best < 0 || way * after(at, best) < 0)) best = at;
  return best < 0 ? from : best;
}

function nextUpOrDown(placed, xs, ys, from, way) {
  let best = from, least = Infinity;
  for (const at of placed) {
    const ahead = way * (ys[at] - ys[from]);
    const far = ahead + ASIDE * Math.abs(xs[at] - xs[from]);
    if (ahead > 0 && far < least) [best, least] = [at, far];
  }
  return best;
}

// From where Shift was first held to the cursor, both ends within.
function growBrush(linked, start) {
  if (!(linked.anchor >= 0)) linked.anchor = start >= 0 ? start : linked.cursor;
  const { points, data, anchor, cursor } = linked;
  const ends = (q) => sorted(...[anchor, cursor].map((at) => points.columns[q].value[at]));
  const facet = linked.scatter.paneOf(cursor).facet;
  linked.brush.frame(facet, ends(data.x), ends(data.y));
  linked.brushed();
}

function readOut(linked) {
  const { scatter, cursor, points, brush } = linked;
  linked.redrawBrush();
  fillTip(linked, cursor);
  placeTip(linked, scatter.xs[cursor], scatter.ys[cursor] + scatter.top.parentElement.offsetTop);
  linked.said.textContent = spoken(linked, cursor) + (brush.rect ? ` ${counted(points.count)} points brushed.` : "");
}
