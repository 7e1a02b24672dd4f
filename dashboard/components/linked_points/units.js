// Amounts as words with their units, as the rest of the project writes them.

const TIME = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map((name, at) => [1024 ** at, name]).reverse();
const FLOPS = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"].map((name, at) => [1000 ** at, name]).reverse();
const STEPPED = { s: TIME, bytes: BYTES, FLOPs: FLOPS };
const NO_NUMBER = "–";

// Three significant digits; an exponent only where a row of zeros would be longer.
function digits(value, places = 3) {
  if (!Number.isFinite(value)) return NO_NUMBER;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(places - 1).replace(/\.?0+e/, "e").replace("e+", "e").replace("-", "−");
  const rounded = Number(value.toPrecision(places));
  return rounded.toLocaleString("en", { maximumFractionDigits: 6 }).replace("-", "−");
}

function amount(value, unit, places = 3) {
  if (!Number.isFinite(value)) return NO_NUMBER;
  if (STEPPED[unit]) {
    const steps = STEPPED[unit];
    const [size, name] = steps.find(([least]) => Math.abs(value) >= least * 0.9995) || steps.at(-1);
    return value === 0 ? `0 ${unit === "s" ? "s" : steps.at(-1)[1]}` : `${digits(value / size, places)} ${name}`;
  }
  if (unit === "share" || unit === "%") return `${digits(unit === "%" ? value : 100 * value, places)} %`;
  if (unit === "×") return `${digits(value, places)}×`;
  return digits(value, places);
}

// What a tick does not say: units that stand behind no number on an axis.
function titleOf(quantity) {
  const spoken = STEPPED[quantity.unit] || ["share", "%", "×", "score", ""].includes(quantity.unit);
  return spoken ? quantity.title : `${quantity.title} (${quantity.unit})`;
}

const betterWords = (quantity) => `${quantity.better} is better`;

function withInterval(column, at, unit) {
  const value = column.value[at], low = column.low[at], high = column.high[at];
  const said = amount(value, unit);
  return Number.isFinite(low) && Number.isFinite(high) && (low < value || high > value)
    ? `${said} (${amount(low, unit)} to ${amount(high, unit)})` : said;
}

const counted = (number) => number.toLocaleString("en");
