/** The form for a question: a word, a sentence, all the detail or the user's own; temperature and length under "More". */
import { element } from "./element.js";
import { keep, kept } from "./kept.js";

const SETTINGS = "describe-anything.settings";
/** What each model family can be asked, also about a video; at first the first. */
const KINDS = {
  dam: { picture: ["detail", "sentence", "word", "own"], video: ["detail", "sentence", "word", "own"] },
  pam: { picture: ["lines", "detail", "own"], video: ["detail", "own"] },
};

export class Composer {
  /** The kind that was chosen last, by model family. */
  chosen = {};

  constructor(session, asker, marker) {
    Object.assign(this, { session, asker, marker, form: element("ask") });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.describe();
    });
    this.restore();
    this.form.addEventListener("change", (event) => {
      if (event.target.name === "kind") this.chosen[this.family] = event.target.value;
      keep("localStorage", SETTINGS, JSON.stringify({ ...this.settings, chosen: this.chosen }));
      this.update();
    });
    for (const id of ["temperature", "length"]) element(id).addEventListener("input", () => this.update());
    element("own").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
    element("describe-all").addEventListener("click", () => this.asker.ask(this.unanswered(), this.settings));
    session.addEventListener("change", () => this.update());
    this.update();
  }

  /** The settings of the last visit. */
  restore() {
    try {
      const { kind, chosen, own, temperature, length } = JSON.parse(kept("localStorage", SETTINGS)) ?? {};
      this.chosen = chosen ?? (kind ? { dam: kind } : {});
      element("own").value = own ?? "";
      if (temperature !== undefined) element("temperature").value = temperature;
      if (length) element("length").value = length;
    } catch {
      // Written by another version of the page.
    }
  }

  get family() {
    const { family } = this.asker.model;
    return Object.hasOwn(KINDS, family) ? family : "dam";
  }

  /** Offers what the model can be asked, and chooses what was chosen last. */
  offer() {
    const kinds = KINDS[this.family][this.session.video ? "video" : "picture"];
    if (String(kinds) === String(this.offered)) return;
    this.offered = kinds;
    for (const radio of this.form.elements.kind) radio.parentNode.hidden = !kinds.includes(radio.value);
    const last = this.chosen[this.family];
    this.form.elements.kind.value = kinds.includes(last) ? last : kinds[0];
  }

  get settings() {
    const kind = this.form.elements.kind.value;
    return {
      kind,
      own: element("own").value,
      temperature: Number(element("temperature").value),
      length: Number(element("length").value),
    };
  }

  unanswered() {
    return this.session.regions.filter((region) => !region.turns.length);
  }

  /** Once the last click has its mask. */
  async describe() {
    await this.marker.taking;
    const { active } = this.session;
    if (active?.running) return active.turns.forEach((turn) => turn.stop?.());
    if (!active) return;
    if (this.settings.kind === "own" && !this.settings.own.trim()) return element("own").focus();
    this.asker.ask([active], this.settings);
  }

  update() {
    this.offer();
    const { active, regions } = this.session,
      badge = element("ask-badge"),
      button = element("describe"),
      all = element("describe-all");
    const own = this.settings.kind === "own",
      open = this.unanswered().length;
    element("own-field").hidden = !own;
    badge.hidden = !active;
    badge.textContent = active?.number ?? "";
    badge.style.background = active?.colour ?? "";
    element("ask-name").textContent = active ? active.name : regions.length ? "Choose a region" : "Mark a region";
    button.disabled = !active;
    button.textContent = active?.running ? "Stop" : own ? "Ask" : "Describe";
    button.classList.toggle("stop", Boolean(active?.running));
    all.hidden = open < 2;
    all.textContent = `Describe all ${open}`;
    element("temperature-value").textContent = this.settings.temperature.toFixed(1);
    element("length-value").textContent = this.settings.length;
  }
}
