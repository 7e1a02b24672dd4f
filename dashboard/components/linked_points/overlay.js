// What moves over the scatter: the brush's edge, the point under the pointer, the keyboard's and the picked one.

function drawOverlay(scatter) {
  const { linked } = scatter, { brush, points, tones, hovered, cursor, picked } = linked;
  const ctx = scatter.empty("top");
  if (brush.rect) {
    const found = scatter.boxOf(brush), more = Math.min(found.w, found.h) < 4 ? scatter.radius + 5 : 0; // a line is hard to see
    const box = { x: found.x - more, y: found.y - more, w: found.w + 2 * more, h: found.h + 2 * more };
    ctx.fillStyle = tones.accent;
    ctx.globalAlpha = 0.07;
    ctx.fillRect(box.x, box.y, box.w, box.h);
    ctx.globalAlpha = 0.9;
    ctx.strokeStyle = tones.accent;
    ctx.lineWidth = 1.25;
    ctx.strokeRect(box.x, box.y, box.w, box.h);
    ctx.globalAlpha = 1;
  }
  if (picked >= 0) ringed(ctx, scatter, picked, tones.accent, 2.5, 6);
  if (cursor >= 0 && linked.keyed) ringed(ctx, scatter, cursor, tones.text, 2, 8);
  if (hovered >= 0) {
    const members = points.lines.find((one) => one.includes(hovered));
    ctx.lineWidth = 2;
    if (members) drawBudgetLine(ctx, scatter, members);
    drawBars(ctx, scatter, [hovered], 1);
    const { picture, half, size } = scatter.stamps[points.group[hovered]];
    const { xs, ys } = scatter, more = scatter.radius < 4 ? 1.6 : 1.2;
    ctx.drawImage(picture, xs[hovered] - half * more, ys[hovered] - half * more, size * more, size * more);
    ringed(ctx, scatter, hovered, tones.text, 1.5, 4);
  }
}

function ringed(ctx, { xs, ys, radius }, at, colour, width, away) {
  if (!Number.isFinite(xs[at] + ys[at])) return;
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.beginPath();
  ctx.arc(xs[at], ys[at], radius + away, 0, 2 * Math.PI);
  ctx.stroke();
}
