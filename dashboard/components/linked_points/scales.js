// From a quantity to pixels and back, and ticks at round numbers that never overlap.

const PAD = 0.045;

function finiteRange(columns, log) {
  let lo = Infinity, hi = -Infinity;
  for (const values of columns)
    for (const value of values)
      if (Number.isFinite(value) && (!log || value > 0)) {
        if (value < lo) lo = value;
        if (value > hi) hi = value;
      }
  if (lo > hi) return log ? [1, 10] : [0, 1];
  if (lo < hi) return [lo, hi];
  return log ? [lo / 2, hi * 2] : [lo - (Math.abs(lo) * 0.1 || 1), hi + (Math.abs(hi) * 0.1 || 1)];
}

// `from` and `to` are pixels; from > to turns the axis round. `pad` is the share of the length left free at both ends.
function makeScale(quantity, [lo, hi], from, to, pad = PAD) {
  const { log, unit } = quantity, bend = log ? Math.log10 : (value) => value;
  let a = bend(lo), b = bend(hi);
  const room = (b - a) * pad;
  a -= room;
  b += room;
  const each = (to - from) / (b - a);
  return {
    log, unit, from, to, lo: log ? 10 ** a : a, hi: log ? 10 ** b : b,
    at: (value) => from + (bend(value) - a) * each,
    value: (pixel) => (log ? 10 ** (a + (pixel - from) / each) : a + (pixel - from) / each),
  };
}

const binary = (unit) => unit === "bytes";

function* logCandidates(scale) {
  const { lo, hi, unit } = scale;
  const base = binary(unit) ? 2 : 10, log = (value) => Math.log(value) / Math.log(base);
  const first = Math.floor(log(lo)), last = Math.ceil(log(hi));
  const inside = (values) => values.filter((value) => value >= lo && value <= hi);
  const powers = (every) => {
    const found = [];
    for (let power = Math.ceil(first / every) * every; power <= last; power += every) found.push(base ** power);
    return found;
  };
  if (base === 10) yield inside(powers(1).flatMap((power) => [1, 2, 5].map((one) => one * power)));
  for (const every of [1, 2, 3, 4, 5, 6, 8, 10, 20]) yield inside(powers(every));
}

function linearSteps(scale, many) {
  const span = scale.hi - scale.lo, least = span / many;
  const base = binary(scale.unit) ? 2 : 10;
  const power = base ** Math.floor(Math.log(least) / Math.log(base));
  const step = (base === 2 ? [1, 2] : [1, 2, 5, 10]).map((one) => one * power).find((one) => one >= least * 0.999) || 2 * power;
  const found = [];
  // A linear share is a part of one: there is nothing beyond.
  const most = scale.unit === "share" && !scale.log ? Math.min(1, scale.hi) : scale.hi;
  for (let at = Math.ceil(scale.lo / step); at * step <= most; at += 1) found.push(Number((at * step).toPrecision(12)));
  return found;
}

// `size` gives the pixels that a label takes along the axis, `gap` what stays free between two.
function ticksOf(scale, size, gap) {
  const named = (values) => values.map((value) => ({ value, at: scale.at(value), text: amount(value, scale.unit, true) }));
  const fits = (ticks) => ticks.every((tick, at) => !at
    || Math.abs(tick.at - ticks[at - 1].at) >= (size(tick.text) + size(ticks[at - 1].text)) / 2 + gap);
  const tries = scale.log ? [...logCandidates(scale)] : [];
  const enough = tries.filter((values) => values.length >= 2).map(named).find(fits);
  if (enough) return enough;
  for (let many = 7; many >= 1; many -= 1) {
    const ticks = named(linearSteps(scale, many)).filter((tick) => !scale.log || tick.value > 0);
    if (ticks.length && fits(ticks)) return ticks;
  }
  return named(tries.find((values) => values.length === 1) || []);
}
