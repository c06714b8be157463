/**
 * Marks things through the segmenter: keeps the prompt of the thing that is being marked, asks for its mask, and gives it
 * to the session. Also finds the mask that a click would take, before it is made.
 */
const PAUSE_MS = 70;

/** Points that the server makes of a scribble, too. */
const OF_A_SCRIBBLE = 8;

export class Marker extends EventTarget {
  draft = undefined; // {prompt, region, frame}: the prompt as asked for last; its mask may be on the way
  preview = undefined; // {point, mask}
  taking = undefined; // resolves once the mask of the last step is there

  constructor(session, segmenter) {
    super();
    Object.assign(this, { session, segmenter });
    session.addEventListener("open", () => this.forget());
    session.addEventListener("change", () => {
      const { region, pending } = this.draft ?? {};
      if (region && !pending && (region !== session.active || region.running)) this.draft = undefined;
    });
  }

  /** Whether a click adds to the thing that was just marked. */
  get open() {
    return Boolean(this.draft);
  }

  forget() {
    this.draft = undefined;
    this.clear();
  }

  /** The prompt that the mask of the region being marked was made from; of a tracked mask, the box around it. */
  get base() {
    const { active, frame } = this.session;
    if (this.draft?.pending) return this.draft.prompt;
    const tracked = active?.tracked[frame] && !active.masks[frame].empty;
    return active?.prompts[frame] ?? (tracked ? active.boxOn(frame) : undefined);
  }

  /** The prompt that a step would give. @param step {points, labels, box}  @param how "new", "add" or "cut" */
  prompt(step, how) {
    const { base } = this;
    if (how === "new" || !base) return step;
    if (how === "add") return this.lost(step) ? step : merged(base, step);
    return step.box ? step : merged(base, { ...step, labels: step.points.map(() => 0) });
  }

  /** Whether a click shows that tracking lost the thing: it is outside the box around the tracked mask. */
  lost({ points }) {
    const { active, frame } = this.session;
    if (!active?.tracked[frame] || active.prompts[frame]) return false;
    const [x0, y0, x1, y1] = active.boxOn(frame).box;
    return points?.some(([x, y]) => x < x0 || y < y0 || x > x1 || y > y1) ?? true;
  }

  /** Adds a step to the prompt and takes the mask for it. @param how "new", "add" or "cut" */
  take(step, how) {
    this.taking = this.mark(step, how);
    return this.taking;
  }

  async mark(step, how) {
    const { session } = this,
      { frame, active, picture } = session;
    this.clear();
    const { base } = this,
      way = how === "add" && !base && !active ? "new" : how;
    // A region that was drawn by hand has no prompt: what the step finds is added to it or cut from it.
    const drawn = active?.marks.includes(frame) && !base,
      apart = way !== "new" && (drawn || (way === "cut" && step.box));
    if (how === "cut" && !base && !drawn) return this.say("There is nothing to remove from. Click a thing first.");
    const prompt = this.prompt(step, way);
    const draft = { prompt, pending: true, frame, region: way === "new" ? undefined : active };
    this.draft = draft;
    this.changed();
    try {
      const mask = await this.segmenter.mask(picture, prompt);
      if (this.draft !== draft || session.frame !== frame || session.picture !== picture) return;
      draft.pending = false;
      if (mask.empty) this.nothing(draft);
      else if (apart) session.draw(mask, way);
      else if (draft.region && session.regions.includes(draft.region)) {
        session.active = draft.region;
        session.put(mask, prompt);
      } else session.draw(mask, "new", prompt);
      draft.region = session.active;
      if (apart) this.draft = undefined;
    } catch (error) {
      if (this.draft === draft) this.draft = undefined;
      this.say(error.message);
    }
    this.changed();
  }

  nothing(draft) {
    this.draft = draft.region && { ...draft, pending: false };
    this.say("Nothing was found there.");
  }

  /** Finds the mask of a click that is not made yet, once the pointer rests for a moment. */
  hover(point, how) {
    if (this.preview && !this.preview.mask.has(point.x, point.y)) this.show(undefined);
    clearTimeout(this.timer);
    this.gone?.abort();
    this.gone = new AbortController();
    const { signal } = this.gone;
    this.timer = setTimeout(() => this.look(point, how, signal), PAUSE_MS);
  }

  async look(point, how, signal) {
    const { picture } = this.session;
    if (this.draft?.pending) return;
    try {
      const mask = await this.segmenter.mask(picture, this.prompt(clickAt(point), how), signal);
      if (!signal.aborted && picture === this.session.picture) this.show(mask.empty ? undefined : { point, mask, how });
    } catch {
      // The click itself says what is wrong.
    }
  }

  clear() {
    clearTimeout(this.timer);
    this.gone?.abort();
    this.show(undefined);
  }

  show(preview) {
    if (preview === this.preview) return;
    this.preview = preview;
    this.changed();
  }

  say(text) {
    this.dispatchEvent(new CustomEvent("say", { detail: text }));
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

const round = (v) => Math.round(v * 100) / 100;

export const clickAt = ({ x, y }) => ({ points: [[round(x), round(y)]], labels: [1] });

export const boxAround = (a, b) => ({
  box: [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)].map(round),
});

/** Points at equal distances on a line. */
export function scribble(line) {
  const ends = [0];
  for (let i = 1; i < line.length; i++)
    ends.push(ends[i - 1] + Math.hypot(line[i].x - line[i - 1].x, line[i].y - line[i - 1].y));
  const length = ends.at(-1);
  if (!length) return clickAt(line[0]);
  const points = Array.from({ length: Math.min(OF_A_SCRIBBLE, line.length) }, (_, k, most = line.length) => {
    const at = (length * k) / (Math.min(OF_A_SCRIBBLE, most) - 1),
      i = Math.max(
        1,
        ends.findIndex((end) => end >= at - 1e-9),
      );
    const part = (at - ends[i - 1]) / (ends[i] - ends[i - 1] || 1),
      [a, b] = [line[i - 1], line[i]];
    return [round(a.x + part * (b.x - a.x)), round(a.y + part * (b.y - a.y))];
  });
  return { points, labels: points.map(() => 1) };
}

/** Points of both; a later box replaces an earlier one. */
export function merged(base, step) {
  const points = [...(base.points ?? []), ...(step.points ?? [])],
    labels = [...(base.labels ?? []), ...(step.labels ?? [])],
    box = step.box ?? base.box;
  return { ...(points.length && { points, labels }), ...(box && { box }) };
}
