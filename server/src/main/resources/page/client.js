/** Calls the server's API: the list of models, streamed answers, masks. Errors have messages that a user understands. */
import { events } from "./events.js";
import { keep, kept } from "./kept.js";

/** @param about {status, code, busy, away, retryAfter}: retryAfter in seconds; away if the server cannot be reached */
export class ServerError extends Error {
  constructor(message, about = {}) {
    super(message);
    Object.assign(this, about);
  }
}

const KEY = "describe-anything.key";
/** Fewer tokens, or a shorter time, say nothing of the speed. */
const MEASURED = { tokens: 12, ms: 50 };

export class Client {
  /** Relative to the page's own address, so that it also works under a path prefix of a proxy. */
  base = new URL("v1/", document.baseURI).href;

  #key = kept("sessionStorage", KEY) ?? "";

  get key() {
    return this.#key;
  }

  set key(value) {
    this.#key = value;
    keep("sessionStorage", KEY, value);
  }

  /** @returns {{id, family, video, builtIn, segmenter}} video is undefined where the server does not say */
  async model() {
    const { data = [] } = await (await this.fetch("models")).json();
    if (!data.length) throw new ServerError("The server has no model loaded.");
    const first = this.models?.pick(data) ?? data[0],
      { family, kind, built_in: builtIn = false, segmenter = false } = first.describe_anything ?? {};
    return { id: first.id, family, video: kind === undefined ? undefined : kind === "joint", builtIn, segmenter };
  }

  /** Posts JSON and returns the response once its head is there. */
  post(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    return this.fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  /**
   * Streams the answers to one request, one for each region; to several tasks, each answer has several lines. Aborting
   * the signal closes the connection, which cancels the request.
   * @param on open() once the server answers, queued(place) while it waits there, text(i, text, line) for each piece,
   *     end(i, stats) for each complete answer; place is undefined once it does not wait for others; stats is {firstMs,
   *     tokens, perSecond, cut}, without tokens and perSecond if there are several regions
   */
  async describe(request, signal, on) {
    const asked = performance.now(),
      count = new Set(request.regions.map((region) => region.id)).size,
      lines = request.tasks?.length ?? 1;
    const answers = Array.from({ length: count }, () => ({ pieces: 0, open: lines, cut: false }));
    const answer = await this.post(
      "chat/completions",
      { ...request, stream: true, stream_options: { include_usage: true } },
      signal,
    );
    on.open();
    let usage;
    const place = (comment) => Number(/^queued (\d+)$/.exec(comment)?.[1]) || undefined;
    for await (const data of events(answer.body, (comment) => on.queued(place(comment)))) {
      if (data === "[DONE]") break;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ServerError(plain(chunk.error.message), { code: chunk.error.code });
      usage = chunk.usage ?? usage;
      for (const { index = 0, finish_reason: finish, delta } of chunk.choices ?? []) {
        const which = Math.floor(index / lines),
          one = answers[which];
        one.cut ||= finish === "length";
        if (delta?.content) {
          one.last = performance.now();
          one.first ??= one.last;
          one.pieces++;
          on.text(which, delta.content, index % lines);
        }
        if (finish && --one.open === 0 && count > 1)
          on.end(which, { firstMs: one.first && one.first - asked, cut: one.cut });
      }
    }
    if (answers.some((one) => one.open))
      throw new ServerError("The answer is incomplete: the server closed the connection.");
    if (count === 1) on.end(0, figures(answers[0], asked, usage?.completion_tokens));
  }

  async fetch(path, options = {}) {
    const headers = { ...options.headers, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
    const answer = await fetch(this.base + path, { ...options, headers }).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new ServerError("The server cannot be reached. Is it still running?", { away: true });
    });
    if (answer.ok) return answer;
    const error = await answer.json().then(
      (json) => json.error,
      () => undefined,
    );
    const retryAfter = Number(answer.headers.get("Retry-After")) || undefined,
      { status } = answer;
    throw new ServerError(reason(status, error, Boolean(this.key)), {
      status,
      code: error?.code,
      busy: status === 429 || status === 503,
      retryAfter,
    });
  }
}

/** Tokens a second. If all text came in one burst, the time before it counts too: a burst hides how long it took. */
function figures({ first, last, pieces, cut }, asked, tokens = pieces) {
  const burst = last - first <= MEASURED.ms,
    ms = burst ? last - asked : last - first;
  const perSecond = pieces > 1 && tokens >= MEASURED.tokens ? ((burst ? tokens : tokens - 1) * 1000) / ms : undefined;
  return { firstMs: first && first - asked, tokens, perSecond, cut };
}

function reason(status, error, keyed) {
  if (status === 401) return keyed ? "This server does not accept that API key." : "This server requires an API key.";
  if (status === 403) return "This API key has no access.";
  if (status === 413) return "The picture is too large for this server. Try a smaller one.";
  if (status === 503 && error?.code === "loading") return "The server is loading its model.";
  if (status === 429 || status === 503) return "The server is busy.";
  if (error?.message) return plain(error.message);
  return status >= 500
    ? "Something went wrong on the server. Try again in a moment."
    : `The server refused the request (${status}).`;
}

const plain = (message) => {
  const text = String(message ?? "Something went wrong on the server.").trim();
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
};
