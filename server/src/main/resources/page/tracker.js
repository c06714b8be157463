/**
 * Tracks a region through a video from the frames on which it is marked: the server sends a mask a frame as it finds it.
 * Marking another frame, or correcting one, tracks again. Sends "progress".
 */
import { events } from "./events.js";
import { fromRle } from "./rle.js";

const PAUSE_MS = 300;

export class Tracker extends EventTarget {
  running = new Map(); // region -> {done, count, gone, ended}

  constructor(session, client, segmenter) {
    super();
    Object.assign(this, { session, client, segmenter });
    session.addEventListener("marked", ({ detail }) => segmenter.available && this.start(detail));
    session.addEventListener("open", () => this.stop());
    session.addEventListener("change", () => {
      for (const region of this.running.keys()) if (!session.regions.includes(region)) this.stop(region);
    });
  }

  /** Stops tracking one region, or all. Masks that are there stay. */
  stop(region) {
    for (const [it, run] of this.running) {
      if (region && it !== region) continue;
      run.gone.abort();
      this.running.delete(it);
    }
    this.progress();
  }

  /** Resolves once none of the regions is being tracked. */
  async finished(regions) {
    for (let busy = regions; busy.length; busy = regions.filter((it) => this.running.has(it)))
      await Promise.all(busy.map((it) => this.running.get(it)?.ended));
  }

  start(region) {
    this.stop(region);
    const run = { done: 0, count: this.session.frames.length, gone: new AbortController() };
    this.running.set(region, run);
    run.ended = this.track(region, run, this.session.frames).finally(() => {
      if (this.running.get(region) === run) this.running.delete(region);
      this.progress();
    });
    this.progress();
  }

  async track(region, run, frames) {
    const { signal } = run.gone;
    try {
      await new Promise((done) => setTimeout(done, PAUSE_MS)); // several clicks are one mark
      if (signal.aborted) return;
      const urls = await Promise.all(frames.map((frame) => frame.dataUrl())),
        body = { frames: urls, prompts: promptsOf(region), stream: true, orientation: "apply" };
      const answer = await this.client.post("segmentations", body, signal);
      for await (const data of events(answer.body)) {
        if (data === "[DONE]" || signal.aborted) break;
        const { error, frame, index, count, data: found } = JSON.parse(data);
        if (error) throw new Error(error.message);
        region.place(frame, fromRle(found[0].rle));
        Object.assign(run, { done: index + 1, count });
        this.session.emit("change");
        this.progress();
      }
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent("failed", { detail: error.message }));
    }
  }

  progress() {
    this.dispatchEvent(new Event("progress"));
  }
}

/** Each mark by its clicks; one that was drawn by hand by the box around it. */
export function promptsOf(region) {
  return region.marks.map((frame) => ({ frame, object: 1, ...(region.prompts[frame] ?? region.boxOn(frame)) }));
}
