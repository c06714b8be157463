/** Asks the server about a region and adds the streamed answer to it, a few requests at a time. */
import { body, pictures, QUESTIONS, VIDEO_DETAIL } from "./request.js";

/** Browsers open at most six connections to one server; two stay free for other requests. */
const AT_ONCE = 4;

export class Asker {
  model = { id: "", video: undefined };
  waiting = [];
  busy = 0;

  constructor(session, client) {
    Object.assign(this, { session, client });
  }

  /** @param settings {kind, own, temperature, length}  @returns the text of the question */
  question({ kind, own }) {
    if (kind === "own") return own.trim();
    return kind === "detail" && this.session.video ? VIDEO_DETAIL : QUESTIONS[kind];
  }

  /** The body of a turn's request, pictures included. */
  async request(region, turn) {
    const urls = await pictures(this.session, region),
      { temperature, length, question } = turn;
    return body({ model: this.model.id, urls, earlier: turn.earlier, question, temperature, length });
  }

  /** @param fresh whether it starts a conversation or continues the region's last one */
  ask(region, settings, fresh = true) {
    const { temperature, length } = settings,
      gone = new AbortController();
    const turn = {
      question: this.question(settings),
      fresh,
      temperature,
      length,
      answer: "",
      state: "running",
      error: "",
      stats: undefined,
      earlier: fresh ? [] : region.conversation(),
      stop: () => this.stop(region, turn, gone),
    };
    region.turns = [...region.turns, turn];
    Object.assign(region, { suggested: false, changed: false });
    this.session.emit("change");
    this.waiting.push({ turn, run: () => this.run(region, turn, gone.signal) });
    this.next();
    return turn;
  }

  next() {
    if (this.busy >= AT_ONCE || !this.waiting.length) return;
    this.busy++;
    this.waiting
      .shift()
      .run()
      .finally(() => {
        this.busy--;
        this.next();
      });
  }

  stop(region, turn, gone) {
    gone.abort();
    const index = this.waiting.findIndex((it) => it.turn === turn);
    if (index < 0) return;
    this.waiting.splice(index, 1);
    Object.assign(turn, { state: "stopped", stop: undefined });
    this.session.emit("turn", { region, turn });
    this.session.emit("change");
  }

  async run(region, turn, signal) {
    try {
      if (this.session.video && this.model.video === false)
        throw new Error("This model describes pictures only. Video needs a joint model.");
      if (!this.model.id) this.model = await this.client.model();
      const request = await this.request(region, turn);
      signal.throwIfAborted();
      turn.stats = await this.client.describe(request, signal, (text) => {
        turn.answer += turn.answer ? text : text.trimStart();
        this.session.emit("turn", { region, turn });
      });
      turn.state = "done";
    } catch (error) {
      turn.state = signal.aborted ? "stopped" : "failed";
      if (!signal.aborted) turn.error = error.message;
      if (error.status === 401) this.session.emit("locked");
      if (error.status === 404) this.session.emit("renamed");
    }
    turn.stop = undefined;
    this.session.emit("turn", { region, turn });
    this.session.emit("change");
  }
}
