// Draws many things little by little, so that no frame waits for all of them.

const LONG_FRAME_MS = 28, SHORT_FRAME_MS = 20;

class Painter {
  constructor(chunk) {
    this.chunk = chunk;
    this.least = chunk;
  }

  // The first part at once, the rest in the frames that follow; starting again drops what is left.
  start(indexes, wanted, draw, done = () => {}) {
    this.stop();
    let from = 0, last = performance.now();
    const part = (size) => {
      const found = [];
      while (from < indexes.length && found.length < size) {
        const at = indexes[from++];
        if (wanted[at]) found.push(at);
      }
      if (found.length) draw(found);
      return from < indexes.length;
    };
    const later = (now) => {
      const took = now - last;
      last = now;
      if (took > LONG_FRAME_MS) this.chunk = Math.max(this.least / 2, this.chunk * 0.7);
      else if (took < SHORT_FRAME_MS) this.chunk = Math.min(this.least * 6, this.chunk * 1.2);
      this.asked = part(this.chunk) ? requestAnimationFrame(later) : 0;
      if (!this.asked) done();
    };
    if (part(this.least)) this.asked = requestAnimationFrame(later);
    else done();
  }

  stop() {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }
}
