// What colours mean.

// A legend for each kind of map on screen, and the colours of what is no number.
function drawLegends(zoom) {
  const { data, tops } = zoom;
  const kinds = [...new Set(zoom.boxes.map((box) => box.pane.kind))].filter((kind) => kind !== "rows");
  const entries = kinds.map((kind) => {
    const top = tops[kind], look = data.look;
    const stops = Array.from({ length: 25 }, (_, at) => `rgb(${mixed(kind === "weight" ? VIRIDIS : zoom.tones.signed, at / 24)})`);
    const times = kind === "weight" && look.scale === "uniform" ? data.keys : 1;
    const low = kind === "weight" ? (look.scale === "linear" ? 0 : FLOOR) : -top;
    const middle = kind === "weight" ? (look.scale === "linear" ? top / 2 : Math.sqrt(FLOOR * Math.max(top, 10 * FLOOR))) : 0;
    const ends = [low, middle, kind === "weight" && look.scale !== "linear" ? Math.max(top, 10 * FLOOR) : top];
    const signs = ends.map((one) => (kind === "ratio" ? `×${roughly(2 ** one)}` : roughly(one * times)));
    return legend(data.units[kind] + (times > 1 ? ", × uniform" : ""), stops, signs);
  });
  const marks = document.createElement("div");
  marks.className = "marks";
  for (const [name, colour] of zoom.specials()) {
    const mark = document.createElement("span");
    const box = Object.assign(document.createElement("i"), { ariaHidden: "true" });
    box.style.background = colour;
    mark.append(box, name);
    marks.append(mark);
  }
  zoom.legends.replaceChildren(...entries, marks);
}

function legend(title, stops, signs) {
  const box = Object.assign(document.createElement("div"), { className: "legend" });
  const name = Object.assign(document.createElement("span"), { textContent: title });
  const bar = Object.assign(document.createElement("i"), { ariaHidden: "true" });
  bar.style.background = `linear-gradient(to right, ${stops.join(",")})`;
  const ends = Object.assign(document.createElement("div"), { className: "ends" });
  ends.append(...signs.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  box.append(name, bar, ends);
  return box;
}
