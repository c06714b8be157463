/** The choice between the models of a server, hidden where there is only one. */
import { element } from "./element.js";

export class Models {
  constructor(session) {
    this.session = session;
    element("model-choice").addEventListener("change", () => session.emit("renamed"));
  }

  /** Offers the models that the server lists. @returns the entry of the chosen one, at first the server's default */
  pick(data) {
    const models = data.filter((model) => !model.describe_anything?.alias_of),
      choice = element("model-choice"),
      chosen = models.find(({ id }) => id === choice.value) ?? models[0] ?? data[0];
    choice.replaceChildren(...models.map(({ id }) => new Option(id, id, false, id === chosen.id)));
    this.session.models = models.map(({ id }) => id);
    element("model-field").hidden = models.length < 2;
    return chosen;
  }
}
