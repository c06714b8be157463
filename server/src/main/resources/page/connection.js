/** The model's name in the header, and the form for an API key if the server requires one. */
import { element } from "./element.js";

export class Connection {
  constructor(session, client, asker, messages) {
    Object.assign(this, { client, asker, messages });
    session.addEventListener("locked", () => this.askForKey());
    session.addEventListener("renamed", () => this.connect()); // the server has another model now
    session.addEventListener("turn", ({ detail }) => {
      // The server is back.
      if (detail.turn.state === "done" && element("model").dataset.state !== "ready") this.connect();
    });
    element("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.setKey(element("key").value.trim());
    });
  }

  async connect() {
    const name = element("model-name"),
      pill = element("model");
    try {
      this.asker.model = await this.client.model();
      name.textContent = this.asker.model.id;
      pill.dataset.state = "ready";
      element("key-form").hidden = true;
    } catch (error) {
      name.textContent = error.status === 401 ? "Locked" : "Not reachable";
      pill.dataset.state = "away";
      if (error.status === 401) this.askForKey();
      else this.messages.error(error.message);
    }
  }

  askForKey() {
    element("key-form").hidden = false;
    element("key").focus();
  }

  setKey(key) {
    if (!/^[\x21-\x7e]*$/.test(key)) {
      this.messages.error("An API key has only ASCII letters, digits and punctuation, without spaces.");
      return;
    }
    this.client.key = key;
    this.connect();
  }
}
