// Where the colours end: a percentile of what can be seen, and of nothing else.

// Panes that mean the same share their colours: weights of all methods, and errors of all methods. While tiles are
// missing the colours stay: else each tile that comes would have all others coloured anew.
function groupTops(zoom, places, missing) {
  const tops = {};
  for (const kind of ["weight", "signed", "ratio"]) {
    if (missing && zoom.settled[kind]) {
      tops[kind] = zoom.settled[kind];
      continue;
    }
    const totals = new Map();
    for (const { pane } of zoom.boxes.filter((box) => box.pane.kind === kind))
      for (const place of places) {
        const tile = tileOf(zoom, pane, place);
        if (tile) addCounts(totals, zoom.valuesOf(tile), countsInView(zoom, kind, tile, place));
      }
    const top = totals.size ? topOf(totals, kind, zoom.data.look.clip) : zoom.tops?.[kind] || 1;
    tops[kind] = kind === "ratio" ? Math.min(Math.max(top, 1), 10) : top;
    if (!missing && totals.size) zoom.settled[kind] = tops[kind];
  }
  return tops;
}

// Histograms of one table of values are added up, so that each number is looked at once.
function addCounts(totals, values, counts) {
  if (!totals.has(values)) totals.set(values, new Float64Array(256));
  const total = totals.get(values);
  for (let code = 0; code < 256; code += 1) total[code] += counts[code];
}

// A tile's pixels that the view touches. A pixel with a hidden key in it counts as hidden: the sink may be all of it.
function pixelsInView({ view, data }, kind, tile, { level, row, col }) {
  const each = 2 ** level, top = row * data.tile, left = col * data.tile;
  const hidden = kind === "weight" ? Math.ceil(data.look.hide / each) : 0;
  return {
    r0: Math.max(0, Math.floor(view.i0 / each) - top), r1: Math.min(tile.rows, Math.ceil(view.i1 / each) - top),
    c0: Math.max(0, Math.floor(view.j0 / each) - left, hidden - left),
    c1: Math.min(tile.cols, Math.ceil(view.j1 / each) - left),
  };
}

// Counted anew only where another part of the tile is seen than before.
function countsInView(zoom, kind, tile, place) {
  const { r0, r1, c0, c1 } = pixelsInView(zoom, kind, tile, place);
  if (!r0 && !c0 && r1 === tile.rows && c1 === tile.cols) return tile.counts;
  const part = `${r0} ${r1} ${c0} ${c1}`;
  if (tile.seenPart !== part) {
    tile.seenPart = part;
    tile.seenCounts = histogramOf(tile.codes, tile.cols, r0, r1, c0, c1);
  }
  return tile.seenCounts;
}

function histogramOf(codes, cols, r0, r1, c0, c1) {
  const counts = new Uint32Array(256);
  for (let row = r0; row < r1; row += 1)
    for (let at = row * cols + c0; at < row * cols + c1; at += 1) counts[codes[at]] += 1;
  return counts;
}

// The number below which `clip` percent of the drawn magnitudes lie. Negative weights have a colour of their own.
function topOf(totals, kind, clip) {
  const bySize = new Map();
  let all = 0;
  for (const [values, counts] of totals) {
    for (let code = ZERO; code < 256; code += 1) {
      const value = values[code];
      if (!counts[code] || value === null || value === undefined || (kind === "weight" && value < 0)) continue;
      const size = Math.abs(value);
      bySize.set(size, (bySize.get(size) || 0) + counts[code]);
      all += counts[code];
    }
  }
  let left = (all * Math.min(clip, 100)) / 100;
  for (const size of [...bySize.keys()].sort((a, b) => a - b)) {
    left -= bySize.get(size);
    if (left <= 1e-9) return size > 0 ? size : 1;
  }
  return 1;
}
