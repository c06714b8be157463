/** Asks the server about a region and keeps the answer with it, letter by letter. */
import { body, pictures, QUESTIONS, VIDEO_DETAIL } from "./request.js";

/** Browsers open six connections to one server at most; the rest stays free for everything else. */
const AT_ONCE = 4;

export class Asker {
  model = { id: "", video: undefined };
  waiting = [];
  busy = 0;

  constructor(session, client) {
    Object.assign(this, { session, client });
  }

  /** @param settings {kind, own, temperature, length}  @returns the words of the question */
  question({ kind, own }) {
    if (kind === "own") return own.trim();
    return kind === "detail" && this.session.video ? VIDEO_DETAIL : QUESTIONS[kind];
  }

  /** The request for a turn as it is sent, pictures included. */
  async request(region, turn) {
    const urls = await pictures(this.session, region),
      { temperature, length, question } = turn;
    return body({ model: this.model.id, urls, earlier: turn.earlier, question, temperature, length });
  }

  /** @param fresh whether it starts anew or follows what was said about the region before */
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
    this.session.tell("change");
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
    const place = this.waiting.findIndex((it) => it.turn === turn);
    if (place < 0) return;
    this.waiting.splice(place, 1);
    Object.assign(turn, { state: "stopped", stop: undefined });
    this.session.tell("turn", { region, turn });
    this.session.tell("change");
  }

  async run(region, turn, signal) {
    try {
      if (this.session.video && this.model.video === false)
        throw new Error("This model describes pictures only. A joint model describes video as well.");
      if (!this.model.id) this.model = await this.client.model();
      const request = await this.request(region, turn);
      signal.throwIfAborted();
      turn.stats = await this.client.describe(request, signal, (text) => {
        turn.answer += turn.answer ? text : text.trimStart();
        this.session.tell("turn", { region, turn });
      });
      turn.state = "done";
    } catch (error) {
      turn.state = signal.aborted ? "stopped" : "failed";
      if (!signal.aborted) turn.error = error.message;
      if (error.status === 401) this.session.tell("locked");
      if (error.status === 404) this.session.tell("renamed");
    }
    turn.stop = undefined;
    this.session.tell("turn", { region, turn });
    this.session.tell("change");
  }
}
