/** What the page tells its user: hints and results over the picture, errors above it. */
import { element } from "./element.js";

const SHOWN_MS = 2600;

const HINTS = {
  box: "Draw a box around the thing.",
  lasso: "Draw around the thing.",
  polygon: "Tap the corners; tap the first one again to close.",
  brush: "Paint over the thing.",
  eraser: "Erase what does not belong.",
};

export class Messages {
  constructor(session, stage) {
    Object.assign(this, { session, stage });
    element("trouble-close").addEventListener("click", () => this.clear());
    stage.addEventListener("tool", () => this.hint());
    session.addEventListener("change", () => {
      clearTimeout(this.timer);
      this.hint();
    });
    this.hint();
  }

  /** Shows a result for a moment, and reads it out. */
  say(text) {
    element("status").textContent = text;
    element("hint").textContent = text;
    element("hint").classList.add("shown");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hint(), SHOWN_MS);
  }

  error(text) {
    element("trouble-text").textContent = text ?? "";
    element("trouble").hidden = !text;
  }

  clear() {
    this.error(undefined);
  }

  /** Shows what to do next, if anything. */
  hint() {
    const text = this.next();
    element("hint").textContent = text;
    element("hint").classList.toggle("shown", Boolean(text));
  }

  next() {
    const { stage } = this,
      { active, regions, frame, video } = this.session;
    const begun = regions.some((region) => region.turns.some((turn) => turn.stop || turn.stats || turn.error));
    if (video && active && !active.turns.length && active.masks.some((mask) => !mask))
      return "Go through the frames; move or redraw the region where it is off.";
    if (stage.tool !== "pick") return active?.masks[frame] ? "" : HINTS[stage.tool];
    if (active && !active.turns.length && !video) return "Now press Describe.";
    if (regions.some((region) => region.suggested) && !begun) return "Tap any outlined thing.";
    return regions.length ? "" : "Pick a tool above and mark a thing.";
  }

  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers offer the clipboard on https and localhost only; this older way works elsewhere.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "sr";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    this.say(done);
  }
}
