/**
 * Masks from clicks, boxes and scribbles, by the server's segmenter. A picture is sent with its first prompt; later
 * prompts name it by the digest of that answer. Sends "busy" with what it waits for, or without when it has it.
 */
import { fromRle } from "./rle.js";

export class Segmenter extends EventTarget {
  available = false;
  embedded = new WeakMap(); // picture -> the first request's answer
  busy = 0;

  constructor(client) {
    super();
    this.client = client;
  }

  /**
   * The best mask for a prompt, empty if there is none.
   * @param prompt {points: [[x, y]], labels: [1 or 0], box: [x0, y0, x1, y1]}
   */
  async mask(picture, prompt, signal) {
    const first = this.embedded.get(picture);
    if (!first) return this.first(picture, prompt);
    const { digest } = await this.waiting("Embedding the picture …", first);
    signal?.throwIfAborted();
    try {
      const answer = await this.ask({ digest }, prompt, signal);
      return maskOf(answer);
    } catch (error) {
      if (error.code !== "unknown_digest") throw error;
      this.embedded.delete(picture); // dropped from the server's cache, or another server
      return this.first(picture, prompt);
    }
  }

  /** Not aborted when the pointer moves on: its embedding serves all prompts. */
  async first(picture, prompt) {
    const answer = picture.dataUrl().then((url) => this.ask(url, prompt));
    const digest = answer.then(({ image }) => image);
    this.embedded.set(picture, digest);
    digest.catch(() => this.embedded.delete(picture));
    return maskOf(await this.waiting("Embedding the picture …", answer));
  }

  async ask(image, prompt, signal) {
    const body = { image, prompts: [prompt], orientation: "apply" };
    return (await this.client.post("segmentations", body, signal)).json();
  }

  async waiting(text, promise) {
    this.busy++;
    this.dispatchEvent(new CustomEvent("busy", { detail: text }));
    try {
      return await promise;
    } finally {
      if (!--this.busy) this.dispatchEvent(new CustomEvent("busy"));
    }
  }
}

const maskOf = ({ data }) => fromRle(data[0].masks[0].rle);
