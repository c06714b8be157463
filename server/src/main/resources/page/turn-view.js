/** A question and its answer on a card: what was asked, the answer as it grows, and what it waits for. */
import { showAnswer } from "./answer.js";
import { element, icon, make } from "./element.js";
import { labelOf, waitsFor } from "./turn.js";

const TICK_MS = 500;

export class TurnView {
  /** @param actions {again, forget, caption} */
  constructor(region, turn, actions) {
    Object.assign(this, { region, turn, choice: false, chosen: false, named: false });
    this.question = make("p", { class: "question" });
    const small = (title, name, onclick) =>
      make(
        "button",
        { type: "button", class: "icon plain", title, onclick },
        icon(name),
        make("span", { class: "sr" }, `${title}: `, make("span", { class: "which" })),
      );
    this.star = small("Use as caption", "star", () => actions.caption(region, turn));
    this.repeat = small("Ask again", "again", () => actions.again(region, turn));
    this.remove = small("Delete", "close", () => actions.forget(region, turn));
    // aria-busy makes a screen reader wait for the complete answer.
    this.answer = make("div", { class: "answer", "aria-live": "polite", "aria-atomic": "true" });
    this.said = make("p", { class: "said" });
    this.again = make("button", { type: "button", class: "small", onclick: () => this.tryAgain(actions) });
    this.element = make(
      "div",
      { class: "turn" },
      make("div", { class: "asked" }, this.question, this.star, this.repeat, this.remove),
      this.answer,
      this.said,
      this.again,
    );
  }

  /** At once instead of when the server is expected to be free, or after a failure. */
  tryAgain(actions) {
    if (this.turn.now) this.turn.now();
    else actions.again(this.region, this.turn);
  }

  /** @param more {choice: whether there are several answers, chosen: whether this is the caption, named: whether it names its model} */
  update(more = {}) {
    Object.assign(this, more);
    this.label();
    const { answer, state, error, stats, phase } = this.turn,
      running = state === "running";
    showAnswer(this.answer, this.turn);
    this.answer.classList.toggle("growing", running && phase === "writing");
    this.answer.setAttribute("aria-busy", String(running));
    this.answer.hidden = !answer && !(running && phase === "writing");
    this.said.className = state === "failed" ? "said failed" : running ? "said waits" : "said";
    if (running) this.wait();
    else
      this.said.textContent =
        state === "failed" ? error : [state === "stopped" && "Stopped", ...figures(stats)].filter(Boolean).join(" · ");
    this.again.hidden = state !== "failed" && !(running && phase === "again");
    this.again.textContent = running ? "Try now" : "Try again";
    for (const it of [this.repeat, this.remove]) it.hidden = running;
    this.star.hidden = running || !answer || !this.choice;
    this.star.setAttribute("aria-pressed", String(this.chosen));
  }

  label() {
    const label = labelOf(this.turn, this.named);
    if (this.question.textContent === label) return;
    this.question.textContent = label;
    for (const which of this.element.querySelectorAll(".which")) which.textContent = label;
  }

  /** Says what the turn waits for, and for how long; tells a screen reader when that changes. */
  wait() {
    const { turn } = this,
      text = waitsFor(turn),
      seconds = Math.floor((Date.now() - turn.since) / 1000);
    this.said.textContent = text && (turn.phase === "again" || !seconds ? text : `${text} · ${seconds} s`);
    const told = `${turn.phase} ${turn.place}`;
    if (text && this.told !== told && this.element.isConnected)
      element("status").textContent = `${this.region.name}: ${text}`;
    this.told = told;
    clearTimeout(this.timer);
    if (text) this.timer = setTimeout(() => turn.state === "running" && this.wait(), TICK_MS);
  }
}

function figures(stats) {
  if (!stats) return [];
  const { firstMs, tokens, perSecond, cut } = stats;
  return [
    firstMs !== undefined && `first word after ${(firstMs / 1000).toFixed(firstMs < 995 ? 2 : 1)} s`,
    perSecond && `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} tokens/s`,
    tokens && `${tokens} token${tokens === 1 ? "" : "s"}`,
    cut && "cut at the maximum length",
  ];
}
