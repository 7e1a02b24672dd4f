// Markers of a size of 1, as path text: the canvas and the legend draw the same.

const CIRCLE = "M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z";
const SHAPES = {
  circle: "M.9,0A.9,.9,0,1,1,-.9,0A.9,.9,0,1,1,.9,0Z",
  square: "M-.82,-.82H.82V.82H-.82Z",
  diamond: "M0,-1.12L1.12,0L0,1.12L-1.12,0Z",
  cross: "M-1.05,-.36H-.36V-1.05H.36V-.36H1.05V.36H.36V1.05H-.36V.36H-1.05Z",
  "triangle-up": "M0,-1L1.06,.84H-1.06Z",
  "triangle-down": "M0,1L1.06,-.84H-1.06Z",
  "triangle-right": "M1,0L-.84,1.06V-1.06Z",
  "triangle-left": "M-1,0L.84,1.06V-1.06Z",
  arrow: "M0,-1.1L1,.1H.42V1.1H-.42V.1H-1Z",
  wedge: "M0,-1.1L.62,1H-.62Z",
};
const shapePath = (name) => SHAPES[name] || CIRCLE;

// A marker drawn once, to be stamped many times.
function stamp(shape, colour, radius, ratio, { hollow = false, page = "", alpha = 1 }) {
  const half = Math.ceil(radius * 1.15 + 2), side = Math.ceil(2 * half * ratio), canvas = new OffscreenCanvas(side, side);
  const ctx = canvas.getContext("2d", { willReadFrequently: true });
  ctx.scale(ratio, ratio);
  ctx.translate(half, half);
  ctx.scale(radius, radius);
  const path = new Path2D(shapePath(shape));
  ctx.lineJoin = "round";
  ctx.globalAlpha = alpha;
  if (hollow) {
    ctx.lineWidth = 1.6 / radius;
    ctx.strokeStyle = colour;
    ctx.stroke(path);
  } else {
    // A rim of the page's colour keeps marks apart that touch.
    if (page) {
      ctx.lineWidth = 1.6 / radius;
      ctx.strokeStyle = page;
      ctx.stroke(path);
    }
    ctx.fillStyle = colour;
    ctx.fill(path);
  }
  const { data } = ctx.getImageData(0, 0, side, side);
  return { picture: canvas, pixels: data, half, side, size: side / ratio };
}

function legendMark(shape, colour) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "-1.3 -1.3 2.6 2.6");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", shapePath(shape));
  path.setAttribute("fill", colour);
  svg.append(path);
  return svg;
}
