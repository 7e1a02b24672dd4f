// The points in the brush as a real table, its first rows shown: the front first, until a click on a header sorts it.

const MOST_ROWS = 100;

class Rows {
  constructor(linked, root) {
    this.linked = linked;
    [this.region, this.more] = [".rows", ".more"].map((one) => root.querySelector(one));
    [this.head, this.body] = ["thead tr", "tbody"].map((one) => root.querySelector(one));
    this.sort = { key: "", down: false };
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("pointermove", (event) => this.pointed(event.target.closest("tr")));
    this.body.addEventListener("pointerleave", () => this.pointed(null));
  }

  // Columns that have something to say, and the rows' order: after new data or another sorting.
  arrange() {
    const { data, points } = this.linked, { columns } = points, full = (one) => one.value.some(Number.isFinite);
    const first = { key: "name", title: "Point", text: (at) => points.labels.get(at), by: points.group };
    const facet = { key: "facet", title: data.facet_title, text: (at) => data.all_facets[points.facet[at]] ?? NO_NUMBER, by: points.facet };
    const texts = data.texts.map((title, t) => ({ key: `t${t}`, title, text: (at) => points.texts[t].get(at) }));
    const number = (q) => ({ key: `q${q}`, title: titleOf(data.quantities[q]), text: (at) => remarked(columns[q], at, amount(columns[q].value[at], data.quantities[q].unit)), by: columns[q].value, number: true });
    // What is drawn first: a narrow table is cut on the right.
    const drawn = [data.x, data.y], others = data.quantities.map((_, q) => q).filter((q) => !drawn.includes(q));
    const numbers = [...drawn, ...others].filter((q) => full(columns[q])).map(number);
    const several = points.facet.some((one) => one !== points.facet[0]);
    this.columns = [first, ...(several ? [facet] : []), ...numbers, ...texts];
    if (!this.columns.some((one) => one.key === this.sort.key)) this.sort = { key: "", down: false };
    this.order();
    this.drawHead();
    this.body.replaceChildren();
    this.draw();
  }

  // Once a sorting, so that a brush only walks along it. What was not measured comes last, whichever way.
  order() {
    const { n } = this.linked.points, column = this.columns.find((one) => one.key === this.sort.key);
    this.sequence = Uint32Array.from({ length: n }, (_, at) => at);
    if (!column) return this.orderByFront();
    const way = this.sort.down ? -1 : 1;
    if (column.by) {
      const { by } = column;
      this.sequence.sort((a, b) => (by[a] !== by[a]) - (by[b] !== by[b]) || way * (by[a] - by[b]) || a - b);
      return;
    }
    const texts = Array.from(this.sequence, column.text), said = new Intl.Collator("en", { numeric: true });
    this.sequence.sort((a, b) => way * said.compare(texts[a], texts[b]) || a - b);
  }

  // On the front, undecided, beaten, the rest; of each the best by what is drawn upwards first.
  orderByFront() {
    const { points, data } = this.linked, { value } = points.columns[data.y], way = data.quantities[data.y].better === "higher" ? -1 : 1;
    const place = (at) => points.statusOf(at) || STATUS.older + 1;
    this.sequence.sort((a, b) => place(a) - place(b) || (value[a] !== value[a]) - (value[b] !== value[b]) || way * (value[a] - value[b]) || a - b);
  }

  // How the rows stand, and how many of them there are.
  words(rows) {
    const { points, data } = this.linked, front = points.status ? "The front first, then what is undecided, then what is beaten; in each by " : "By ";
    const order = this.sort.key ? "" : `${front}${nounOf(data.quantities[data.y])}, the best first. A column's head sorts by it.`;
    return `${points.count > rows ? `First ${rows} of ${counted(points.count)} points. ` : ""}${rows ? order : ""}`;
  }

  drawHead() {
    this.head.replaceChildren(...this.columns.map((column) => {
      const cell = document.createElement("th"), button = document.createElement("button");
      cell.scope = "col";
      if (column.number) cell.className = "number";
      button.type = "button";
      button.textContent = column.title;
      button.addEventListener("click", () => this.sortBy(column.key));
      cell.append(button);
      return cell;
    }));
    this.markHead();
  }

  markHead() {
    const { key, down } = this.sort;
    [...this.head.children].forEach((cell, at) =>
      cell.setAttribute("aria-sort", this.columns[at].key !== key ? "none" : down ? "descending" : "ascending"));
  }

  sortBy(key) {
    this.sort = { key, down: this.sort.key === key && !this.sort.down };
    this.order();
    this.markHead();
    this.draw();
  }

  draw() {
    const { points } = this.linked, { sequence } = this, found = [];
    for (let place = 0; place < sequence.length && found.length < MOST_ROWS; place += 1)
      if (points.inside[sequence[place]]) found.push(sequence[place]);
    while (this.body.children.length < found.length) this.body.append(this.newRow());
    [...this.body.children].forEach((row, place) => this.fill(row, found[place]));
    this.region.hidden = !found.length;
    this.more.textContent = this.words(found.length);
    this.mark();
  }

  newRow() {
    const row = document.createElement("tr");
    row.append(...this.columns.map((column) => {
      const cell = document.createElement("td");
      if (column.number) cell.className = "number";
      return cell;
    }));
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(legendMark("circle", "none"), document.createElement("span"));
    row.firstChild.append(button);
    return row;
  }

  fill(row, at) {
    row.hidden = at === undefined;
    if (row.hidden) return;
    const { points, data, tones } = this.linked, button = row.firstChild.firstChild, path = button.querySelector("path");
    row.dataset.at = at;
    path.setAttribute("d", shapePath(data.groups[points.group[at]].shape));
    path.setAttribute("fill", tones.groups[points.group[at]]);
    this.columns.forEach((column, place) => {
      const place_ = place ? row.children[place] : button.lastChild, text = column.text(at);
      if (place_.textContent !== text) place_.textContent = text;
    });
  }

  // The picked row, and the one row that Tab comes to: from there the arrow keys go on.
  mark() {
    const rows = [...this.body.children].filter((row) => !row.hidden);
    const held = rows.some((row) => row.contains(this.body.getRootNode().activeElement));
    rows.forEach((row, place) => {
      row.classList.toggle("picked", Number(row.dataset.at) === this.linked.picked);
      if (!held) row.querySelector("button").tabIndex = place ? -1 : 0;
    });
  }

  clicked(event) {
    const row = event.target.closest("tr");
    if (row) this.linked.pick(Number(row.dataset.at));
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], row = event.target.closest("tr");
    const next = step && row && (step > 0 ? row.nextElementSibling : row.previousElementSibling);
    if (!step) return;
    event.preventDefault();
    if (!next || next.hidden) return;
    row.querySelector("button").tabIndex = -1;
    const button = next.querySelector("button");
    button.tabIndex = 0;
    button.focus();
  }

  pointed(row) {
    const at = row ? Number(row.dataset.at) : -1;
    if (at !== this.linked.hovered) this.linked.pointTo(at);
  }
}
