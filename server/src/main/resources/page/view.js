/** Scale and position of the picture on the stage, in CSS pixels. */
export class View {
  scale = 1;
  x = 0;
  y = 0;
  fitted = true;

  /** Shows the whole picture with a margin, another one at the top, at most four times its size. */
  fit(picture, width, height, margin, top = margin) {
    const free = height - top - margin;
    this.scale = Math.max(0.01, Math.min((width - 2 * margin) / picture.width, free / picture.height, 4));
    this.x = (width - picture.width * this.scale) / 2;
    this.y = top + (free - picture.height * this.scale) / 2;
    this.fitted = true;
  }

  /** Keeps the point under (x, y) in place. */
  zoom(factor, x, y) {
    const scale = Math.max(0.05, Math.min(40, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
  }

  toPicture(x, y) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  toScreen(x, y) {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y };
  }
}
