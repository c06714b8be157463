/** What the page tells its user: hints and results over the picture, errors above it. */
import { element } from "./element.js";

const SHOWN_MS = 2600;

const HINTS = {
  click: "Click a thing, or drag a box around it.",
  box: "Draw a box around the thing.",
  lasso: "Draw around the thing.",
  polygon: "Tap the corners; tap the first one again to close.",
  brush: "Paint over the thing.",
  eraser: "Erase what does not belong.",
};

export class Messages {
  busy = undefined; // what the segmenter waits for

  constructor(session, stage) {
    Object.assign(this, { session, stage });
    stage.marker.addEventListener("say", ({ detail }) => this.say(detail));
    stage.marker.segmenter.addEventListener("busy", ({ detail }) => {
      if (detail && !this.busy) element("status").textContent = detail;
      this.busy = detail;
      this.hint();
    });
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
    element("offer").hidden = true;
    element("trouble").classList.add("trouble");
    element("trouble-text").textContent = text ?? "";
    element("trouble").hidden = !text;
  }

  /** A message with a button. */
  offer(text, name, action) {
    this.error(text);
    element("trouble").classList.remove("trouble");
    element("offer").hidden = false;
    element("offer").textContent = name;
    element("offer").onclick = () => {
      this.clear();
      action();
    };
  }

  clear() {
    this.error(undefined);
  }

  /** Shows what to do next, if anything. */
  hint() {
    const text = this.busy ?? this.next(),
      hint = element("hint");
    if (text) hint.textContent = text; // an empty hint fades out with its last text
    hint.classList.toggle("shown", Boolean(text));
    hint.classList.toggle("busy", Boolean(this.busy));
  }

  next() {
    const { stage } = this,
      { active, regions, frame, video } = this.session;
    const begun = regions.some((region) => region.turns.some((turn) => turn.stop || turn.stats || turn.error));
    if (video && active && !active.turns.length && active.masks.some((mask) => !mask))
      return stage.marker.segmenter.available
        ? ""
        : "Go through the frames; move or redraw the region where it is off.";
    if (stage.tool === "click") return this.nextClick();
    if (stage.tool !== "pick") return active?.masks[frame] ? "" : HINTS[stage.tool];
    if (active && !active.turns.length && !video) return "Now press Describe.";
    if (regions.some((region) => region.suggested) && !begun) return "Tap any outlined thing.";
    return regions.length ? "" : "Pick a tool above and mark a thing.";
  }

  nextClick() {
    const { active, regions, frame } = this.session;
    if (!active) return regions.some((region) => region.turns.length) ? "" : HINTS.click;
    if (active.turns.length || active.prompts[frame]?.points?.length !== 1) return "";
    return matchMedia("(hover: none)").matches
      ? "Tap again to add; Remove takes away."
      : "Click again to add to it, right-click to take away.";
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
