// Where the small pictures of the scatter lie, and what is written around them.

const GUTTER = { left: 66, right: 14, top: 30, bottom: 44, head: 22, between: 18 };
const LEAST_PANE = 200, LEAST_HEIGHT = 190;

// One pane, or one a facet: beside each other as long as each keeps its width. Equal scales in all of them.
function arrangedPanes(facets, width, height) {
  const names = facets.length ? facets : [null];
  const room = width - GUTTER.left - GUTTER.right;
  const across = Math.max(1, Math.min(names.length, Math.floor((room + GUTTER.between) / (LEAST_PANE + GUTTER.between)), 4));
  const rows = Math.ceil(names.length / across), head = facets.length ? GUTTER.head : 0;
  const w = Math.floor((room - (across - 1) * GUTTER.between) / across);
  const h = rows === 1 ? height - GUTTER.top - GUTTER.bottom - head : Math.max(LEAST_HEIGHT, Math.round(height / 2) - GUTTER.bottom - head);
  const down = h + head + GUTTER.bottom - 10;
  const panes = names.map((name, at) => ({
    name, facet: facets.length ? at : -1, first: at % across === 0, last: at + across >= names.length,
    x: GUTTER.left + (at % across) * (w + GUTTER.between), y: GUTTER.top + head + Math.floor(at / across) * down, w, h,
  }));
  return { panes, height: GUTTER.top + rows * down + 10 };
}

const labelFont = (font) => `12px ${font}`;

function drawPaneFrames(ctx, scatter) {
  const { panes, x, y, tones, font, quantities } = scatter;
  ctx.font = labelFont(font);
  const wide = (text) => ctx.measureText(text).width;
  const across = ticksOf(x, wide, 14), down = ticksOf(y, () => 13, 16);
  ctx.textBaseline = "middle";
  for (const pane of panes) {
    ctx.strokeStyle = tones.grid;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const tick of across) line(ctx, pane.x + Math.round(tick.at) + 0.5, pane.y, 0, pane.h);
    for (const tick of down) line(ctx, pane.x, pane.y + Math.round(tick.at) + 0.5, pane.w, 0);
    ctx.stroke();
    drawBreaks(ctx, scatter, pane);
    ctx.fillStyle = tones.muted;
    ctx.textAlign = "center";
    // Not beyond the pane: another one's numbers begin there.
    for (const tick of across) {
      const half = wide(tick.text) / 2;
      ctx.fillText(tick.text, pane.x + clampedTo(tick.at, half, pane.w - half), pane.y + pane.h + 13);
    }
    ctx.textAlign = "right";
    if (pane.first) for (const tick of down) ctx.fillText(tick.text, pane.x - 8, pane.y + tick.at);
    if (pane.name === null) continue;
    ctx.fillStyle = tones.text;
    ctx.textAlign = "left";
    ctx.font = `600 12.5px ${font}`;
    ctx.fillText(shortened(ctx, pane.name, pane.w), pane.x, pane.y - 12);
    ctx.font = labelFont(font);
  }
  const bottom = panes.filter((pane) => pane.last), end = bottom.at(-1);
  axisTitle(ctx, scatter, quantities.y, "left", 4, 12, scatter.width - 8);
  axisTitle(ctx, scatter, quantities.x, "right", end.x + end.w, end.y + end.h + 33, end.x + end.w - 8);
}

// A stretch that is drawn short is pale across the pane, with two strokes where it meets the axis.
function drawBreaks(ctx, { x, y, tones }, pane) {
  const [across, down] = [x, y].map(insideOf);
  ctx.fillStyle = tones.grid;
  ctx.globalAlpha = 0.4;
  if (across) ctx.fillRect(pane.x + across[0], pane.y, across[1] - across[0], pane.h);
  if (down) ctx.fillRect(pane.x, pane.y + down[0], pane.w, down[1] - down[0]);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = tones.muted;
  ctx.lineWidth = 1.4;
  ctx.beginPath();
  for (const side of [-2, 2]) {
    if (across) line(ctx, pane.x + (across[0] + across[1]) / 2 + side - 2.5, pane.y + pane.h + 5, 5, -10);
    if (down) line(ctx, pane.x - 5, pane.y + (down[0] + down[1]) / 2 + side + 2.5, 10, -5);
  }
  ctx.stroke();
  ctx.lineWidth = 1;
}

// Not as far as the points at both ends.
function insideOf({ gap, at }) {
  if (!gap) return null;
  const [one, two] = gap.map(at).sort((one, two) => one - two), inset = 0.3 * (two - one);
  return [one + inset, two - inset];
}

function line(ctx, x, y, right, down) {
  ctx.moveTo(x, y);
  ctx.lineTo(x + right, y + down);
}

// The title in ink, which way is better in grey, so that neither is missed.
function axisTitle(ctx, { tones, font }, quantity, side, x, y, most) {
  ctx.textAlign = "left";
  ctx.font = `600 12.5px ${font}`;
  const title = shortened(ctx, titleOf(quantity), most * 0.6), wide = ctx.measureText(title).width;
  ctx.font = labelFont(font);
  const hint = `  ${betterWords(quantity)}`, all = wide + ctx.measureText(hint).width;
  const from = side === "left" ? x : x - all;
  ctx.fillStyle = tones.muted;
  ctx.fillText(hint, from + wide, y);
  ctx.font = `600 12.5px ${font}`;
  ctx.fillStyle = tones.text;
  ctx.fillText(title, from, y);
}

function shortened(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  let kept = text.slice(0, 200);
  while (kept && ctx.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
