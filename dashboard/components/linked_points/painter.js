// Draws many things little by little, so that no frame waits for all of them: some at once, the rest when the hand rests.

const AT_ONCE_MS = 3, PART_MS = 10, REST_MS = 70, BATCH = 40;

class Painter {
  // `draw` gets a few at a time, `show` follows each part. Starting again drops what is left of the last time.
  start(indexes, wanted, draw, show, done = () => {}) {
    this.stop();
    let from = 0;
    const part = (budget) => {
      const until = performance.now() + budget;
      do {
        const found = [];
        while (from < indexes.length && found.length < BATCH) {
          const at = indexes[from++];
          if (wanted[at]) found.push(at);
        }
        draw(found);
      } while (from < indexes.length && performance.now() < until);
      show();
      return from < indexes.length;
    };
    const later = () => {
      this.asked = 0;
      if (part(PART_MS)) this.asked = requestAnimationFrame(later);
      else done();
    };
    if (part(AT_ONCE_MS)) this.resting = setTimeout(later, REST_MS);
    else done();
  }

  stop() {
    clearTimeout(this.resting);
    cancelAnimationFrame(this.asked);
    this.asked = 0;
  }
}
