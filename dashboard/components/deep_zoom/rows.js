// Panes that show one number a query, as bars beside the maps' rows. A row is [from, to, value], null if infinite.

// What is less is rounding.
const NO_ROW = 1e-6;
// The share of the width that a mark of an infinite number takes.
const INFINITE = 0.05;

function drawRows(zoom, box, sy) {
  const { ctx, view } = zoom;
  if (box.pane.note) return void explained(zoom, box, `Not drawn: ${box.pane.note}.`);
  const seen = box.pane.values.filter(([from, to]) => to > view.i0 && from < view.i1);
  const most = zoom.rowTop(box.pane);
  for (const [from, to, value] of seen) {
    const y = box.y + (from - view.i0) * sy, h = Math.max((to - from) * sy, 1 / zoom.ratio);
    ctx.fillStyle = value === null ? zoom.tones.notFinite : zoom.tones.accent;
    const [left, right] = value === null ? [1 - INFINITE, 1] : [0, value > NO_ROW ? Math.min(1, value / most) : 0];
    ctx.fillRect(box.x + left * box.w, y, (right - left) * box.w, h - (h > 4 ? 1 : 0));
  }
}

function rowScale(zoom, box) {
  const most = zoom.rowTop(box.pane);
  zoom.ctx.textAlign = "left";
  zoom.ctx.fillText("0", box.x, box.y - 6);
  if (box.pane.note) return;
  zoom.ctx.textAlign = "right";
  zoom.ctx.fillText(`${most > NO_ROW ? roughly(most) : 0} ${box.pane.unit}`, box.x + box.w, box.y - 6);
}

// Why there are no numbers, broken into lines that fit.
function explained(zoom, box, text) {
  const { ctx } = zoom, lines = [""];
  ctx.font = `12px ${zoom.font}`;
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (ctx.measureText(longer).width > box.w - 20) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  ctx.fillStyle = zoom.tones.muted;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  lines.forEach((line, at) => ctx.fillText(line, box.x + 10, box.y + 24 + at * 17));
}
