// Around the tiles: axes, titles, the pinned cell and the cursor.

function frameCells(zoom, box, sx, sy) {
  const { ctx, view, data } = zoom;
  const frame = ([i, j], colour, width, least) => {
    const w = Math.max(sx, least), h = Math.max(sy, least);
    const x = box.x + (j + 0.5 - view.j0) * sx - w / 2, y = box.y + (i + 0.5 - view.i0) * sy - h / 2;
    ctx.lineWidth = width + 2;
    ctx.strokeStyle = zoom.tones.page;
    ctx.strokeRect(x, y, w, h);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.strokeRect(x, y, w, h);
  };
  if (box.pane.kind === "rows") {
    const y = box.y + (data.pin[0] + 0.5 - view.i0) * sy;
    ctx.fillStyle = zoom.tones.text;
    ctx.fillRect(box.x, y - 0.75, box.w, 1.5);
    return;
  }
  frame(data.pin, zoom.tones.accent, 2, 9);
  if (zoom.cursor && zoom.keyed) frame(zoom.cursor, zoom.tones.text, 1.5, 11);
}

function drawAxes(zoom, box) {
  const { ctx, view, data } = zoom;
  ctx.strokeStyle = zoom.tones.border;
  ctx.lineWidth = 1;
  ctx.strokeRect(box.x - 0.5, box.y - 0.5, box.w + 1, box.h + 1);
  ctx.fillStyle = zoom.tones.text;
  ctx.font = `600 13px ${zoom.font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText(shortened(ctx, box.pane.title, box.w), box.x, box.y - 25);
  ctx.fillStyle = zoom.tones.muted;
  ctx.font = `11px ${zoom.font}`;
  if (box.pane.kind === "rows") return void rowScale(zoom, box);
  const columns = ticks(view.j0, view.j1, box.w, data.labels.key, 34);
  ctx.textAlign = "center";
  for (const [at, text] of columns) {
    const x = box.x + ((at + 0.5 - view.j0) * box.w) / (view.j1 - view.j0), half = ctx.measureText(text).width / 2;
    // Further out it would run into the next pane's.
    if (x - half > box.x - GUTTER.between / 2 && x + half < box.x + box.w + GUTTER.between / 2) ctx.fillText(text, x, box.y - 6);
  }
  if (!box.first) return;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const [at, text] of ticks(view.i0, view.i1, box.h, data.labels.query, 13))
    ctx.fillText(shortened(ctx, text, GUTTER.left - 8), box.x - 6,
      box.y + ((at + 0.5 - view.i0) * box.h) / (view.i1 - view.i0));
}

// Tokens while each finds room, positions at round numbers beyond.
function ticks(from, to, pixels, labels, room) {
  const each = pixels / (to - from);
  const step = labels && each >= room ? 1 : roundStep((to - from) / Math.max(2, pixels / 62));
  const found = [];
  for (let at = Math.ceil((from - 0.49) / step) * step; at < to - 0.49; at += step)
    if (at >= 0) found.push([at, step === 1 && labels && each >= room ? labels[at] : grouped(at)]);
  return found;
}

function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return Math.max(1, [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least));
}

function shortened(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  let kept = text;
  while (kept && ctx.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
