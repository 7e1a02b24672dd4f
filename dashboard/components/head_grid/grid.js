// Every head as a small picture to choose it by: its whole matrix, from the coarsest tile.

const SIDE = 54;
const ALL = { i0: 0, i1: Infinity, j0: 0, j1: Infinity };
let tiles = null;

function paintHead(canvas, tile, data, tones) {
  const values = data.legend[tile.signed ? "signed" : "unsigned"];
  const counts = countsInView({ view: ALL, data }, "weight", tile, { level: data.levels - 1, row: 0, col: 0 });
  const top = topOf(new Map([[values, counts]]), "weight", data.look.clip);
  const picture = coloured(tile, colourTable(values, "weight", data.look, top, tones));
  const ratio = window.devicePixelRatio || 1, ctx = canvas.getContext("2d");
  canvas.width = canvas.height = SIDE * ratio;
  ctx.imageSmoothingEnabled = true;
  ctx.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

// The buttons stay as long as there are as many heads: one of them may have the keyboard.
function headButtons(grid, data) {
  if (grid.children.length !== data.heads)
    grid.replaceChildren(...Array.from({ length: data.heads }, (_, head) => headButton(grid, head)));
  [...grid.children].forEach((button, head) => button.setAttribute("aria-pressed", String(head === data.head)));
  return [...grid.children];
}

function headButton(grid, head) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", title: `Head ${head}` });
  button.setAttribute("aria-label", `Head ${head}`);
  const number = Object.assign(document.createElement("span"), { textContent: head });
  button.append(document.createElement("canvas"), number);
  button.addEventListener("click", () => grid.choose(head));
  return button;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".heads");
  const tones = data.tones.light;
  grid.choose = (head) => setTriggerValue("head", head);
  const buttons = headButtons(grid, data);
  const addresses = buttons.map((_, head) => `${data.tiles}?${new URLSearchParams({
    view: data.exact, head, reduce: data.reduce, level: data.levels - 1, row: 0, col: 0,
  })}${BETWEEN}exact`);
  const draw = () => buttons.forEach((button, head) => {
    const tile = tiles.get(addresses[head]);
    if (tile) paintHead(button.querySelector("canvas"), tile, data, tones);
  });
  tiles = tiles || new Tiles(() => {});
  tiles.onChange = draw;
  tiles.forgive();
  // The coarsest tile of a large matrix waits for its overview.
  tiles.want(data.there < data.levels ? [] : addresses);
  draw();
  return () => tiles.want([]);
}
