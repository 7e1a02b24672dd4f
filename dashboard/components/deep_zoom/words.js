// Numbers and cells in words: the tip beside the pointer, the read-out under the maps.

// Never −0.
const grouped = (number) => (Math.round(number) + 0).toLocaleString("en");

function written(number) {
  if (number === null || number === undefined) return "not finite";
  if (number === 0) return "0";
  const size = Math.abs(number);
  return size < 1e-3 || size >= 1e5 ? number.toExponential(3) : Number(number.toPrecision(4)).toString();
}

// At the ends of a legend two digits say enough.
function roughly(number) {
  const size = Math.abs(number);
  return number && (size < 1e-3 || size >= 1e5) ? number.toExponential(0) : Number(number.toPrecision(2)).toString();
}

const quoted = (label) => (label ? ` “${label.replaceAll("▁", " ").trim() || label}”` : "");

// `answers` are the server's exact numbers for one cell, one answer a method.
function cellWords(answers, names) {
  const [first] = answers;
  const said = [`Query ${grouped(first.i)}${quoted(first.query)}, key ${grouped(first.j)}${quoted(first.key)}`];
  said.push(first.masked ? "masked for exact attention" : `q·k ${written(first.dot)}, ÷√d ${written(first.score)}`);
  said.push(`exact weight ${written(first.exact)}`);
  answers.forEach((one, at) => {
    if (names[at]) said.push(`${names[at]} ${written(one.method)} (difference ${written(one.difference)})`);
  });
  return `${said.join("; ")}.`;
}

function cellTable(answers, names) {
  const [first] = answers;
  const rows = [
    ["query", `${grouped(first.i)}${quoted(first.query)}`],
    ["key", `${grouped(first.j)}${quoted(first.key)}`],
    ["q·k", written(first.dot)],
    ["q·k ÷ √d", first.masked ? "masked" : written(first.score)],
    ["exact", written(first.exact)],
  ];
  answers.forEach((one, at) => {
    if (names[at]) rows.push([names[at], written(one.method)], ["difference", written(one.difference)]);
  });
  return rows;
}

function fillTable(element, rows) {
  element.replaceChildren(...rows.map(([name, value]) => {
    const row = document.createElement("div");
    row.append(...[name, value].map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    return row;
  }));
}
