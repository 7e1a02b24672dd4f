// Amounts as words with their units, as the rest of the project writes them.

const TIME = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map((name, at) => [1024 ** at, name]).reverse();
const FLOPS = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"].map((name, at) => [1000 ** at, name]).reverse();
const STEPPED = { s: TIME, bytes: BYTES, FLOPs: FLOPS };
const NO_NUMBER = "–";

// Three significant digits; an exponent only where a row of zeros would be longer. Ticks are round: `bare` drops zeros.
function digits(value, bare = false) {
  if (!Number.isFinite(value)) return NO_NUMBER;
  if (value === 0) return "0";
  const size = Math.abs(value), minus = (text) => text.replaceAll("-", "−");
  if (size < 1e-3 || size >= 1e6) return minus(value.toExponential(2).replace(bare ? /\.?0+e/ : /(?!)/, "e").replace("e+", "e"));
  const places = clampedTo(2 - Math.floor(Math.log10(Number(size.toPrecision(3)))), 0, 4);
  return minus(numberFormat(bare ? 0 : places, bare ? 6 : places).format(value));
}

const formats = new Map();

function numberFormat(least, most) {
  const key = 10 * least + most;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most }));
  return formats.get(key);
}

function amount(value, unit, bare = false) {
  if (!Number.isFinite(value)) return NO_NUMBER;
  const steps = STEPPED[unit];
  if (steps) {
    const [size, name] = steps.find(([least]) => Math.abs(value) >= least * 0.9995) || steps.at(-1);
    return value === 0 ? `0 ${unit === "s" ? "s" : name}` : `${digits(value / size, bare)} ${name}`;
  }
  if (unit === "share" || unit === "%") return `${digits(unit === "%" ? value : 100 * value, bare)}%`;
  return unit === "×" ? `${digits(value, bare)}×` : digits(value, bare);
}

// What a tick does not say: units that stand behind no number on an axis.
function titleOf(quantity) {
  const spoken = STEPPED[quantity.unit] || ["share", "%", "×", "score", ""].includes(quantity.unit);
  return spoken ? quantity.title : `${quantity.title} (${quantity.unit})`;
}

// Within a sentence.
const nounOf = ({ title }) => (/^[A-Z]{2}/.test(title) ? title : title.toLowerCase());

const betterWords = (quantity) => `${quantity.better} is better`;

function withInterval(column, at, unit) {
  const value = column.value[at], low = column.low[at], high = column.high[at];
  const said = amount(value, unit);
  return Number.isFinite(low) && Number.isFinite(high) && (low < value || high > value)
    ? `${said} (${amount(low, unit)} to ${amount(high, unit)})` : said;
}

// With what is to be said of the number, if anything is.
function remarked(column, at, text) {
  const remark = column.remark?.get(at);
  return remark ? `${text}, ${remark}` : text;
}

const clampedTo = (value, low, high) => Math.max(low, Math.min(high, value));
const counted = (number) => numberFormat(0, 0).format(number);
