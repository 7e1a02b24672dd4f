// What each pane needs of the server, and its tiles in colour.

const GUTTER = { left: 50, top: 40, between: 14, right: 6, bottom: 10 };
const NARROWEST = 118;

// The panes' rectangles on the canvas, wrapped where the page is narrow.
function arranged(panes, width, tallest) {
  const most = Math.max(1, Math.floor((width - GUTTER.left) / NARROWEST));
  const rows = panes[0].length <= most ? panes : wrapped(panes.flat().filter(Boolean), most);
  const columns = Math.max(...rows.map((row) => row.length));
  const room = (width - GUTTER.left - GUTTER.right - (columns - 1) * GUTTER.between) / columns;
  const side = Math.floor(Math.min(room, tallest));
  const found = [];
  rows.forEach((row, r) => row.forEach((pane, c) => {
    const x = GUTTER.left + c * (side + GUTTER.between);
    const y = GUTTER.top + r * (side + GUTTER.top + GUTTER.bottom);
    if (pane) found.push({ pane, x, y, w: side, h: side, first: c === 0 || !row[c - 1] });
  }));
  return { boxes: found, height: rows.length * (side + GUTTER.top + GUTTER.bottom) };
}

function wrapped(panes, most) {
  const rows = [];
  for (let at = 0; at < panes.length; at += most) rows.push(panes.slice(at, at + most));
  return rows;
}

function addressOf(data, pane, side, { level, row, col }, head = data.head) {
  const asked = { view: pane.view, head, reduce: data.reduce, level, row, col };
  return `${data.tiles}?${new URLSearchParams(asked)}${BETWEEN}${side}`;
}

// Nothing is asked for that is known not to be there.
const hasLevel = (pane, { level }) => pane.kind === "rows" || level < pane.levels;

// The addresses behind one tile of a pane: a ratio is made of two.
function addressesOf(data, pane, tile) {
  if (!hasLevel(pane, tile)) return [];
  const sides = pane.kind === "ratio" ? ["exact", "method"] : pane.kind === "rows" ? [] : [pane.side];
  return sides.map((side) => addressOf(data, side === "exact" ? { view: data.exact } : pane, side, tile));
}

function tileOf(zoom, pane, tile) {
  const parts = addressesOf(zoom.data, pane, tile).map((one) => zoom.tiles.get(one));
  if (!parts.length || parts.some((one) => !one)) return null;
  if (pane.kind !== "ratio") return parts[0];
  const [exact, method] = parts;
  method.ratios = method.ratios || new Map();
  if (!method.ratios.has(exact)) {
    const codes = ratioCodes(exact, method, { of: (one) => zoom.valuesOf(one) });
    method.ratios.clear();
    method.ratios.set(exact, { codes, rows: exact.rows, cols: exact.cols, counts: histogram(codes), ratio: true });
  }
  return method.ratios.get(exact);
}

function drawPane(zoom, box, tiles) {
  const { ctx, view, data } = zoom;
  const sx = box.w / (view.j1 - view.j0), sy = box.h / (view.i1 - view.i0);
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.x, box.y, box.w, box.h);
  ctx.clip();
  ctx.fillStyle = zoom.tones.empty;
  ctx.fillRect(box.x, box.y, box.w, box.h);
  ctx.imageSmoothingEnabled = false;
  if (box.pane.kind === "rows") drawRows(zoom, box, sy);
  else for (const one of tiles) drawTile(zoom, box, one, sx, sy);
  if (data.look.hide && box.pane.kind === "weight") {
    ctx.fillStyle = zoom.tones.hidden;
    const edge = (Math.min(data.look.hide, data.keys) - view.j0) * sx;
    if (edge > 0) ctx.fillRect(box.x, box.y, edge, box.h);
  }
  frameCells(zoom, box, sx, sy);
  ctx.restore();
}

// The tile itself, or as much of it as the nearest coarser tile at hand shows.
function drawTile(zoom, box, one, sx, sy) {
  const { ctx, view, data } = zoom;
  const span = data.tile * 2 ** one.level;
  const x = box.x + (one.col * span - view.j0) * sx, y = box.y + (one.row * span - view.i0) * sy;
  for (let up = 0; one.level + up < data.levels; up += 1) {
    const share = 2 ** up;
    const stand = { level: one.level + up, row: Math.floor(one.row / share), col: Math.floor(one.col / share) };
    const tile = tileOf(zoom, box.pane, stand);
    if (!tile) continue;
    const picture = coloured(tile, zoom.tableOf(box.pane.kind, tile));
    const part = data.tile / share;
    const from = { x: (one.col - stand.col * share) * part, y: (one.row - stand.row * share) * part };
    const w = Math.min(part, tile.cols - from.x), h = Math.min(part, tile.rows - from.y);
    const each = 2 ** stand.level;
    if (w > 0 && h > 0) ctx.drawImage(picture, from.x, from.y, w, h, x, y, w * each * sx, h * each * sy);
    return;
  }
}
