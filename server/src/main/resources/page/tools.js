/**
 * The drawing tools. Each has down, move and up, which take points in picture coordinates, and a preview of its shape as
 * a Path2D. Only a finished shape becomes a mask. Shift adds it to the chosen region, Alt cuts it out. With `snap`, boxes
 * and strokes go to the segmenter instead.
 */
import { boxAround, clickAt, scribble } from "./marker.js";
import { Mask } from "./mask.js";
import { polygonMask } from "./polygon.js";

const how = (keys) => (keys.shift ? "add" : keys.alt ? "cut" : "new");

/** Pixels on the screen that a click may move without becoming a box. */
const STILL = 6;

class Tool {
  points = [];
  constructor(session, marker) {
    Object.assign(this, { session, marker });
  }
  /** Whether shapes go to the segmenter. */
  get snaps() {
    return this.canSnap && this.marker.snap && this.marker.segmenter.available;
  }
  get drawing() {
    return this.points.length > 0;
  }
  get size() {
    return [this.session.picture.width, this.session.picture.height];
  }
  down(point) {
    this.points = [point];
  }
  move(point) {
    if (this.drawing) this.points.push(point);
  }
  cancel() {
    this.points = [];
  }
  finish(mask, way) {
    this.points = [];
    this.session.draw(mask, way);
  }
  trail() {
    const path = new Path2D();
    this.points.forEach((p, i) => (i ? path.lineTo(p.x, p.y) : path.moveTo(p.x, p.y)));
    return path;
  }
}

/**
 * A click marks what the segmenter finds there, further clicks add to it, Alt or the right button removes; dragging draws
 * a box around a thing. A click on another region chooses it.
 */
class Click extends Tool {
  mode = undefined; // "add" or "cut" if the user chose it
  taps = true; // by keyboard, a press is a whole click
  rightButton = true;

  constructor(session, marker) {
    super(session, marker);
    session.addEventListener("change", () => {
      const { active } = session;
      if (active !== this.of || active?.running) this.mode = undefined;
      this.of = active;
    });
  }

  how(keys = {}) {
    if (keys.alt) return "cut";
    if (keys.shift) return "add";
    return this.mode ?? (this.marker.open ? "add" : "new");
  }

  /** The region that a click would choose instead of marking anything. */
  other(point, keys) {
    const found = this.how(keys) === "new" ? this.session.at(point.x, point.y, keys.reach) : undefined;
    return found === this.session.active ? undefined : found;
  }

  move(point, keys) {
    if (this.drawing) {
      this.points[1] = point;
      return;
    }
    const other = this.other(point, keys);
    this.session.hover(other);
    if (other) this.marker.clear();
    else this.marker.hover(point, this.how(keys));
  }

  up(point, keys) {
    if (!this.drawing) return;
    const [from] = this.points;
    this.cancel();
    const still = Math.hypot(point.x - from.x, point.y - from.y) * keys.scale < STILL,
      other = still && this.other(from, keys);
    this.session.hover(undefined);
    if (other) this.session.choose(other);
    else if (still) this.marker.take(clickAt(from), this.how(keys));
    else this.marker.take(boxAround(from, point), this.how(keys) === "cut" ? "cut" : keys.shift ? "add" : "new");
  }

  preview() {
    const [a, b] = this.points,
      path = new Path2D();
    if (b) path.rect(a.x, a.y, b.x - a.x, b.y - a.y);
    return { path, closed: true };
  }
}

class Box extends Tool {
  canSnap = true;
  move(point) {
    if (this.drawing) this.points[1] = point;
  }
  up(point, keys) {
    if (!this.drawing) return;
    const [a] = this.points;
    if (!this.snaps) return this.finish(Mask.box(...this.size, a, point), how(keys));
    this.cancel();
    this.marker.take(boxAround(a, point), how(keys));
  }
  preview() {
    const [a, b = a] = this.points,
      path = new Path2D();
    path.rect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(b.x - a.x), Math.abs(b.y - a.y));
    return { path, closed: true };
  }
}

class Lasso extends Tool {
  up(point, keys) {
    if (!this.drawing) return;
    if (this.points.length < 3) return this.cancel();
    this.finish(Mask.lasso(...this.size, this.points), how(keys));
  }
  preview() {
    return { path: this.trail(), closed: true };
  }
}

/** Each tap adds a corner. Tapping the first again, a double tap or Enter closes the polygon. */
class Polygon extends Tool {
  down(point, keys) {
    if (!this.drawing) return (this.points = [point, point]);
    const first = this.points[0],
      near = 10 / keys.scale,
      last = this.points.at(-2);
    const closes = Math.hypot(first.x - point.x, first.y - point.y) < near && this.points.length > 3;
    const again = Math.hypot(last.x - point.x, last.y - point.y) < near / 3 && this.points.length > 3;
    if (closes || again) return this.close(keys);
    this.points[this.points.length - 1] = point;
    this.points.push(point);
  }
  move(point) {
    if (this.drawing) this.points[this.points.length - 1] = point;
  }
  up() {}
  close(keys) {
    const corners = this.points.slice(0, -1);
    if (corners.length < 3) return this.cancel();
    this.finish(polygonMask(...this.size, [corners]), how(keys));
  }
  preview() {
    return { path: this.trail(), closed: true, corners: this.points.slice(0, -1) };
  }
}

/** A stroke that touches the chosen region, or comes close, is added to it; any other makes a new region. */
class Brush extends Tool {
  diameter = 28;
  canSnap = true;
  up(point, keys) {
    if (!this.drawing) return;
    if (this.snaps) return this.refine(keys.alt ? "cut" : keys.shift || this.marker.open ? "add" : "new");
    const chosen = this.session.active?.on(this.session.frame);
    const touches = chosen && Mask.stroke(...this.size, this.points, this.diameter * 2).meets(chosen);
    this.finish(
      Mask.stroke(...this.size, this.points, this.diameter),
      keys.alt ? "cut" : touches || keys.shift ? "add" : "new",
    );
  }
  refine(way) {
    const step = scribble(this.points);
    this.cancel();
    this.marker.take(step, way);
  }
  preview() {
    const path = this.trail();
    if (this.points.length === 1) path.lineTo(this.points[0].x + 0.01, this.points[0].y);
    return { path, stroke: this.diameter };
  }
}

class Eraser extends Brush {
  down(point) {
    const under = this.session.at(point.x, point.y);
    if (!this.session.active && under) this.session.choose(under);
    super.down(point);
  }
  up() {
    if (!this.drawing) return;
    if (this.snaps) this.refine("cut");
    else this.finish(Mask.stroke(...this.size, this.points, this.diameter), "cut");
  }
  preview() {
    return { ...super.preview(), cuts: true };
  }
}

/** Chooses the region under the pointer; on a video it also moves that region on the current frame. */
class Pick extends Tool {
  down(point, keys) {
    this.found = this.session.at(point.x, point.y, keys.reach);
    if (!this.session.video || !this.found) return;
    this.session.choose(this.found);
    this.points = [point, point];
  }
  cancel() {
    super.cancel();
    this.found = undefined; // a finger that scrolls the page chooses nothing
  }
  move(point) {
    if (this.drawing) this.points[1] = point;
  }
  shift() {
    const [a, b] = this.points;
    return a ? [Math.round(b.x - a.x), Math.round(b.y - a.y)] : [0, 0];
  }
  up() {
    const [dx, dy] = this.shift(),
      { found } = this;
    this.cancel();
    if (!found) return;
    const moved = dx || dy ? found.on(this.session.frame).moved(dx, dy) : undefined;
    if (moved && !moved.empty) this.session.put(moved);
    else this.session.choose(found);
  }
  preview() {
    return { moves: this.shift() };
  }
}

export function makeTools(session, marker) {
  const kinds = { click: Click, pick: Pick, box: Box, lasso: Lasso, polygon: Polygon, brush: Brush, eraser: Eraser };
  return Object.fromEntries(Object.entries(kinds).map(([name, Kind]) => [name, new Kind(session, marker)]));
}
