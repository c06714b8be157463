/**
 * Asks the server about regions and adds the streamed answers to them, a few requests at a time. All regions of one
 * question go into one request, with their picture once. If the server is busy, it tries again when the server says.
 */
import { dataUrl } from "./picture.js";
import { body, describedFrames, marksOf, regionsOf } from "./request.js";
import { askedOf, grow, turnOf } from "./turn.js";

/** Browsers open at most six connections to one server; two stay free for other requests. */
const AT_ONCE = 4;
/** Answers of one request: a quarter of the server's default queue. */
const ANSWERS_AT_ONCE = 16;
const TRIES = 10;
const DEFAULT_WAIT_S = 2;

export class Asker {
  model = { id: "" };
  waiting = [];
  busy = 0;

  constructor(session, client, tracker) {
    Object.assign(this, { session, client, tracker });
  }

  /** The body of a request, pictures included. @param turn {question, tasks, earlier, temperature, length} */
  async request({ id, family }, work, regions, turn) {
    const frames = describedFrames(work.frames, regions[0], family).map((i) => work.frames[i]),
      urls = await Promise.all(frames.map((frame) => frame.dataUrl()));
    return body({ ...turn, model: id, urls, regions: regionsOf(work.frames, regions, family) });
  }

  /**
   * The body of a request to copy. Of a video that the server can track, it has the marks only: the video file or, without
   * one, its frames.
   * @param settings {kind, own, temperature, length}
   */
  async copy(work, region, settings, earlier) {
    const { model } = this,
      { source, frames } = work,
      turn = { ...settings, ...askedOf(settings, frames.length > 1, model.family), earlier };
    if (frames.length === 1 || !model.segmenter || model.family === "pam")
      return this.request(model, work, [region], turn);
    const regions = marksOf(frames, region, Boolean(source));
    const pictures = source
      ? { video: await dataUrl(source) }
      : { urls: await Promise.all(frames.map((frame) => frame.dataUrl())) };
    return body({ ...turn, model: model.id, ...pictures, regions });
  }

  /**
   * Asks one question about every region. A failed turn that it replaces is removed.
   * @param settings {kind, own, temperature, length}
   * @param fresh whether it starts a conversation or continues the region's last one
   */
  ask(regions, settings, fresh = true) {
    const { model } = this,
      { work, video } = this.session,
      asked = askedOf(settings, video, model.family);
    // Of a video, each region is described on the frames on which it is seen.
    const most = video ? 1 : Math.floor(ANSWERS_AT_ONCE / Math.max(1, asked.tasks.length));
    for (let i = 0; i < regions.length; i += most) {
      const some = regions.slice(i, i + most);
      const job = { model, work, regions: some, turns: [], gone: new AbortController(), tries: 0 };
      for (const region of some) {
        region.turns = region.turns.filter((turn) => turn.state !== "failed" || turn.answer);
        const turn = turnOf(settings, asked, model.id, fresh, fresh ? [] : region.conversation());
        turn.stop = () => this.stop(job, turn);
        job.turns.push(turn);
        region.turns = [...region.turns, turn];
        Object.assign(region, { suggested: false, changed: false });
      }
      this.waiting.push(job);
    }
    this.next();
    this.session.emit("change");
  }

  next() {
    while (this.busy < AT_ONCE && this.waiting.length) {
      this.busy++;
      this.run(this.waiting.shift()).finally(() => {
        this.busy--;
        this.next();
      });
    }
    this.waiting.forEach((job, i) => this.phase(job, "queued", { place: i + 1 }));
  }

  /** Aborts the request once no region waits for its answer. */
  stop(job, turn) {
    this.end(job, turn, { state: "stopped" });
    if (job.turns.some((it) => it.state === "running")) return;
    job.gone.abort();
    clearTimeout(job.timer);
    this.waiting = this.waiting.filter((it) => it !== job);
    this.next();
  }

  end(job, turn, how) {
    if (turn.state !== "running") return;
    Object.assign(turn, how, { stop: undefined, now: undefined });
    this.grown(job, turn);
    this.session.emit("change");
    this.session.emit("ended", job.work);
  }

  grown(job, turn) {
    this.session.emit("turn", { region: job.regions[job.turns.indexOf(turn)], turn });
  }

  phase(job, phase, more = {}) {
    for (const turn of job.turns) {
      if (turn.state !== "running" || (turn.phase === phase && turn.place === more.place)) continue;
      Object.assign(turn, { phase, now: undefined }, more);
      this.grown(job, turn);
    }
  }

  async run(job) {
    const { signal } = job.gone;
    try {
      if (!job.model.id) job.model = this.model = await this.client.model();
      if (job.work.frames.length > 1 && job.model.video === false)
        throw new Error("This model describes pictures only. Video needs a joint model.");
      if (job.work.frames.length > 1) {
        this.phase(job, "tracking");
        await this.tracker.finished(job.regions);
        signal.throwIfAborted();
      }
      const request = await this.request(job.model, job.work, job.regions, job.turns[0]);
      signal.throwIfAborted();
      const megabytes = request.messages[0].content.reduce((sum, it) => sum + (it.image_url?.url.length ?? 0), 0) / 1e6;
      this.phase(job, "sending", { megabytes });
      await this.client.describe(request, signal, {
        open: () => this.phase(job, "waiting"),
        queued: (place) => this.queued(job, place),
        text: (i, text, line) => this.write(job, job.turns[i], text, line),
        end: (i, stats) => this.end(job, job.turns[i], { state: "done", stats }),
      });
      job.turns.forEach((turn) => this.end(job, turn, { state: "done" }));
    } catch (error) {
      this.failed(job, error);
    }
  }

  /** The place in the server's queue, undefined once it computes the answer. */
  queued(job, place) {
    if (!job.turns.some((turn) => turn.phase === "writing")) this.phase(job, "waiting", { place });
  }

  write(job, turn, text, line) {
    if (turn?.state !== "running") return;
    turn.phase = "writing";
    grow(turn, text, line);
    this.grown(job, turn);
  }

  failed(job, error) {
    if (job.gone.signal.aborted) return;
    const { status, busy, retryAfter = DEFAULT_WAIT_S } = error,
      begun = job.turns.some((turn) => turn.answer);
    if (busy && !begun && ++job.tries < TRIES) return this.again(job, error.message, retryAfter * 1000);
    job.turns.forEach((turn) => this.end(job, turn, { state: "failed", error: error.message }));
    if (status === 401 || status === 403) this.session.emit("locked", error.message);
    if (status === 404) this.session.emit("renamed");
    if (error.away) this.session.emit("away");
  }

  again(job, error, ms) {
    const now = () => {
      clearTimeout(job.timer);
      this.waiting.unshift(job);
      this.next();
    };
    job.timer = setTimeout(now, ms);
    this.phase(job, "again", { error, until: Date.now() + ms, now });
  }
}
