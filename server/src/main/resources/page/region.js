/** A region: its number and colour, one mask a frame, and the questions and answers about it. */
export const COLOURS = ["#2563eb", "#c2410c", "#0f766e", "#7c3aed", "#be185d", "#4d7c0f", "#a16207", "#0369a1"];

export class Region {
  /** @param masks one for each frame, undefined where none was drawn  @param suggested outlined, but not described yet */
  constructor(number, masks, suggested = false) {
    Object.assign(this, { number, masks, suggested, turns: [], changed: false });
    this.colour = COLOURS[(number - 1) % COLOURS.length];
  }

  get name() {
    return `Region ${this.number}`;
  }

  /** The mask on a frame: its own, else that of the nearest earlier frame, else that of the nearest later one. */
  on(frame) {
    for (let i = frame; i >= 0; i--) if (this.masks[i]) return this.masks[i];
    return this.masks.find((mask) => mask);
  }

  get running() {
    return this.turns.some((turn) => turn.state === "running");
  }

  /** The turns of the conversation that the last one belongs to. */
  conversation(before = this.turns.length) {
    const turns = this.turns.slice(0, before);
    const start = turns.findLastIndex((turn) => turn.fresh);
    return turns.slice(Math.max(0, start)).filter((turn) => turn.answer);
  }
}
