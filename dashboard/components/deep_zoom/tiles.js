// Tiles by their address: fetched when wanted, kept while there is room, the longest unused go first. An address is a
// place and a side of it; the sides of one place are asked for together, since the server reads them together.

// 64 KiB of codes and 256 KiB of colours each: 60 MiB at most.
const MOST_TILES = 192;
const AT_ONCE = 6;
const BETWEEN = "#";

const groupOf = (address) => address.split(BETWEEN)[0];
const sideOf = (address) => address.split(BETWEEN)[1];

class Tiles {
  constructor(onChange) {
    this.known = new Map();
    this.loading = new Map();
    this.refused = new Map();
    this.onChange = onChange;
    this.queue = [];
  }

  get(address) {
    const found = this.known.get(address);
    if (found) {
      this.known.delete(address);
      this.known.set(address, found);
    }
    return found;
  }

  // What is drawn now needs these, in this order. What is still on its way for an earlier view is given up.
  want(addresses) {
    const wanted = new Set(addresses);
    const needed = new Set([...this.loading].filter(([one]) => wanted.has(one)).map(([, abort]) => abort));
    for (const abort of this.loading.values()) if (!needed.has(abort)) abort.abort();
    this.queue = addresses.filter(
      (one) => !this.known.has(one) && !this.loading.has(one) && !this.refused.has(one),
    );
    this.work();
  }

  missing(addresses) {
    return addresses.filter((one) => !this.known.has(one) && !this.refused.has(one)).length;
  }

  // A new state of the overview, or new settings: ask again for what was refused.
  forgive() {
    this.refused.clear();
  }

  work() {
    while (this.queue.length && new Set(this.loading.values()).size < AT_ONCE) {
      const place = groupOf(this.queue[0]);
      const together = this.queue.filter((one) => groupOf(one) === place);
      this.queue = this.queue.filter((one) => groupOf(one) !== place);
      this.load(place, together);
    }
  }

  async load(place, addresses) {
    const abort = new AbortController();
    for (const one of addresses) this.loading.set(one, abort);
    try {
      const answer = await fetch(`${place}&side=${addresses.map(sideOf).join(",")}`, { signal: abort.signal });
      if (answer.ok) this.keep(addresses, answer, new Uint8Array(await answer.arrayBuffer()));
      else this.refuse(addresses, { status: answer.status, text: await refusal(answer) });
    } catch (problem) {
      if (problem.name !== "AbortError") this.refuse(addresses, { status: 0, text: "The server does not answer." });
    }
    for (const one of addresses) if (this.loading.get(one) === abort) this.loading.delete(one);
    this.work();
    this.onChange();
  }

  refuse(addresses, why) {
    for (const one of addresses) this.refused.set(one, why);
  }

  keep(addresses, answer, bytes) {
    const shape = { rows: Number(answer.headers.get("X-Rows")), cols: Number(answer.headers.get("X-Cols")) };
    const signs = answer.headers.get("X-Signed").split(",");
    const each = shape.rows * shape.cols;
    addresses.forEach((address, at) => {
      const codes = bytes.subarray(at * each, (at + 1) * each);
      this.add(address, { codes, ...shape, signed: signs[at] === "1", counts: histogram(codes) });
    });
  }

  add(address, tile) {
    this.known.set(address, tile);
    while (this.known.size > MOST_TILES) this.known.delete(this.known.keys().next().value);
  }
}

// The server says why in one sentence.
async function refusal(answer) {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text);
    return `${error[0].toUpperCase()}${error.slice(1)}.`;
  } catch {
    return text.slice(0, 200) || `The server answered ${answer.status}.`;
  }
}

// The tile as a picture in these colours, made once for each table.
function coloured(tile, table) {
  if (tile.table === table) return tile.picture;
  tile.picture = tile.picture || new OffscreenCanvas(tile.cols, tile.rows);
  const pixels = new Uint32Array(tile.codes.length);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = table[tile.codes[at]];
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), tile.cols, tile.rows);
  tile.picture.getContext("2d").putImageData(image, 0, 0);
  tile.table = table;
  return tile.picture;
}
