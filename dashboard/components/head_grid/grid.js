// Every head as a small picture to choose it by: its whole matrix, from the coarsest tile.

const SIDE = 54;
let tiles = null;

function paintHead(canvas, tile, data, tones) {
  const values = data.legend[tile.signed ? "signed" : "unsigned"];
  const top = topOf([{ counts: tile.counts, values }], data.look.clip);
  const picture = coloured(tile, colourTable(values, "weight", data.look, top, tones));
  const ratio = window.devicePixelRatio || 1, ctx = canvas.getContext("2d");
  canvas.width = canvas.height = SIDE * ratio;
  ctx.imageSmoothingEnabled = true;
  ctx.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

function headButton(head, data, trigger) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-pressed", String(head === data.head));
  button.setAttribute("aria-label", `Head ${head}`);
  button.title = `Head ${head}`;
  const number = Object.assign(document.createElement("span"), { textContent: head });
  button.append(document.createElement("canvas"), number);
  button.addEventListener("click", () => trigger("head", head));
  return button;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".heads");
  const tones = data.tones.light;
  const buttons = Array.from({ length: data.heads }, (_, head) => headButton(head, data, setTriggerValue));
  grid.replaceChildren(...buttons);
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
