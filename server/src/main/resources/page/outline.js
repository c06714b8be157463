/**
 * The outline of a mask, holes included, as closed rings along pixel edges, and as a smoothed Path2D for the screen.
 * Coordinates are those of the picture.
 */
const STEP = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
]; // right, down, left, up; the inside is to the right
const paths = new WeakMap();

export function outlineOf(mask) {
  if (!paths.has(mask)) {
    const path = new Path2D();
    for (const ring of rings(mask)) {
      const points = smooth(smooth(middles(ring)));
      points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      path.closePath();
    }
    paths.set(mask, path);
  }
  return paths.get(mask);
}

/** Rings of corners [x, y], one for each pixel edge. */
export function rings(mask) {
  const { w, h, bytes } = mask,
    columns = w + 1,
    leaving = new Uint8Array(columns * (h + 1));
  const inside = (x, y) => x >= 0 && y >= 0 && x < w && y < h && bytes[y * w + x];
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      if (!bytes[y * w + x]) continue;
      if (!inside(x, y - 1)) leaving[y * columns + x] |= 1;
      if (!inside(x + 1, y)) leaving[y * columns + x + 1] |= 2;
      if (!inside(x, y + 1)) leaving[(y + 1) * columns + x + 1] |= 4;
      if (!inside(x - 1, y)) leaving[(y + 1) * columns + x] |= 8;
    }
  }
  const found = [];
  for (let start = 0; start < leaving.length; start++) {
    while (leaving[start]) {
      const ring = [];
      let at = start,
        way = Math.log2(leaving[start] & -leaving[start]);
      do {
        // Right turns first: they keep two outlines apart that touch at a corner.
        const turn = [1, 0, 3].map((k) => (way + k) % 4).find((k) => leaving[at] & (1 << k));
        way = ring.length && turn !== undefined ? turn : way;
        leaving[at] &= ~(1 << way);
        ring.push([mask.x + (at % columns), mask.y + Math.floor(at / columns)]);
        at += STEP[way][0] + STEP[way][1] * columns;
      } while (at !== start);
      found.push(ring);
    }
  }
  return found;
}

const middles = (ring) =>
  ring.map(([x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length];
    return [(x + u) / 2, (y + v) / 2];
  });

const smooth = (ring) =>
  ring.length < 8
    ? ring
    : ring.map(([x, y], i) => {
        const [a, b] = ring[(i || ring.length) - 1],
          [u, v] = ring[(i + 1) % ring.length];
        return [(a + 2 * x + u) / 4, (b + 2 * y + v) / 4];
      });
