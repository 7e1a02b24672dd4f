// The groups by colour and marker; a click hides or shows one.

function drawLegend(linked) {
  const { legend, data, tones, hidden } = linked;
  const present = new Set(linked.points.group);
  if (linked.published) for (const one of linked.published.group) present.add(one);
  const wanted = data.groups.map((group, at) => at).filter((at) => present.has(at));
  if (legend.children.length !== wanted.length || legend.dataset.for !== wanted.join())
    legend.replaceChildren(...wanted.map((at) => legendButton(linked, at)));
  legend.dataset.for = wanted.join();
  [...legend.children].forEach((button, place) => {
    const at = wanted[place], group = data.groups[at];
    button.replaceChildren(legendMark(group.shape, tones.groups[at]), group.title);
    button.setAttribute("aria-pressed", String(!hidden.has(at)));
    button.title = hidden.has(at) ? `Show ${group.title}` : `Hide ${group.title}; double click shows it alone`;
  });
}

function legendButton(linked, at) {
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => linked.toggle(at));
  button.addEventListener("dblclick", () => linked.only(at));
  return button;
}
