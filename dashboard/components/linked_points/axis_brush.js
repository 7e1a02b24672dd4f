// Pointer on the parallel coordinates: a drag along an axis brushes it, a click on it frees it, a line tells its point.

function listenParallel(linked) {
  const { parallel } = linked, { top } = parallel;
  const place = (event) => {
    const box = top.getBoundingClientRect();
    return [((event.clientX - box.left) * parallel.width) / box.width, ((event.clientY - box.top) * parallel.height) / box.height];
  };
  let drag = null;
  top.addEventListener("pointerdown", (event) => {
    const [x, y] = place(event);
    if (event.button) return;
    top.setPointerCapture(event.pointerId);
    drag = { axis: parallel.axisAt(x, y), y, moved: false };
  });
  top.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (!drag) {
      const axis = parallel.axisAt(x, y), at = parallel.lineAt(x, y);
      linked.hover(at, x, y, top);
      top.style.cursor = axis ? "ns-resize" : at >= 0 ? "pointer" : "default";
      return;
    }
    if (!drag.axis || (!drag.moved && Math.abs(y - drag.y) < SLACK)) return;
    drag.moved = true;
    linked.hover(-1);
    const ends = [drag.y, y].map((one) => drag.axis.scale.value(clampedTo(one, AXIS_TOP, AXIS_TOP + AXIS_HEIGHT)));
    linked.brush.ranges.set(drag.axis.q, sorted(...ends));
    linked.brushing(event.timeStamp);
  });
  const ended = (event) => {
    if (drag?.moved) linked.brushed();
    else if (drag?.axis && linked.brush.ranges.delete(drag.axis.q)) linked.brushed();
    else if (drag && event.type === "pointerup") {
      const at = parallel.lineAt(...place(event));
      if (at >= 0) linked.pick(at);
    }
    drag = null;
  };
  top.addEventListener("pointerup", ended);
  top.addEventListener("pointercancel", ended);
  top.addEventListener("pointerleave", () => { if (!drag) linked.hover(-1); });
  top.addEventListener("dblclick", () => linked.clearBrush());
}
