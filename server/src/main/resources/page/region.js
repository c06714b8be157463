/**
 * A region: its number, colour and name, one mask a frame, the clicks that made it, and the questions and answers about
 * it.
 */
import { fromRle, toRle } from "./rle.js";
import { restored, saved } from "./turn.js";

export const COLOURS = ["#2563eb", "#c2410c", "#0f766e", "#7c3aed", "#be185d", "#4d7c0f", "#a16207", "#0369a1"];

export class Region {
  label = "";
  /** The prompt of each frame whose mask the segmenter made: {points, labels, box}. */
  prompts = [];
  /** Whether the mask of a frame came from tracking the marks on others; it is empty where the thing is out of sight. */
  tracked = [];
  turns = [];
  changed = false;
  /** The turn whose answer is the caption; by default the last one that started a conversation. */
  chosen = undefined;
  /** Fields of a COCO annotation that the page does not know. */
  extra = {};

  /** @param masks one for each frame, undefined where none was drawn  @param suggested outlined, but not described yet */
  constructor(number, masks, suggested = false) {
    Object.assign(this, { number, masks, suggested });
    this.colour = COLOURS[(number - 1) % COLOURS.length];
  }

  get name() {
    return this.label || `Region ${this.number}`;
  }

  /** The mask on a frame: its own, else that of the nearest earlier frame, else that of the nearest later one. */
  on(frame) {
    for (let i = frame; i >= 0; i--) if (this.masks[i]) return this.masks[i];
    return this.masks.find((mask) => mask);
  }

  /** The frames on which it was marked. */
  get marks() {
    return [...this.masks.keys()].filter((i) => this.masks[i] && !this.tracked[i]);
  }

  /** The prompt that stands for a mask without one. */
  boxOn(frame) {
    const { x, y, w, h } = this.masks[frame];
    return { box: [x, y, x + w, y + h] };
  }

  /** Takes a tracked mask; marks stay as they are. */
  place(frame, mask) {
    if (this.masks[frame] && !this.tracked[frame]) return;
    this.masks = this.masks.with(frame, mask);
    this.tracked = this.masks.map((_, i) => i === frame || Boolean(this.tracked[i]));
  }

  get running() {
    return this.turns.some((turn) => turn.state === "running");
  }

  get answered() {
    return this.turns.filter((turn) => turn.answer && turn.state !== "running");
  }

  /** The turn that exports and saved files use. */
  get caption() {
    const { answered } = this;
    if (answered.includes(this.chosen)) return this.chosen;
    return answered.findLast((turn) => turn.fresh) ?? answered.at(-1);
  }

  /** The turns of the conversation that the last one belongs to. */
  conversation(before = this.turns.length) {
    const turns = this.turns.slice(0, before);
    const start = turns.findLastIndex((turn) => turn.fresh);
    return turns.slice(Math.max(0, start)).filter((turn) => turn.answer);
  }

  /** Everything that survives a reload, as JSON. */
  saved() {
    const { number, label, suggested, changed, prompts, tracked, extra, turns } = this;
    const masks = this.masks.map((mask) => (mask ? toRle(mask) : null)),
      kept = turns.filter((turn) => turn.answer || turn.state === "failed");
    return {
      number,
      label,
      suggested,
      changed,
      prompts,
      tracked,
      extra,
      masks,
      turns: kept.map(saved),
      chosen: kept.indexOf(this.chosen),
    };
  }

  static restored({ number, label, suggested, changed, prompts, tracked = [], extra, masks, turns, chosen }) {
    const region = new Region(
      number,
      masks.map((rle) => (rle ? fromRle(rle) : undefined)),
      suggested,
    );
    Object.assign(region, { label, changed, prompts, tracked, extra, turns: turns.map(restored) });
    region.chosen = region.turns[chosen];
    return region;
  }
}
