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

// Exact methods err by rounding alone, a millionth of what others err by: in true proportion most of the picture would
// be empty. The widest stretch of a logarithmic axis in which nothing lies is drawn short, and marked, where it is this
// many powers of ten and more than the rest of the axis, of which it keeps a share. Exported figures do the same.
const WIDE = 2, SHORT = 0.15;

// What is longer than all the rest lies across the middle.
function gapOf(columns, [lo, hi], log) {
  if (!log) return null;
  const middle = Math.sqrt(lo) * Math.sqrt(hi);
  let below = lo, above = hi;
  for (const values of columns)
    for (const value of values)
      if (value > middle ? value < above : value > below) {
        if (value > middle) above = value;
        else below = value;
      }
  const [from, to] = [below, above].map(Math.log10), widest = to - from, rest = Math.log10(hi / lo) - widest;
  return widest >= WIDE && widest > rest && rest > 1e-9 ? { from, to, kept: rest * SHORT } : null;
}

// `from` and `to` are pixels; from > to turns the axis round. `pad` is the share of the length left free at both ends;
// `bars` are ends of intervals, which are shown too.
function makeScale(quantity, columns, from, to, pad = PAD, bars = []) {
  const { log, unit } = quantity, gap = gapOf(columns, finiteRange(columns, log), log), range = finiteRange([...columns, ...bars], log);
  const [forth, back] = log ? [Math.log10, (power) => 10 ** power] : [(value) => value, (value) => value];
  const straight = gap && [gap.from, gap.to], bent = gap && [gap.from, gap.from + gap.kept];
  const bend = gap ? (value) => along(forth(value), straight, bent) : forth;
  const unbend = gap ? (place) => back(along(place, bent, straight)) : back;
  let [a, b] = range.map(bend);
  const room = (b - a) * pad;
  a -= room;
  b += room;
  const each = (to - from) / (b - a), at = (value) => from + (bend(value) - a) * each;
  return {
    log, unit, range, from, to, lo: unbend(a), hi: unbend(b), at, value: (pixel) => unbend(a + (pixel - from) / each),
    gap: gap && [gap.from, gap.to].map(back),
  };
}

// What lies between the ends of `one` is stretched to those of `other`, and what lies beyond is moved along.
function along(value, one, other) {
  if (value <= one[0]) return value + other[0] - one[0];
  if (value >= one[1]) return value + other[1] - one[1];
  return other[0] + ((value - one[0]) * (other[1] - other[0])) / (one[1] - one[0]);
}

const binary = (unit) => unit === "bytes";

function* logCandidates(scale) {
  const { lo, hi, unit } = scale;
  const base = binary(unit) ? 2 : 10, log = (value) => Math.log(value) / Math.log(base);
  const first = Math.floor(log(lo)), last = Math.ceil(log(hi));
  const inside = (values) => withEnds(scale, values.filter((value) => value >= lo && value <= hi));
  const powers = (every) => {
    const found = [];
    for (let power = Math.ceil(first / every) * every; power <= last; power += every) found.push(base ** power);
    return found;
  };
  if (base === 10) yield inside(powers(1).flatMap((power) => [1, 2, 5].map((one) => one * power)));
  for (const every of [1, 2, 3, 4, 5, 6, 8, 10, 20]) yield inside(powers(every));
}

// None in a stretch that is drawn short; a part beside it that holds no round number gets its last point, as round as it
// can be said there.
function withEnds({ gap, lo, hi }, values) {
  if (!gap) return values;
  return [[lo, gap[0], gap[0]], [gap[1], hi, gap[1]]].flatMap(([from, to, named]) => {
    const own = values.filter((value) => value >= from && value <= to);
    return own.length ? own : [roundedWithin(named, from, to)];
  });
}

// Up or down to as few digits as keep it there.
function roundedWithin(value, from, to) {
  const power = Math.floor(Math.log10(value));
  for (let digits = 0; digits < 16; digits += 1)
    for (const round of [Math.floor, Math.ceil]) {
      const step = 10 ** (power - digits), found = Number((round(value / step) * step).toPrecision(digits + 1));
      if (found >= from && found <= to) return found;
    }
  return value;
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
