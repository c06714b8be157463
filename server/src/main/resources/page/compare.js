/** Two answers side by side: to different questions, at different settings, or about different regions. */
import { showAnswer } from "./answer.js";
import { element, make } from "./element.js";
import { labelOf } from "./turn.js";

export class Compare {
  constructor(session) {
    Object.assign(this, { session, dialog: element("compare") });
  }

  /** Shows the last two answers about a region. */
  show(region) {
    this.answers = this.session.regions.flatMap((it) => it.answered.map((turn) => ({ region: it, turn })));
    const own = this.answers.filter((it) => it.region === region),
      chosen = [own.at(-2) ?? own[0], own.at(-1)];
    element("compare-columns").replaceChildren(...chosen.map((answer, i) => this.column(answer, i)));
    this.dialog.showModal();
  }

  column(answer, i) {
    const text = make("div", { class: "answer" }),
      select = make("select", { "aria-label": `Answer ${i + 1}` });
    for (const region of new Set(this.answers.map((it) => it.region))) {
      const group = make("optgroup", { label: region.label ? `${region.number} ${region.label}` : region.name });
      for (const [k, it] of this.answers.entries())
        if (it.region === region)
          group.append(make("option", { value: k }, labelOf(it.turn, this.session.namesModels)));
      select.append(group);
    }
    const show = () => {
      const { region, turn } = this.answers[select.value];
      text.replaceChildren();
      showAnswer(text, turn);
      section.style.setProperty("--colour", region.colour);
    };
    const section = make("section", {}, make("span", { class: "select" }, select), text);
    select.addEventListener("change", show);
    select.value = this.answers.indexOf(answer);
    show();
    return section;
  }
}
