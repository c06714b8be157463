/** One region's card: its questions and answers, and buttons to ask again, copy and remove. */
import { icon, make } from "./element.js";
import { QUESTIONS, VIDEO_DETAIL } from "./request.js";

/** Questions that are not shown above their answer, because a button asked them. */
const USUAL = new Set([...Object.values(QUESTIONS), VIDEO_DETAIL, ""]);

export class Card {
  /** @param actions {choose, hover, remove, follow, again, copyText, copyRequest} */
  constructor(region, actions) {
    Object.assign(this, { region, actions, turns: [] });
    const name = `card-${region.number}`;
    const badge = make("span", { class: "badge", "aria-hidden": "true" }, String(region.number));
    badge.style.background = region.colour;
    this.size = make("span", { class: "dim" });
    this.list = make("div", { class: "turns" });
    this.note = make(
      "p",
      { class: "changed", hidden: true },
      "The region has changed since. Describe it again for a new answer.",
    );
    this.field = make("input", {
      type: "text",
      placeholder: "Ask something else about it",
      "aria-label": `Another question about region ${region.number}`,
      autocomplete: "off",
    });
    this.follow = make(
      "form",
      { class: "follow", onsubmit: (event) => this.submit(event) },
      this.field,
      make(
        "button",
        { type: "submit", class: "icon", title: "Ask" },
        icon("send"),
        make("span", { class: "sr" }, "Ask"),
      ),
    );
    this.code = make(
      "select",
      { "aria-label": `Copy the request for region ${region.number}`, onchange: () => this.copyRequest() },
      ...[
        ["", "Copy request"],
        ["curl", "as curl"],
        ["python", "as Python"],
        ["node", "as Node.js"],
      ].map(([value, text]) => make("option", { value }, text)),
    );
    this.foot = make(
      "div",
      { class: "foot" },
      (this.copy = make(
        "button",
        { type: "button", class: "plain small", onclick: () => actions.copyText(region) },
        icon("copy"),
        "Copy text",
      )),
      make("span", { class: "select" }, icon("code"), this.code),
    );
    this.element = make(
      "article",
      {
        class: "card",
        id: name,
        "aria-labelledby": `${name}-name`,
        onclick: (event) => this.clicked(event),
        onpointerenter: () => actions.hover(region),
        onpointerleave: () => actions.hover(undefined),
      },
      make(
        "header",
        {},
        badge,
        make(
          "h3",
          { id: `${name}-name` },
          make("button", { type: "button", class: "bare", onclick: () => actions.choose(region) }, region.name),
        ),
        this.size,
        make(
          "button",
          { type: "button", class: "icon plain", title: "Remove", onclick: () => actions.remove(region) },
          icon("close"),
          make("span", { class: "sr" }, `Remove region ${region.number}`),
        ),
      ),
      this.list,
      this.note,
      this.follow,
      this.foot,
    );
    this.element.style.setProperty("--colour", region.colour);
  }

  clicked(event) {
    if (!event.target.closest("button, input, select, a") && !String(getSelection())) this.actions.choose(this.region);
  }

  submit(event) {
    event.preventDefault();
    const own = this.field.value.trim();
    if (!own) return;
    this.field.value = "";
    this.actions.follow(this.region, own);
  }

  copyRequest() {
    const language = this.code.value;
    this.code.value = "";
    if (language) this.actions.copyRequest(this.region, language);
  }

  update({ active, hovered, frame }) {
    const { region } = this,
      mask = region.on(frame),
      answered = region.turns.some((turn) => turn.answer);
    this.element.classList.toggle("active", region === active);
    this.element.classList.toggle("hovered", region === hovered);
    this.size.textContent = mask ? `${mask.w} × ${mask.h} px` : "";
    this.note.hidden = !region.changed;
    this.follow.hidden = !answered || region.running;
    this.copy.hidden = !answered;
    this.turns = this.turns.filter((shown) => region.turns.includes(shown.turn) || shown.element.remove());
    for (const turn of region.turns) {
      let shown = this.turns.find((s) => s.turn === turn);
      if (!shown) {
        shown = new Shown(turn, () => this.actions.again(region, turn));
        this.turns.push(shown);
        this.list.append(shown.element);
      }
      shown.update();
    }
    if (!region.turns.length && !this.list.firstChild)
      this.list.append(make("p", { class: "empty" }, "Not described yet."));
    else if (region.turns.length) this.list.querySelector(".empty")?.remove();
  }

  grow(turn) {
    this.turns.find((shown) => shown.turn === turn)?.update();
  }
}

/** A question and its answer on a card. */
class Shown {
  constructor(turn, again) {
    this.turn = turn;
    this.question = make("p", { class: "question" }, turn.question);
    this.question.hidden = USUAL.has(turn.question);
    // aria-busy makes a screen reader wait for the complete answer.
    this.answer = make("p", { class: "answer", "aria-live": "polite", "aria-atomic": "true" });
    this.said = make("p", { class: "said" });
    this.again = make("button", { type: "button", class: "small", onclick: again }, "Try again");
    this.element = make("div", { class: "turn" }, this.question, this.answer, this.said, this.again);
  }

  update() {
    const { answer, state, error, stats } = this.turn;
    if (this.answer.textContent !== answer) this.answer.textContent = answer;
    this.answer.classList.toggle("growing", state === "running");
    this.answer.setAttribute("aria-busy", String(state === "running"));
    this.answer.hidden = !answer && state !== "running";
    this.said.className = state === "failed" ? "said failed" : "said";
    this.said.textContent =
      state === "failed" ? error : [state === "stopped" && "Stopped", ...figures(stats)].filter(Boolean).join(" · ");
    this.again.hidden = state !== "failed";
  }
}

function figures(stats) {
  if (!stats) return [];
  const { firstMs, tokens, perSecond, cut } = stats;
  return [
    firstMs !== undefined && `first word after ${(firstMs / 1000).toFixed(firstMs < 995 ? 2 : 1)} s`,
    perSecond && `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} tokens/s`,
    `${tokens} token${tokens === 1 ? "" : "s"}`,
    cut && "cut at the maximum length",
  ];
}
