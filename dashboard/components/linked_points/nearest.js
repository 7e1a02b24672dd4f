// A grid over the picture: the nearest point to the pointer without asking all of them.

const CELL = 18, REACH = 16;

class Nearest {
  constructor(xs, ys, shown, width, height) {
    Object.assign(this, { xs, ys });
    this.across = Math.max(1, Math.ceil(width / CELL));
    this.down = Math.max(1, Math.ceil(height / CELL));
    this.starts = new Uint32Array(this.across * this.down + 1);
    const cells = new Int32Array(xs.length).fill(-1);
    for (let at = 0; at < xs.length; at += 1) {
      if (!shown[at] || !(xs[at] >= 0 && ys[at] >= 0 && xs[at] < width && ys[at] < height)) continue;
      cells[at] = Math.floor(ys[at] / CELL) * this.across + Math.floor(xs[at] / CELL);
      this.starts[cells[at] + 1] += 1;
    }
    for (let cell = 1; cell < this.starts.length; cell += 1) this.starts[cell] += this.starts[cell - 1];
    this.members = new Uint32Array(this.starts.at(-1));
    const next = this.starts.slice();
    for (let at = 0; at < xs.length; at += 1) if (cells[at] >= 0) this.members[next[cells[at]]++] = at;
  }

  // −1 where nothing is near. Of several at one place the front's comes first.
  find(x, y, worth = () => 0) {
    let best = -1, least = REACH * REACH;
    const [row, col] = [Math.floor(y / CELL), Math.floor(x / CELL)];
    for (let r = Math.max(0, row - 1); r <= Math.min(this.down - 1, row + 1); r += 1)
      for (let c = Math.max(0, col - 1); c <= Math.min(this.across - 1, col + 1); c += 1)
        for (let one = this.starts[r * this.across + c]; one < this.starts[r * this.across + c + 1]; one += 1) {
          const at = this.members[one];
          const far = (this.xs[at] - x) ** 2 + (this.ys[at] - y) ** 2 - 4 * worth(at);
          if (far < least) [best, least] = [at, far];
        }
    return best;
  }
}
