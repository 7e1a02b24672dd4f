// The whole matrix, small, and the box that is seen.

// The first whose coarsest tile can be had: before the overview is made, a method's of factors.
function smallPane(zoom) {
  const panes = zoom.boxes.map((box) => box.pane).filter((pane) => pane.kind === "weight");
  return panes.find((pane) => hasLevel(pane, zoom.topTile()));
}

function drawMinimap(zoom) {
  const { mini, data, view, ratio } = zoom;
  const side = mini.clientWidth, ctx = mini.getContext("2d");
  mini.width = mini.height = Math.round(side * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const pane = smallPane(zoom);
  mini.title = pane ? pane.title : "";
  const tile = pane && tileOf(zoom, pane, zoom.topTile());
  ctx.fillStyle = zoom.tones.empty;
  ctx.fillRect(0, 0, side, side);
  if (tile) {
    const each = 2 ** (data.levels - 1);
    const shares = { x: (tile.cols * each) / data.keys, y: (tile.rows * each) / data.queries };
    ctx.drawImage(coloured(tile, zoom.tableOf("weight", tile)), 0, 0, side * shares.x, side * shares.y);
  }
  const at = { x: (view.j0 / data.keys) * side, y: (view.i0 / data.queries) * side };
  const size = { x: ((view.j1 - view.j0) / data.keys) * side, y: ((view.i1 - view.i0) / data.queries) * side };
  const shown = { x: Math.max(size.x, 6), y: Math.max(size.y, 6) };
  const corner = [Math.min(at.x, side - shown.x) + 1, Math.min(at.y, side - shown.y) + 1];
  ctx.lineWidth = 4;
  ctx.strokeStyle = zoom.tones.page;
  ctx.strokeRect(...corner, shown.x - 2, shown.y - 2);
  ctx.lineWidth = 2;
  ctx.strokeStyle = zoom.tones.accent;
  ctx.strokeRect(...corner, shown.x - 2, shown.y - 2);
}
