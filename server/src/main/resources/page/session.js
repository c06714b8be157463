/**
 * What is open: the frames, the regions on them, which one is chosen, and the undo history. Sends "change" (anything),
 * "open" (new frames) and "turn" (an answer grew). Knows neither the DOM nor the server.
 */
import { Region } from "./region.js";

const UNDO_STEPS = 100;

export class Session extends EventTarget {
  frames = [];
  frame = 0;
  regions = [];
  active = undefined;
  hovered = undefined;
  past = [];
  future = [];

  get picture() {
    return this.frames[this.frame];
  }

  get video() {
    return this.frames.length > 1;
  }

  open(frames, regions = []) {
    this.regions.forEach((region) => region.turns.forEach((turn) => turn.stop?.()));
    Object.assign(this, { frames, frame: 0, regions, active: undefined, hovered: undefined, past: [], future: [] });
    this.emit("open");
    this.emit("change");
  }

  show(frame) {
    this.frame = frame;
    this.emit("change");
  }

  choose(region) {
    this.active = region;
    this.emit("change");
  }

  hover(region) {
    if (this.hovered === region) return;
    this.hovered = region;
    this.emit("change");
  }

  /** The smallest region at a point, so that a region on top of a larger one can be chosen. */
  at(x, y) {
    return this.regions
      .filter((region) => region.on(this.frame)?.has(x, y))
      .sort((a, b) => a.on(this.frame).area - b.on(this.frame).area)[0];
  }

  /**
   * @param how "new" makes a region, "add" and "cut" change the chosen one. On a frame of a video that has only a copy of
   *     the chosen region's mask, "new" replaces the copy
   */
  draw(mask, how) {
    if (mask.empty) return;
    const old = this.active?.on(this.frame);
    if (how === "cut" && !old) return;
    this.remember();
    if (how === "cut") this.replace(old.without(mask));
    else if (how === "add" && old) this.replace(old.with(mask));
    else if (this.video && old && !this.active.masks[this.frame]) this.replace(mask);
    else {
      const number = 1 + this.regions.reduce((most, region) => Math.max(most, region.number), 0);
      this.active = new Region(
        number,
        this.frames.map((_, i) => (i === this.frame ? mask : undefined)),
      );
      this.regions = [...this.regions, this.active];
    }
    this.emit("change");
  }

  /** Replaces the chosen region's mask on this frame. A region without pixels is removed. */
  put(mask) {
    this.remember();
    this.replace(mask);
    this.emit("change");
  }

  replace(mask) {
    const region = this.active;
    region.masks = region.masks.map((m, i) => (i === this.frame ? (mask.empty ? undefined : mask) : m));
    region.suggested = false;
    region.changed = region.turns.length > 0;
    if (!region.masks.some((m) => m)) this.drop(region);
  }

  remove(region) {
    this.remember();
    this.drop(region);
    this.emit("change");
  }

  drop(region) {
    region.turns.forEach((turn) => turn.stop?.());
    this.regions = this.regions.filter((r) => r !== region);
    if (this.active === region) this.active = undefined;
    if (this.hovered === region) this.hovered = undefined;
  }

  clear() {
    this.remember();
    [...this.regions].forEach((region) => this.drop(region));
    this.emit("change");
  }

  snapshot() {
    const kept = this.regions.map((region) => ({
      region,
      masks: region.masks,
      suggested: region.suggested,
      changed: region.changed,
    }));
    return { kept, active: this.active };
  }

  remember() {
    this.past = [...this.past.slice(-UNDO_STEPS + 1), this.snapshot()];
    this.future = [];
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    const then = from.pop();
    if (!then) return;
    to.push(this.snapshot());
    const kept = new Set(then.kept.map(({ region }) => region));
    this.regions.filter((region) => !kept.has(region)).forEach((region) => this.drop(region));
    this.regions = then.kept.map(({ region, masks, suggested, changed }) =>
      Object.assign(region, { masks, suggested, changed }),
    );
    this.active = then.active;
    this.hovered = undefined;
    this.emit("change");
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
