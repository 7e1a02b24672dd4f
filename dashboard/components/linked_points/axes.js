// The axes of the parallel coordinates in words: title, numbers, and which end is the good one.

const NEAR_AXES = 82, NARROW_AXES = 58;

function drawAxes(ctx, parallel) {
  const { axes, tones, font } = parallel;
  ctx.textBaseline = "middle";
  for (const [at, { x }] of axes.entries()) {
    ctx.strokeStyle = tones.muted;
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1;
    ctx.beginPath();
    line(ctx, x + 0.5, AXIS_TOP, 0, AXIS_HEIGHT);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.fillStyle = tones.muted;
    ctx.beginPath();
    ctx.moveTo(x + 0.5, AXIS_TOP - 8);
    ctx.lineTo(x + 4.5, AXIS_TOP - 1);
    ctx.lineTo(x - 3.5, AXIS_TOP - 1);
    ctx.fill();
    ctx.textAlign = "center";
    axisName(ctx, parallel, at, x);
    ctx.font = `11px ${font}`;
    endValues(ctx, parallel, axes[at]);
    drawTicks(ctx, axes[at]);
  }
}

// What the ends stand for, above and below the lines, where no line runs through them.
function endValues(ctx, { spacing }, { quantity, best, worst, x }) {
  for (const [value, y] of [[best, AXIS_TOP - 16], [worst, AXIS_TOP + AXIS_HEIGHT + 13]]) {
    if (!Number.isFinite(value)) continue;
    const full = amount(value, quantity.unit), fits = ctx.measureText(full).width <= spacing - 6;
    ctx.fillText(fits ? full : amount(Number(value.toPrecision(2)), quantity.unit, true), x, y);
  }
}

// Round numbers between the ends, as marks alone: words would lie over lines.
function drawTicks(ctx, { scale, worst, x }) {
  if (!Number.isFinite(worst)) return;
  for (const tick of ticksOf(scale, () => 12, 26)) ctx.fillRect(x - 2.5, Math.round(tick.at), 6, 1);
  if (!scale.gap) return;
  const [one, two] = scale.gap.map(scale.at), middle = (one + two) / 2;
  ctx.beginPath();
  for (const side of [-2, 2]) line(ctx, x - 4.5, middle + side + 2.5, 10, -5);
  ctx.stroke();
}

// Two lines above the axis; where axes are near to each other, one line, by turns higher and lower, twice as wide.
function axisName(ctx, parallel, at, x) {
  const { axes, tones, font, spacing } = parallel, { quantity } = axes[at], near = spacing < NEAR_AXES;
  const edge = at && at < axes.length - 1 ? Infinity : 2 * SIDE - 10;
  const room = Math.min(edge, near ? 2 * spacing - 14 : clampedTo(spacing - 10, 40, 150));
  ctx.font = `600 11.5px ${font}`;
  const lines = near ? [shortened(ctx, titleOf(quantity), room)] : wrapped(ctx, titleOf(quantity), room);
  const foot = AXIS_TOP - 46 - (near && at % 2 === 0 ? 14 : 0);
  ctx.fillStyle = tones.text;
  lines.forEach((text, place) => ctx.fillText(text, x, foot - 14 * (lines.length - 1 - place)));
  ctx.font = `11px ${font}`;
  ctx.fillStyle = tones.muted;
  const lower = quantity.better === "lower", short = spacing < NARROW_AXES;
  ctx.fillText(short ? (lower ? "low" : "high") : lower ? "low is up" : "high is up", x, AXIS_TOP - 31);
}

function wrapped(ctx, text, room) {
  const words = text.split(" "), lines = [""];
  for (const word of words) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (ctx.measureText(longer).width <= room || !lines.at(-1)) lines[lines.length - 1] = longer;
    else if (lines.length < 2) lines.push(word);
    else lines[1] = `${lines[1]} ${word}`;
  }
  return lines.map((one) => shortened(ctx, one, room));
}
