// The brush as numbers: two fields an axis, for whoever has no mouse or wants an exact bound.

// One unit for both fields, that of the middle of the axis.
function fieldUnit(quantity, values) {
  const [lo, hi] = finiteRange([values], quantity.log), middle = lo > 0 ? Math.sqrt(lo * hi) : hi / 2;
  if (quantity.unit === "share") return [0.01, "%"];
  const steps = STEPPED[quantity.unit];
  return steps ? steps.find(([least]) => middle >= least) || steps.at(-1) : [1, quantity.unit === "score" ? "" : quantity.unit];
}

class Ranges {
  constructor(linked, root) {
    this.linked = linked;
    this.details = root.querySelector(".ranges");
    this.fields = root.querySelector(".fields");
    this.details.addEventListener("toggle", () => this.arrange());
  }

  // Only what is open is worth making.
  arrange() {
    if (!this.details.open) return;
    const { data, points } = this.linked;
    const known = data.axes.filter((q) => points.columns[q].value.some(Number.isFinite));
    if (this.made !== `${data.version} ${known}`) this.fields.replaceChildren(...known.map((q) => this.field(q)));
    this.made = `${data.version} ${known}`;
    this.sync();
  }

  field(q) {
    const { data, points } = this.linked, quantity = data.quantities[q];
    const [size, unit] = fieldUnit(quantity, points.columns[q].value);
    const set = document.createElement("fieldset"), name = document.createElement("legend");
    name.textContent = `${quantity.title}${unit ? ` (${unit})` : ""}`;
    const inputs = ["from", "to"].map((word) => {
      const input = Object.assign(document.createElement("input"), { type: "number", step: "any", placeholder: word });
      input.setAttribute("aria-label", `${name.textContent} ${word}`);
      return input;
    });
    const read = (input, otherwise) => (input.value === "" ? otherwise : Number(input.value) * size);
    inputs.forEach((input) => input.addEventListener("change", () => {
      const [low, high] = [read(inputs[0], -Infinity), read(inputs[1], Infinity)];
      if (low === -Infinity && high === Infinity) this.linked.brush.ranges.delete(q);
      else this.linked.brush.ranges.set(q, [low, high]);
      this.linked.brushed();
    }));
    set.append(name, ...inputs);
    Object.assign(set, { q, size, inputs });
    return set;
  }

  sync() {
    if (!this.details.open) return;
    for (const { q, size, inputs } of this.fields.children) {
      const range = this.linked.brush.ranges.get(q) || [NaN, NaN];
      inputs.forEach((input, end) => {
        if (input.getRootNode().activeElement === input) return;
        input.value = Number.isFinite(range[end]) ? Number((range[end] / size).toPrecision(4)) : "";
      });
    }
  }
}
