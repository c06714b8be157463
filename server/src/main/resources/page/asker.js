/**
 * Asks the server about regions and adds the streamed answers to them, a few requests at a time. All regions of one
 * question go into one request, with their picture once. If the server is busy, it tries again when the server says.
 */
import { dataUrl } from "./picture.js";
import { body, describedFrames, marksOf, regionsOf } from "./request.js";
import { questionOf, turnOf } from "./turn.js";

/** Browsers open at most six connections to one server; two stay free for other requests. */
const AT_ONCE = 4;
/** Regions of one request: a quarter of the server's default queue. */
const REGIONS_AT_ONCE = 16;
const TRIES = 10;
const DEFAULT_WAIT_S = 2;

export class Asker {
  model = { id: "" };
  waiting = [];
  busy = 0;

  constructor(session, client, tracker) {
    Object.assign(this, { session, client, tracker });
  }

  /** @param settings {kind, own, temperature, length}  @returns the text of the question */
  question(settings) {
    return questionOf(settings, this.session.video);
  }

  /** The body of a request, pictures included. */
  async request(work, regions, { earlier, question, temperature, length }) {
    const frames = describedFrames(work.frames, regions[0]).map((i) => work.frames[i]),
      urls = await Promise.all(frames.map((frame) => frame.dataUrl()));
    const entries = regionsOf(work.frames, regions);
    return body({ model: this.model.id, urls, regions: entries, earlier, question, temperature, length });
  }

  /**
   * The body of a request to copy. Of a video that the server can track, it has the marks only: the video file or, without
   * one, its frames.
   */
  async copy(work, region, turn) {
    if (work.frames.length === 1 || !this.model.segmenter) return this.request(work, [region], turn);
    const { source, frames } = work,
      regions = marksOf(frames, region, Boolean(source)),
      { earlier, question, temperature, length } = turn;
    const pictures = source
      ? { video: await dataUrl(source) }
      : { urls: await Promise.all(frames.map((frame) => frame.dataUrl())) };
    return body({ model: this.model.id, ...pictures, regions, earlier, question, temperature, length });
  }

  /**
   * Asks one question about every region. A failed turn that it replaces is removed.
   * @param fresh whether it starts a conversation or continues the region's last one
   */
  ask(regions, settings, fresh = true) {
    // Of a video, each region is described on the frames on which it is seen.
    const most = this.session.video ? 1 : REGIONS_AT_ONCE;
    for (let i = 0; i < regions.length; i += most) {
      const some = regions.slice(i, i + most),
        question = this.question(settings);
      const job = { work: this.session.work, regions: some, turns: [], gone: new AbortController(), tries: 0 };
      for (const region of some) {
        region.turns = region.turns.filter((turn) => turn.state !== "failed" || turn.answer);
        const turn = turnOf(settings, question, fresh, fresh ? [] : region.conversation());
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
      if (job.work.frames.length > 1 && this.model.video === false)
        throw new Error("This model describes pictures only. Video needs a joint model.");
      if (!this.model.id) this.model = await this.client.model();
      if (job.work.frames.length > 1) {
        this.phase(job, "tracking");
        await this.tracker.finished(job.regions);
        signal.throwIfAborted();
      }
      const request = await this.request(job.work, job.regions, job.turns[0]);
      signal.throwIfAborted();
      const megabytes = request.messages[0].content.reduce((sum, it) => sum + (it.image_url?.url.length ?? 0), 0) / 1e6;
      this.phase(job, "sending", { megabytes });
      await this.client.describe(request, signal, {
        open: () => this.phase(job, "waiting"),
        text: (i, text) => this.write(job, job.turns[i], text),
        end: (i, stats) => this.end(job, job.turns[i], { state: "done", stats }),
      });
      job.turns.forEach((turn) => this.end(job, turn, { state: "done" }));
    } catch (error) {
      this.failed(job, error);
    }
  }

  write(job, turn, text) {
    if (turn?.state !== "running") return;
    turn.phase = "writing";
    turn.answer += turn.answer ? text : text.trimStart();
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
