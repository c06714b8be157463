/**
 * The pixels of one region, immutable: the size of the frame, and bytes (0 or 1, row-major) of the region's bounding
 * box. A pixel belongs to a drawn shape if its centre does, so edges are hard.
 */
export class Mask {
  constructor(width, height, x, y, w, h, bytes) {
    Object.assign(this, { width, height, x, y, w, h, bytes });
  }

  /** Calls `draw(bytes, w, h, left, top)` on the given box, clipped to the frame, and trims the result. */
  static paint(width, height, x0, y0, x1, y1, draw) {
    const left = Math.max(0, Math.floor(x0)),
      top = Math.max(0, Math.floor(y0));
    const w = Math.max(0, Math.min(width, Math.ceil(x1)) - left),
      h = Math.max(0, Math.min(height, Math.ceil(y1)) - top);
    const bytes = new Uint8Array(w * h);
    if (bytes.length) draw(bytes, w, h, left, top);
    return new Mask(width, height, left, top, w, h, bytes).trimmed();
  }

  /** The same region in a frame of another size. */
  scaled(width, height) {
    if (width === this.width && height === this.height) return this;
    const sx = this.width / width,
      sy = this.height / height;
    const [x1, y1] = [(this.x + this.w) / sx + 1, (this.y + this.h) / sy + 1];
    return Mask.paint(width, height, this.x / sx - 1, this.y / sy - 1, x1, y1, (bytes, w, h, left, top) => {
      for (let i = 0; i < bytes.length; i++) {
        const x = (i % w) + left + 0.5,
          y = Math.floor(i / w) + top + 0.5;
        bytes[i] = this.has(Math.floor(x * sx), Math.floor(y * sy)) ? 1 : 0;
      }
    });
  }

  static box(width, height, a, b) {
    const [x0, x1] = [Math.round(Math.min(a.x, b.x)), Math.round(Math.max(a.x, b.x))];
    const [y0, y1] = [Math.round(Math.min(a.y, b.y)), Math.round(Math.max(a.y, b.y))];
    return Mask.paint(width, height, x0, y0, x1, y1, (bytes) => bytes.fill(1));
  }

  static empty(width, height) {
    return new Mask(width, height, 0, 0, 0, 0, new Uint8Array(0));
  }

  /** One ring, filled by the non-zero rule: a lasso that crosses itself has no holes. */
  static lasso(width, height, points) {
    const xs = points.map((p) => p.x),
      ys = points.map((p) => p.y);
    const [x0, x1, y0, y1] = [min(xs), max(xs), min(ys), max(ys)];
    return Mask.paint(width, height, x0, y0, x1 + 1, y1 + 1, (bytes, w, h, left, top) => {
      for (let row = 0; row < h; row++) {
        const y = top + row + 0.5,
          crossings = [];
        for (let i = 0; i < points.length; i++) {
          const a = points[i],
            b = points[(i + 1) % points.length];
          if (a.y <= y === b.y <= y) continue;
          crossings.push({ x: a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x), turn: b.y > a.y ? 1 : -1 });
        }
        crossings.sort((a, b) => a.x - b.x);
        for (let i = 0, winding = 0; i + 1 < crossings.length; i++) {
          winding += crossings[i].turn;
          if (!winding) continue;
          const from = Math.max(0, Math.ceil(crossings[i].x - 0.5) - left);
          const to = Math.min(w, Math.ceil(crossings[i + 1].x - 0.5) - left);
          if (to > from) bytes.fill(1, row * w + from, row * w + to);
        }
      }
    });
  }

  /** A round brush of the given diameter along the points. */
  static stroke(width, height, points, diameter) {
    const r = Math.max(0.5, diameter / 2),
      xs = points.map((p) => p.x),
      ys = points.map((p) => p.y);
    return Mask.paint(
      width,
      height,
      min(xs) - r,
      min(ys) - r,
      max(xs) + r + 1,
      max(ys) + r + 1,
      (bytes, w, h, left, top) => {
        for (let i = 0; i < points.length; i++) {
          const a = points[Math.max(0, i - 1)],
            b = points[i];
          const dx = b.x - a.x,
            dy = b.y - a.y,
            length = dx * dx + dy * dy || 1;
          const y1 = Math.min(h, Math.ceil(Math.max(a.y, b.y) + r - top)),
            x1 = Math.min(w, Math.ceil(Math.max(a.x, b.x) + r - left));
          for (let y = Math.max(0, Math.floor(Math.min(a.y, b.y) - r - top)); y < y1; y++) {
            for (let x = Math.max(0, Math.floor(Math.min(a.x, b.x) - r - left)); x < x1; x++) {
              const px = x + left + 0.5 - a.x,
                py = y + top + 0.5 - a.y;
              const t = Math.max(0, Math.min(1, (px * dx + py * dy) / length));
              if ((px - t * dx) ** 2 + (py - t * dy) ** 2 <= r * r) bytes[y * w + x] = 1;
            }
          }
        }
      },
    );
  }

  /** From one byte a pixel of the whole frame, row-major; nonzero is inside. */
  static full(width, height, bytes) {
    return new Mask(width, height, 0, 0, width, height, bytes).trimmed();
  }

  get empty() {
    return this.bytes.length === 0;
  }

  get area() {
    return (this.count ??= this.bytes.reduce((sum, b) => sum + (b ? 1 : 0), 0));
  }

  has(x, y) {
    x = Math.floor(x) - this.x;
    y = Math.floor(y) - this.y;
    return x >= 0 && y >= 0 && x < this.w && y < this.h && this.bytes[y * this.w + x] !== 0;
  }

  meets(other) {
    return this.bytes.some((inside, i) => inside && other.has(this.x + (i % this.w), this.y + Math.floor(i / this.w)));
  }

  with(other) {
    if (this.empty) return other;
    if (other.empty) return this;
    const x0 = Math.min(this.x, other.x),
      y0 = Math.min(this.y, other.y);
    const x1 = Math.max(this.x + this.w, other.x + other.w),
      y1 = Math.max(this.y + this.h, other.y + other.h);
    return Mask.paint(this.width, this.height, x0, y0, x1, y1, (bytes, w, h, left, top) => {
      for (const m of [this, other]) m.each((x, y) => (bytes[(y - top) * w + x - left] = 1));
    });
  }

  without(other) {
    return Mask.paint(
      this.width,
      this.height,
      this.x,
      this.y,
      this.x + this.w,
      this.y + this.h,
      (bytes, w, h, left, top) => {
        this.each((x, y) => (bytes[(y - top) * w + x - left] = other.has(x, y) ? 0 : 1));
      },
    );
  }

  /** Shifted by whole pixels and clipped to the frame. */
  moved(dx, dy) {
    return Mask.paint(
      this.width,
      this.height,
      this.x + dx,
      this.y + dy,
      this.x + dx + this.w,
      this.y + dy + this.h,
      (bytes, w, h, left, top) => {
        this.each((x, y) => {
          const column = x + dx - left,
            row = y + dy - top;
          if (column >= 0 && row >= 0 && column < w && row < h) bytes[row * w + column] = 1;
        });
      },
    );
  }

  each(visit) {
    for (let i = 0; i < this.bytes.length; i++) {
      if (this.bytes[i]) visit(this.x + (i % this.w), this.y + Math.floor(i / this.w));
    }
  }

  trimmed() {
    let x0 = this.w,
      y0 = this.h,
      x1 = 0,
      y1 = 0;
    for (let y = 0, i = 0; y < this.h; y++) {
      for (let x = 0; x < this.w; x++, i++) {
        if (!this.bytes[i]) continue;
        if (x < x0) x0 = x;
        if (x >= x1) x1 = x + 1;
        if (y < y0) y0 = y;
        y1 = y + 1;
      }
    }
    if (x1 <= x0) return Mask.empty(this.width, this.height);
    const w = x1 - x0,
      h = y1 - y0,
      bytes = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) bytes.set(this.bytes.subarray((y + y0) * this.w + x0, (y + y0) * this.w + x1), y * w);
    return new Mask(this.width, this.height, this.x + x0, this.y + y0, w, h, bytes);
  }
}

/** Not Math.min(...xs): a long lasso has more points than a call can have arguments. */
const min = (values) => values.reduce((a, b) => Math.min(a, b));
const max = (values) => values.reduce((a, b) => Math.max(a, b));
