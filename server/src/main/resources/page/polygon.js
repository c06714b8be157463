/**
 * Polygons to the pixels that pycocotools gives, and so the server: each part is filled by the even-odd rule, and the
 * region is their union. Corners are rounded to a fifth of a pixel, edges become points on that finer grid, and wherever
 * an edge crosses the middle of a column, inside and outside change from there on.
 */
import { Mask } from "./mask.js";

const SCALE = 5;

/** @param parts each a list of {x, y}; those with fewer than three corners are dropped */
export function polygonMask(width, height, parts) {
  const masks = parts.filter((part) => part.length > 2).map((part) => fill(width, height, part));
  return masks.reduce((a, b) => a.with(b), Mask.empty(width, height));
}

function fill(width, height, corners) {
  const xs = corners.map(({ x }) => x).sort((a, b) => a - b),
    left = Math.max(0, Math.min(width, Math.floor(xs[0]) - 1)),
    columns = Math.max(left, Math.min(width, Math.ceil(xs.at(-1)) + 2)) - left;
  const changes = new Uint8Array(columns * height + 1),
    fine = corners.map(({ x, y }) => [Math.trunc(SCALE * x + 0.5), Math.trunc(SCALE * y + 0.5)]);
  let last;
  const point = (x, y) => {
    if (last && x !== last[0]) {
      const column = ((x < last[0] ? x : x - 1) + 0.5) / SCALE - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = (Math.min(y, last[1]) + 0.5) / SCALE - 0.5;
        changes[(column - left) * height + Math.ceil(Math.max(0, Math.min(height, row)))] ^= 1;
      }
    }
    last = [x, y];
  };
  fine.forEach((from, i) => line(from, fine[(i + 1) % fine.length], point));
  const bytes = new Uint8Array(columns * height);
  for (let at = 0, inside = 0; at < bytes.length; at++) {
    inside ^= changes[at];
    if (inside) bytes[(at % height) * columns + Math.floor(at / height)] = 1;
  }
  return new Mask(width, height, left, 0, columns, height, bytes).trimmed();
}

/** The line is computed in ascending order, but walked from its start to its end. */
function line([fromX, fromY], [toX, toY], point) {
  const across = Math.abs(toX - fromX),
    down = Math.abs(toY - fromY),
    steps = Math.max(across, down),
    wide = across >= down;
  const flipped = wide ? fromX > toX : fromY > toY,
    [startX, startY, endX, endY] = flipped ? [toX, toY, fromX, fromY] : [fromX, fromY, toX, toY];
  const slope = wide ? (endY - startY) / across : (endX - startX) / down;
  for (let step = 0; step <= steps; step++) {
    const t = flipped ? steps - step : step;
    if (wide) point(startX + t, Math.trunc(startY + slope * t + 0.5));
    else point(Math.trunc(startX + slope * t + 0.5), startY + t);
  }
}
