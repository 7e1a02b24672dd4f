// Exact numbers of one cell, from the server: beside the pointer, and in words for the cell under the cursor.

const HOVER_MS = 70, SPOKEN_MS = 250;

class Cells {
  constructor(zoom) {
    this.zoom = zoom;
    this.waiting = 0;
    this.abort = null;
    this.known = new Map();
  }

  // One request a method, all for the same cell; an earlier cell's are given up.
  ask(i, j, after, then) {
    this.cancel();
    this.waiting = setTimeout(async () => {
      this.abort = new AbortController();
      try {
        then(await this.answers(i, j, this.abort.signal));
      } catch (problem) {
        if (problem.name !== "AbortError") then(null, problem.message);
      }
    }, after);
  }

  cancel() {
    clearTimeout(this.waiting);
    this.abort?.abort();
  }

  async answers(i, j, signal) {
    const { data } = this.zoom;
    return Promise.all(data.cells.map(async ({ view }) => {
      const address = `${data.cell}?${new URLSearchParams({ view, head: data.head, i, j })}`;
      const answer = await fetch(address, { signal });
      if (!answer.ok) throw new Error(await refusal(answer));
      return answer.json();
    }));
  }

  get names() {
    return this.zoom.data.cells.map((one) => one.name);
  }

  // Beside the pointer: where it is at once, the numbers when they come.
  tip(at, event) {
    const { tip } = this.zoom;
    if (!at) {
      this.cancel();
      tip.hidden = true;
      return;
    }
    if (at.box.pane.kind === "rows") fillTable(tip, rowOf(at.box.pane, at.i));
    else {
      fillTable(tip, [["query", grouped(at.i)], ["key", grouped(at.j)]]);
      this.ask(at.i, at.j, HOVER_MS, (found, problem) => {
        fillTable(tip, found ? cellTable(found, this.names) : [["", problem]]);
        this.place(event);
      });
    }
    tip.hidden = false;
    this.place(event);
  }

  place(event) {
    const { tip, root } = this.zoom, box = root.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const left = x + 16 + tip.offsetWidth > box.width ? x - 12 - tip.offsetWidth : x + 16;
    tip.style.transform = `translate(${Math.max(0, left)}px, ${y + 16}px)`;
  }

  speak([i, j]) {
    this.ask(i, j, SPOKEN_MS, (found, problem) => {
      this.zoom.said.textContent = found ? cellWords(found, this.names) : problem;
    });
  }
}

function rowOf(pane, i) {
  const found = pane.values.find(([from, to]) => from <= i && i < to);
  if (!found) return [["query", grouped(i)], [pane.unit, "not among the rows read"]];
  const which = found[1] - found[0] > 1 ? `${grouped(found[0])}–${grouped(found[1] - 1)}` : grouped(found[0]);
  return [["query", which], [pane.unit, found[2] === null ? "infinite" : written(found[2])]];
}
