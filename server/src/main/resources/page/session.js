/**
 * What is open: the frames, the regions on them, which one is chosen, and the undo history. Sends "change" (anything),
 * "open" (other frames), "marked" (on a frame of a video), "turn" (an answer grew) and "ended" (an answer is complete). Knows neither the DOM nor the
 * server.
 */
import { Region } from "./region.js";

const UNDO_STEPS = 100;

/** What can be opened: a picture or a video with its regions, kept under an id. */
export function workOf(frames, regions = [], about = {}) {
  return { id: newId(), name: frames[0]?.name ?? "", frames, regions, categories: [], ...about };
}

/** Not randomUUID(), which browsers offer on https and localhost only. */
const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");

export class Session extends EventTarget {
  work = { id: "", name: "", frames: [], regions: [], categories: [] };
  frame = 0;
  active = undefined;
  hovered = undefined;
  /** The names of the server's models. */
  models = [];
  past = [];
  future = [];

  get frames() {
    return this.work.frames;
  }

  get regions() {
    return this.work.regions;
  }

  set regions(regions) {
    this.work.regions = regions;
  }

  /** Whether answers say which model was asked: there are several, or there were. */
  get namesModels() {
    const asked = this.regions.flatMap((region) => region.turns.map((turn) => turn.model));
    return this.models.length > 1 || new Set(asked.filter(Boolean)).size > 1;
  }

  get picture() {
    return this.frames[this.frame];
  }

  get video() {
    return this.frames.length > 1;
  }

  open(work) {
    Object.assign(this, { work, frame: 0, active: undefined, hovered: undefined, past: [], future: [] });
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

  /**
   * The smallest region at a point, so that a region on top of a larger one can be chosen; without one, a region within
   * `reach` pixels, so that a tap may miss a small thing.
   */
  at(x, y, reach = 0) {
    const exact = this.under(x, y);
    if (exact || !reach) return exact;
    for (const r of [reach / 2, reach]) {
      for (let k = 0; k < 8; k++) {
        const near = this.under(x + r * Math.cos((k * Math.PI) / 4), y + r * Math.sin((k * Math.PI) / 4));
        if (near) return near;
      }
    }
    return undefined;
  }

  under(x, y) {
    return this.regions
      .filter((region) => region.on(this.frame)?.has(x, y))
      .sort((a, b) => a.on(this.frame).area - b.on(this.frame).area)[0];
  }

  /**
   * @param how "new" makes a region, "add" and "cut" change the chosen one. On a frame of a video that the chosen region is
   *     not marked on, "new" marks it
   * @param prompt the clicks that the mask was made from, if it was
   */
  draw(mask, how, prompt) {
    if (mask.empty) return;
    const old = this.active?.on(this.frame);
    if (how === "cut" && !old) return;
    this.remember();
    if (how === "cut") this.replace(old.without(mask));
    else if (how === "add" && old) this.replace(old.with(mask));
    else if (this.video && old && !this.active.marks.includes(this.frame)) this.replace(mask, prompt);
    else {
      const number = 1 + this.regions.reduce((most, region) => Math.max(most, region.number), 0);
      this.active = new Region(
        number,
        this.frames.map(() => undefined),
      );
      this.regions = [...this.regions, this.active];
      this.replace(mask, prompt);
    }
    this.changedMark();
  }

  /** Replaces the chosen region's mask on this frame. A region without pixels is removed. */
  put(mask, prompt) {
    this.remember();
    this.replace(mask, prompt);
    this.changedMark();
  }

  changedMark() {
    this.emit("change");
    if (this.video && this.active) this.emit("marked", this.active);
  }

  replace(mask, prompt) {
    const region = this.active,
      here = (list, value) => this.frames.map((_, i) => (i === this.frame ? value : list[i]));
    region.masks = here(region.masks, mask.empty ? undefined : mask);
    region.prompts = here(region.prompts, mask.empty ? undefined : prompt);
    region.tracked = here(region.tracked, false);
    region.suggested = false;
    region.changed = region.turns.length > 0;
    if (!region.marks.length) this.drop(region);
  }

  rename(region, label) {
    this.remember();
    region.label = label;
    this.emit("change");
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

  /** Removes a question and its answer. */
  forget(region, turn) {
    turn.stop?.();
    region.turns = region.turns.filter((it) => it !== turn);
    this.emit("change");
  }

  /** The answer that saved files and exports use. */
  caption(region, turn) {
    region.chosen = turn;
    this.emit("change");
  }

  snapshot() {
    const kept = this.regions.map((region) => {
      const { masks, prompts, tracked, label, suggested, changed } = region;
      return { region, state: { masks, prompts, tracked, label, suggested, changed } };
    });
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
    this.regions = then.kept.map(({ region, state }) => Object.assign(region, state));
    this.active = then.active;
    this.hovered = undefined;
    this.emit("change");
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
