// The points as columns, what is shown of them, and which of them a brush holds.

const STATUS = { none: 0, front: 1, undecided: 2, dominated: 3, older: 4 };
const EMPTY = new Float32Array(0);

function columnsOf(table, many) {
  const numbers = (name) => table.getChild(name)?.toArray();
  return Array.from({ length: many }, (_, at) => {
    const value = numbers(`q${at}`) || EMPTY;
    return { value, low: numbers(`q${at}_low`) || value, high: numbers(`q${at}_high`) || value, remark: table.getChild(`q${at}_remark`) };
  });
}

class Points {
  constructor(table, data) {
    this.n = table.numRows;
    this.columns = columnsOf(table, data.quantities.length);
    const numbers = (name) => table.getChild(name).toArray();
    [this.group, this.line, this.facet, this.order] = ["group", "line", "facet", "order"].map(numbers);
    this.ids = table.getChild("id");
    this.labels = table.getChild("label");
    this.texts = data.texts.map((_, at) => table.getChild(`t${at}`));
    this.shown = new Uint8Array(this.n).fill(1);
    this.inside = new Uint8Array(this.n).fill(1);
    this.lines = this.budgetLines();
    // Any first part of it is a fair sample: what is drawn little by little looks like the whole from the start.
    this.shuffled = shuffledIndexes(this.n);
  }

  budgetLines() {
    const groups = new Map();
    for (let at = 0; at < this.n; at += 1) {
      const line = this.line[at];
      if (line < 0) continue;
      if (!groups.has(line)) groups.set(line, []);
      groups.get(line).push(at);
    }
    const { order } = this;
    return [...groups.values()].filter((one) => one.length > 1).map((one) => one.sort((a, b) => order[a] - order[b]));
  }

  show(hidden, status, hideDominated) {
    this.status = status;
    for (let at = 0; at < this.n; at += 1)
      this.shown[at] = !hidden.has(this.group[at]) && !(hideDominated && status?.[at] === STATUS.dominated);
  }

  statusOf(at) {
    return this.status ? this.status[at] : STATUS.none;
  }

  front() {
    const found = [];
    if (this.status) for (let at = 0; at < this.n; at += 1) if (this.shown[at] && this.status[at] === STATUS.front) found.push(at);
    return found;
  }

  // `tests` are [values, low, high] and all must hold; `facet` is −1 for any.
  select(tests, facet) {
    const { n, shown, inside } = this;
    let count = 0;
    for (let at = 0; at < n; at += 1) {
      let held = shown[at] && (facet < 0 || this.facet[at] === facet) ? 1 : 0;
      for (let test = 0; held && test < tests.length; test += 1) {
        const [values, low, high] = tests[test], value = values[at];
        held = value >= low && value <= high ? 1 : 0;
      }
      inside[at] = held;
      count += held;
    }
    this.count = count;
    return count;
  }

  indexOf(id) {
    for (let at = 0; at < this.n; at += 1) if (this.ids.get(at) === id) return at;
    return -1;
  }
}

function shuffledIndexes(n) {
  const found = Uint32Array.from({ length: n }, (_, at) => at);
  let seed = 1;
  for (let at = n - 1; at > 0; at -= 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = seed % (at + 1);
    [found[at], found[other]] = [found[other], found[at]];
  }
  return found;
}
