// A point in words: the tip beside the pointer, and the line that is read out. Only ever as text.

// Marks of the published set have their own numbers after all points' numbers.
const PUBLISHED = 2 ** 30;
const STATUS_WORDS = ["", "on the front", "undecided", "dominated", "of another run, held against nothing"];

function rowsOf(linked, at) {
  const other = at >= PUBLISHED, points = other ? linked.published : linked.points, row = other ? at - PUBLISHED : at;
  const { data } = linked, first = [data.x, data.y];
  const rest = data.quantities.map((_, q) => q).filter((q) => !first.includes(q));
  const rows = [...first, ...rest]
    .filter((q, place) => place < 2 || Number.isFinite(points.columns[q].value[row]))
    .map((q) => [data.quantities[q].title, remarked(points.columns[q], row, withInterval(points.columns[q], row, data.quantities[q].unit))]);
  if (points.facet[row] >= 0) rows.unshift([data.facet_title, data.all_facets[points.facet[row]]]);
  const names = other ? data.published_texts : data.texts;
  names.forEach((name, text) => {
    const said = points.texts[text].get(row);
    if (said) rows.push([name, said]);
  });
  const status = other ? "" : STATUS_WORDS[points.statusOf(row)];
  if (status) rows.push(["Front", status]);
  return { title: other ? `${points.labels.get(row)} (published)` : points.labels.get(row), rows, group: points.group[row] };
}

function fillTip(linked, at) {
  const { title, rows, group } = rowsOf(linked, at);
  const head = document.createElement("div");
  head.className = "tip-title";
  head.append(legendMark(linked.data.groups[group].shape, linked.tones.groups[group]), title);
  linked.tip.replaceChildren(head, ...rows.map(([name, value]) => {
    const row = document.createElement("div");
    row.append(...[name, value].map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    return row;
  }));
}

// Beside the place, on the side where there is room.
function placeTip(linked, x, y) {
  const { tip, root } = linked;
  tip.hidden = false;
  const left = x + 18 + tip.offsetWidth > root.clientWidth ? x - tip.offsetWidth - 14 : x + 18;
  tip.style.transform = `translate(${Math.max(0, Math.round(left))}px, ${Math.round(Math.max(0, y - 12))}px)`;
}

function spoken(linked, at) {
  const { title, rows } = rowsOf(linked, at);
  return `${title}: ${rows.map(([name, value]) => `${name} ${value}`).join(", ")}.`;
}
