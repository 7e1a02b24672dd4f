// From a tile's codes to colours. A table of 256 colours is made anew when palette, scale or clip change; tiles stay.

const VIRIDIS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"];
const FLOOR = 1e-6;
// Ratios are coded here, not by the server: steps of an eighth of a doubling around the middle code.
const RATIO_MIDDLE = 128, RATIO_STEP = 0.125;
const MASKED = 0, NOT_FINITE = 1, ZERO = 2;
// Signed numbers are drawn linearly up to this share of the largest, then by their logarithm.
const LINEAR_SHARE = 1 / 30;

function channels(hex) {
  const number = parseInt(hex.replace("#", ""), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

function mixed(anchors, place) {
  const at = Math.min(Math.max(place, 0), 1) * (anchors.length - 1);
  const low = Math.min(Math.floor(at), anchors.length - 2), share = at - low;
  const [from, to] = [channels(anchors[low]), channels(anchors[low + 1])];
  return from.map((one, c) => Math.round(one + (to[c] - one) * share));
}

// Little endian, as canvases want it.
const packed = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

// Where a number lies between the ends of its colours, from 0 to 1.
function placeOf(value, kind, scale, top) {
  if (kind === "ratio") return 0.5 + value / (2 * top);
  if (kind === "signed") {
    if (scale === "linear") return 0.5 + value / (2 * top);
    const bend = top * LINEAR_SHARE;
    return 0.5 + (0.5 * Math.sign(value) * Math.log1p(Math.abs(value) / bend)) / Math.log1p(top / bend);
  }
  if (scale === "linear") return value / top;
  return Math.log(value / FLOOR) / Math.log(Math.max(top, 10 * FLOOR) / FLOOR);
}

function colourOf(value, kind, look, top, tones) {
  if (kind !== "weight") return mixed(tones.signed, placeOf(value, kind, look.scale, top));
  if (value < 0) return channels(tones.negative);
  return mixed(VIRIDIS, value > 0 ? placeOf(value, kind, look.scale, top) : 0);
}

// `values` holds what each code stands for, null where it stands for no number.
function colourTable(values, kind, look, top, tones) {
  const table = new Uint32Array(256);
  for (let code = 0; code < 256; code += 1) {
    const special = code === MASKED ? tones.masked : code === NOT_FINITE ? tones.notFinite : null;
    const value = values[code];
    const colour = special ? channels(special)
      : value === null || value === undefined ? channels(tones.masked)
        : colourOf(value, kind, look, top, tones);
    table[code] = packed(colour);
  }
  return table;
}

function ratioValues() {
  const values = new Array(256).fill(null);
  for (let code = 3; code < 256; code += 1) values[code] = (code - RATIO_MIDDLE) * RATIO_STEP;
  return values;
}

// How much more the method gives than exact attention, in doublings; masked where either gives nothing.
function ratioCodes(exact, method, values) {
  const codes = new Uint8Array(exact.codes.length);
  for (let at = 0; at < codes.length; at += 1) {
    const [a, b] = [exact.codes[at], method.codes[at]];
    const [from, to] = [values.of(exact)[a], values.of(method)[b]];
    if (a === NOT_FINITE || b === NOT_FINITE) codes[at] = NOT_FINITE;
    else if (!(from > 0) || !(to > 0)) codes[at] = MASKED;
    else codes[at] = Math.min(255, Math.max(3, Math.round(Math.log2(to / from) / RATIO_STEP) + RATIO_MIDDLE));
  }
  return codes;
}

function histogram(codes) {
  const counts = new Uint32Array(256);
  for (const code of codes) counts[code] += 1;
  return counts;
}
