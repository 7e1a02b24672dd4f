// What the scatter's data looks like: lines of budgets, intervals, points, and the front.

const FEW_BARS = 160, MANY_LINES = 400, DOMINATED = 0.38;

const radiusOf = (n) => (n > 8000 ? 2.6 : n > 1500 ? 3.4 : n > 300 ? 4.4 : 5.2);

// Where there are too many to be told apart, only the line of the point in question is drawn, over the rest.
function drawBudgetLines(ctx, scatter) {
  const { lines } = scatter.points;
  if (lines.length > MANY_LINES) return;
  ctx.lineWidth = 1.25;
  ctx.globalAlpha = lines.length > 60 ? 0.25 : 0.4;
  for (const members of lines) drawBudgetLine(ctx, scatter, members);
  ctx.globalAlpha = 1;
}

function drawBudgetLine(ctx, { points, xs, ys, tones }, members) {
  ctx.strokeStyle = tones.groups[points.group[members[0]]];
  ctx.beginPath();
  let down = false;
  for (const at of members) {
    if (!points.shown[at] || !Number.isFinite(xs[at] + ys[at])) continue;
    if (down) ctx.lineTo(xs[at], ys[at]);
    else ctx.moveTo(xs[at], ys[at]);
    down = true;
  }
  ctx.stroke();
}

// Cut at the pane's edge where a logarithmic axis has no place for an end.
function drawBars(ctx, scatter, indexes, alpha, points = scatter.points, [xs, ys] = [scatter.xs, scatter.ys]) {
  const { x, y, tones, linked } = scatter, across = points.columns[linked.data.x], down = points.columns[linked.data.y];
  const within = (pixel, most) => clampedTo(Number.isNaN(pixel) ? most : pixel, 0, most);
  ctx.lineWidth = 1.25;
  ctx.globalAlpha = alpha;
  for (const at of indexes) {
    const pane = scatter.paneOfFacet(points.facet[at]);
    if (!pane || !Number.isFinite(xs[at] + ys[at])) continue;
    const [left, right] = [across.low[at], across.high[at]].map((one) => pane.x + within(x.at(one), pane.w));
    const [low, high] = [down.low[at], down.high[at]].map((one) => pane.y + within(y.at(one), pane.h));
    ctx.strokeStyle = tones.groups[points.group[at]];
    ctx.beginPath();
    if (Math.abs(right - left) > 1) line(ctx, left, ys[at], right - left, 0);
    if (Math.abs(high - low) > 1) line(ctx, xs[at], low, 0, high - low);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

function stampAll(raster, { points, xs, ys, stamps, faintStamps }, indexes) {
  for (const at of indexes) {
    if (!(xs[at] >= 0 && ys[at] >= 0)) continue;
    const kind = points.statusOf(at) >= STATUS.dominated ? faintStamps : stamps;
    raster.stamp(kind[points.group[at]], xs[at], ys[at]);
  }
}

// Front points have a ring, undecided ones half of one.
function drawRings(ctx, scatter, indexes) {
  const { points, xs, ys, radius, tones } = scatter;
  ctx.strokeStyle = tones.text;
  ctx.lineWidth = 1.4;
  for (const at of indexes) {
    const status = points.statusOf(at);
    if ((status !== STATUS.front && status !== STATUS.undecided) || !Number.isFinite(xs[at] + ys[at])) continue;
    ctx.beginPath();
    ctx.arc(xs[at], ys[at], radius + 3, status === STATUS.front ? 0 : Math.PI / 2, status === STATUS.front ? 2 * Math.PI : 1.5 * Math.PI);
    ctx.stroke();
  }
}

// From one front point to the next, along the edge of what they dominate.
function drawFrontSteps(ctx, scatter, front) {
  const { xs, ys, tones, panes, quantities } = scatter;
  ctx.strokeStyle = tones.text;
  ctx.lineWidth = 1.25;
  ctx.globalAlpha = 0.55;
  for (const pane of panes) {
    const members = front.filter((at) => scatter.paneOf(at) === pane).sort((a, b) => xs[a] - xs[b] || ys[a] - ys[b]);
    ctx.beginPath();
    members.forEach((at, place) => {
      if (!place) return ctx.moveTo(xs[at], ys[at]);
      const before = members[place - 1];
      if (quantities.x.better === "lower") ctx.lineTo(xs[at], ys[before]);
      else ctx.lineTo(xs[before], ys[at]);
      ctx.lineTo(xs[at], ys[at]);
    });
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

// Faint ones first, the front last, so that it is never covered.
function drawAllMarks(ctx, scatter) {
  const { points } = scatter, placed = scatter.placed();
  const rank = [1, 3, 2, 0, 0], byRank = [[], [], [], []];
  for (const at of placed) byRank[rank[points.statusOf(at)]].push(at);
  const sorted = byRank.flat(), front = byRank[3];
  drawBudgetLines(ctx, scatter);
  drawFrontSteps(ctx, scatter, front);
  if (placed.length <= FEW_BARS) {
    drawBars(ctx, scatter, byRank[0], 0.25);
    drawBars(ctx, scatter, [...byRank[1], ...byRank[2], ...front], 0.6);
  } else if (front.length + byRank[2].length <= FEW_BARS) drawBars(ctx, scatter, [...byRank[2], ...front], 0.6);
  const raster = new Raster(scatter.full, scatter.linked.ratio, true);
  stampAll(raster, scatter, sorted);
  raster.finish();
  drawRings(ctx, scatter, [...byRank[2], ...front]);
}
