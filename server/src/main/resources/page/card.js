/** One region's card: its name, its questions and answers, and buttons to ask again, compare, copy and remove. */
import { icon, make } from "./element.js";
import { TurnView } from "./turn-view.js";

const button = (title, name, onclick, text) =>
  make(
    "button",
    { type: "button", class: "icon plain", title, onclick },
    icon(name),
    make("span", { class: "sr" }, text),
  );

export class Card {
  /** @param actions {choose, hover, rename, remove, follow, again, forget, caption, compare, copyText, copyRequest} */
  constructor(region, actions) {
    Object.assign(this, { region, actions, turns: [] });
    const { number, colour } = region,
      badge = make("span", { class: "badge", "aria-hidden": "true" }, String(number));
    badge.style.background = colour;
    this.size = make("span", { class: "dim" });
    this.list = make("div", { class: "turns" });
    this.note = make(
      "p",
      { class: "changed", hidden: true },
      "The region has changed since. Describe it again for a new answer.",
    );
    this.element = make(
      "article",
      {
        class: "card",
        id: `card-${number}`,
        "aria-labelledby": `card-${number}-name`,
        onclick: (event) => this.clicked(event),
        onpointerenter: () => actions.hover(region),
        onpointerleave: () => actions.hover(undefined),
      },
      make(
        "header",
        {},
        badge,
        this.title(),
        this.size,
        button("Remove", "close", () => actions.remove(region), `Remove region ${number}`),
      ),
      this.list,
      this.note,
      this.question(),
      this.feet(),
    );
    this.element.style.setProperty("--colour", colour);
  }

  /** The region's name, which can be edited in place. */
  title() {
    const { region, actions } = this;
    this.name = make("button", { type: "button", class: "bare", onclick: () => actions.choose(region) });
    this.label = make("input", {
      type: "text",
      class: "label",
      "aria-label": `Name of region ${region.number}`,
      placeholder: "Name",
      maxlength: 80,
      hidden: true,
      onblur: () => this.rename(),
      onkeydown: (event) => {
        if (event.key === "Escape") this.label.value = region.label;
        if (event.key === "Enter" || event.key === "Escape") this.rename(true);
      },
    });
    this.edit = button("Rename", "edit", () => this.editName(), `Rename region ${region.number}`);
    this.edit.classList.add("edit");
    return make("h3", { id: `card-${region.number}-name` }, this.name, this.label, this.edit);
  }

  editName() {
    this.label.value = this.region.label;
    this.label.hidden = false;
    this.name.hidden = this.edit.hidden = true;
    this.label.focus();
    this.label.select();
  }

  rename(focus = false) {
    if (this.label.hidden) return;
    const label = this.label.value.trim();
    this.label.hidden = true;
    this.name.hidden = this.edit.hidden = false;
    if (focus) this.edit.focus();
    if (label !== this.region.label) this.actions.rename(this.region, label);
  }

  question() {
    this.field = make("input", {
      type: "text",
      placeholder: "Ask something else about it",
      "aria-label": `Another question about region ${this.region.number}`,
      autocomplete: "off",
    });
    const send = make(
      "button",
      { type: "submit", class: "icon", title: "Ask" },
      icon("send"),
      make("span", { class: "sr" }, "Ask"),
    );
    this.follow = make("form", { class: "follow", onsubmit: (event) => this.submit(event) }, this.field, send);
    return this.follow;
  }

  feet() {
    const { region, actions } = this,
      small = (name, text, onclick) =>
        make("button", { type: "button", class: "plain small", onclick }, icon(name), text);
    this.copy = small("copy", "Copy text", () => actions.copyText(region));
    this.compare = small("compare", "Compare", () => actions.compare(region));
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
    return make(
      "div",
      { class: "foot" },
      this.copy,
      this.compare,
      make("span", { class: "select" }, icon("code"), this.code),
    );
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

  update({ active, hovered, frame, namesModels: named }) {
    const { region, actions } = this,
      mask = region.on(frame),
      { answered, caption } = region;
    this.element.classList.toggle("active", region === active);
    this.element.classList.toggle("hovered", region === hovered);
    this.name.textContent = region.name;
    this.size.textContent = mask?.empty ? "out of sight" : mask ? `${mask.w} × ${mask.h} px` : "";
    this.note.hidden = !region.changed;
    this.follow.hidden = !answered.length || region.running;
    this.copy.hidden = !answered.length;
    this.compare.hidden = answered.length < 2;
    this.turns = this.turns.filter((shown) => region.turns.includes(shown.turn) || shown.element.remove());
    for (const turn of region.turns) {
      let shown = this.turns.find((s) => s.turn === turn);
      if (!shown) {
        shown = new TurnView(region, turn, actions);
        this.turns.push(shown);
        this.list.append(shown.element);
      }
      shown.update({ choice: answered.length > 1, chosen: turn === caption, named });
    }
    if (!region.turns.length && !this.list.firstChild)
      this.list.append(make("p", { class: "empty" }, "Not described yet."));
    else if (region.turns.length) this.list.querySelector(".empty")?.remove();
  }

  /** Shows the last answer, also on a card that is higher than the list. */
  scrollToLast() {
    for (const it of [this.element, this.turns.at(-1)?.element]) it?.scrollIntoView({ block: "nearest" });
  }

  grow(turn) {
    this.turns.find((shown) => shown.turn === turn)?.update();
  }
}
