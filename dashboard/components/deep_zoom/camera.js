// Which part of the matrix is seen: {i0, i1, j0, j1} in queries and keys, as fractions of a cell where they fall.

const LEAST_CELLS = 8;

const whole = (size) => ({ i0: 0, i1: size.queries, j0: 0, j1: size.keys });

// Both sides keep their share of the matrix, so that one zoom holds for matrices that are not square too.
function within(view, size) {
  const least = Math.min(1, Math.max(LEAST_CELLS / size.queries, LEAST_CELLS / size.keys));
  const share = Math.min(1, Math.max(least, (view.i1 - view.i0) / size.queries));
  const span = { i: share * size.queries, j: share * size.keys };
  const middle = { i: (view.i0 + view.i1) / 2, j: (view.j0 + view.j1) / 2 };
  const i0 = Math.min(Math.max(middle.i - span.i / 2, 0), size.queries - span.i);
  const j0 = Math.min(Math.max(middle.j - span.j / 2, 0), size.keys - span.j);
  return { i0, i1: i0 + span.i, j0, j1: j0 + span.j };
}

// The cell under (i, j) stays where it is on the screen.
function zoomed(view, factor, i, j, size) {
  const spans = { i: view.i1 - view.i0, j: view.j1 - view.j0 };
  const least = Math.max(LEAST_CELLS / size.queries, LEAST_CELLS / size.keys);
  const share = Math.min(1, Math.max(Math.min(1, least), spans.i / size.queries / factor));
  const by = (share * size.queries) / spans.i;
  const i0 = i - (i - view.i0) * by, j0 = j - (j - view.j0) * by;
  return within({ i0, i1: i0 + spans.i * by, j0, j1: j0 + spans.j * by }, size);
}

function moved(view, di, dj, size) {
  return within({ i0: view.i0 + di, i1: view.i1 + di, j0: view.j0 + dj, j1: view.j1 + dj }, size);
}

// The level whose pixels are one to two pixels of the screen: nothing is dropped, nothing is fetched for nothing.
function levelOf(view, width, height, ratio, levels) {
  const each = Math.max((view.j1 - view.j0) / (width * ratio), (view.i1 - view.i0) / (height * ratio));
  return Math.min(levels - 1, Math.max(0, Math.ceil(Math.log2(each) - 1e-9)));
}

// The tiles of a level that touch the view, those in the middle first.
function tilesIn(view, level, tile, size) {
  const span = tile * 2 ** level;
  const found = [];
  const last = { row: Math.ceil(size.queries / span) - 1, col: Math.ceil(size.keys / span) - 1 };
  for (let row = Math.floor(view.i0 / span); row <= Math.min(last.row, Math.ceil(view.i1 / span) - 1); row += 1)
    for (let col = Math.floor(view.j0 / span); col <= Math.min(last.col, Math.ceil(view.j1 / span) - 1); col += 1)
      found.push({ level, row, col });
  const middle = { row: (view.i0 + view.i1) / 2 / span - 0.5, col: (view.j0 + view.j1) / 2 / span - 0.5 };
  const away = (one) => Math.hypot(one.row - middle.row, one.col - middle.col);
  return found.sort((a, b) => away(a) - away(b));
}

const rounded = (view) => [view.i0, view.i1, view.j0, view.j1].map((one) => Math.round(one));

function fromRounded(numbers, size) {
  const [i0, i1, j0, j1] = numbers;
  return within({ i0, i1, j0, j1 }, size);
}
