/**
 * The server's state in the header: the model's name, or that it cannot be reached, looked up again until it can. Asks
 * for an API key if the server requires one.
 */
import { element } from "./element.js";

/** How the built-in model says so. */
const UNRECOGNISED = /recogni[sz]e|^unknown\W*$/i;
const WAIT_MS = [1000, 2000, 3000, 5000];

export class Connection extends EventTarget {
  tries = 0;

  constructor(session, client, asker, messages) {
    super();
    Object.assign(this, { client, asker, messages });
    session.addEventListener("locked", ({ detail }) => this.askForKey(detail));
    session.addEventListener("renamed", () => this.connect()); // the server has another model now
    session.addEventListener("away", () => this.connect());
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.connect());
    session.addEventListener("ended", ({ detail }) => this.explain(detail));
    for (const id of ["built-in-pill", "built-in-more"])
      element(id).addEventListener("click", () => element("serve").showModal());
    element("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.setKey(element("key").value.trim());
    });
  }

  /** Says once that the built-in model knows drawings only, when it has not recognised something. */
  explain({ regions }) {
    if (!this.asker.model.builtIn) return;
    const lost = regions.some((region) => region.answered.some(({ answer }) => UNRECOGNISED.test(answer)));
    if (lost) element("built-in").hidden = false;
  }

  show(name, state) {
    element("model-name").textContent = name;
    element("model").dataset.state = state;
  }

  async connect() {
    clearTimeout(this.timer);
    try {
      this.asker.model = await this.client.model();
      this.show(this.asker.model.id, "ready");
      element("built-in-pill").hidden = !this.asker.model.builtIn;
      element("key-form").hidden = true;
      if (this.tries) this.messages.say("The server can be reached again.");
      this.tries = 0;
      this.dispatchEvent(new Event("model"));
    } catch (error) {
      if (error.status === 401 || error.status === 403) {
        this.show("Locked", "away");
        this.askForKey(error.message);
      } else {
        this.show(error.busy ? "Loading" : "Not reachable", error.busy ? "busy" : "away");
        this.timer = setTimeout(() => this.connect(), WAIT_MS[Math.min(this.tries++, WAIT_MS.length - 1)]);
      }
    }
  }

  askForKey(reason) {
    element("key-label").textContent = reason;
    element("key-form").classList.toggle("wrong", Boolean(this.client.key));
    element("key-form").hidden = false;
    element("key").select();
    element("key").focus();
  }

  setKey(key) {
    if (!/^[\x21-\x7e]*$/.test(key)) {
      this.messages.error("An API key has only ASCII letters, digits and punctuation, without spaces.");
      return;
    }
    this.messages.clear();
    this.client.key = key;
    this.connect();
  }
}
