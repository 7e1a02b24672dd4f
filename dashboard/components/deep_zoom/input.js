// Wheel, drag, click and keys, on the maps and on the small map.

const WHEEL = 0.0016, CLICK_SLACK = 4, PAN_SHARE = 0.15, STEP = 1.5;

function listen(zoom) {
  const { canvas, mini } = zoom;
  let drag = null;
  canvas.addEventListener("wheel", (event) => {
    const at = zoom.cellAt(event);
    if (!at) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    zoom.zoom(Math.exp(-event.deltaY * lines * WHEEL), at, event.timeStamp);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    const at = zoom.cellAt(event);
    if (!at || event.button) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, view: zoom.view, box: at.box, moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return void zoom.hover(zoom.cellAt(event), event);
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < CLICK_SLACK) return;
    drag.moved = true;
    zoom.hover(null);
    const { view, box } = drag;
    const di = (-dy * (view.i1 - view.i0)) / box.h, dj = (-dx * (view.j1 - view.j0)) / box.w;
    zoom.show(moved(view, di, dj, zoom.size), event.timeStamp);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) zoom.pin(zoom.cellAt(event));
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("pointerleave", () => zoom.hover(null));
  canvas.addEventListener("keydown", (event) => pressed(zoom, event));
  canvas.addEventListener("focus", () => zoom.focus(canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => zoom.focus(false));
  let held = false;
  const centre = (event) => {
    const box = mini.getBoundingClientRect();
    const i = ((event.clientY - box.top) / box.height) * zoom.size.queries;
    const j = ((event.clientX - box.left) / box.width) * zoom.size.keys;
    zoom.centre(i, j, event.timeStamp);
  };
  mini.addEventListener("pointerdown", (event) => {
    held = true;
    mini.setPointerCapture(event.pointerId);
    centre(event);
  });
  mini.addEventListener("pointermove", (event) => { if (held) centre(event); });
  mini.addEventListener("pointerup", () => { held = false; });
  mini.addEventListener("pointercancel", () => { held = false; });
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function pressed(zoom, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = ARROWS[event.key];
  const { view } = zoom;
  zoom.keyed = true;
  zoom.hover(null);
  if (arrow && event.shiftKey) zoom.step(...arrow);
  else if (arrow) {
    const by = [arrow[0] * PAN_SHARE * (view.i1 - view.i0), arrow[1] * PAN_SHARE * (view.j1 - view.j0)];
    zoom.show(moved(view, ...by, zoom.size), event.timeStamp);
    zoom.keepCursor();
  } else if (event.key === "+" || event.key === "=") zoom.zoom(STEP, null, event.timeStamp);
  else if (event.key === "-" || event.key === "_") zoom.zoom(1 / STEP, null, event.timeStamp);
  else if (event.key === "0") zoom.show(whole(zoom.size), event.timeStamp);
  else if (event.key === "Enter" || event.key === " ") zoom.pin({ i: zoom.cursor[0], j: zoom.cursor[1] });
  else if (event.key !== "Escape") return;
  event.preventDefault();
}
