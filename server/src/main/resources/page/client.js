/** Calls the server's API: the list of models, and one streamed answer. Errors have messages that a user understands. */
import { events } from "./events.js";
import { keep, kept } from "./kept.js";

export class ServerError extends Error {
  constructor(message, status, retryAfter) {
    super(message);
    Object.assign(this, { status, retryAfter });
  }
}

const KEY = "describe-anything.key",
  BURST_MS = 50;

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

  /** @returns {{id: string, video: boolean|undefined}} undefined where the server does not say */
  async model() {
    const { data = [] } = await (await this.fetch("models")).json();
    if (!data.length) throw new ServerError("The server has no model loaded.");
    const first = this.models?.pick(data) ?? data[0],
      kind = first.describe_anything?.kind;
    return { id: first.id, video: kind === undefined ? undefined : kind === "joint" };
  }

  /**
   * Streams one answer. Aborting the signal closes the connection, which cancels the request.
   * @param onText called with each piece of text
   * @returns {{firstMs, tokens, perSecond, cut}} tokens is the server's count, or without one the number of pieces
   */
  async describe(request, signal, onText) {
    const asked = performance.now();
    const answer = await this.fetch("chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
      signal,
    });
    let first,
      last,
      pieces = 0,
      usage,
      finish;
    for await (const data of events(answer.body)) {
      if (data === "[DONE]") break;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ServerError(plain(chunk.error.message), chunk.error.code);
      usage = chunk.usage ?? usage;
      finish = chunk.choices?.[0]?.finish_reason ?? finish;
      const text = chunk.choices?.[0]?.delta?.content;
      if (!text) continue;
      last = performance.now();
      first ??= last;
      pieces++;
      onText(text);
    }
    if (!finish) throw new ServerError("The answer is incomplete: the server closed the connection.");
    const tokens = usage?.completion_tokens ?? pieces;
    const perSecond = pieces > 1 ? rate(tokens, asked, first, last) : undefined;
    return { firstMs: first && first - asked, tokens, perSecond, cut: finish === "length" };
  }

  async fetch(path, options = {}) {
    const headers = { ...options.headers, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
    const answer = await fetch(this.base + path, { ...options, headers }).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new ServerError("The server cannot be reached. Is it still running?");
    });
    if (answer.ok) return answer;
    const said = await answer.json().then(
      (json) => json.error?.message,
      () => undefined,
    );
    const wait = Number(answer.headers.get("Retry-After")) || undefined;
    throw new ServerError(reason(answer.status, said, wait), answer.status, wait);
  }
}

/** Tokens a second. If all text came in one burst, the time before it counts too: a burst hides how long it took. */
function rate(tokens, asked, first, last) {
  return last - first > BURST_MS ? ((tokens - 1) * 1000) / (last - first) : (tokens * 1000) / (last - asked);
}

function reason(status, said, wait) {
  const again = wait ? ` Try again in ${wait} second${wait === 1 ? "" : "s"}.` : " Try again in a moment.";
  if (status === 401) return "The server requires an API key.";
  if (status === 403) return "This API key has no access.";
  if (status === 413) return "The picture is too large for this server. Try a smaller one.";
  if (status === 429 || status === 503) return "The server is busy." + again;
  if (said) return plain(said);
  return status >= 500 ? "Something went wrong on the server." + again : `The server refused the request (${status}).`;
}

const plain = (message) => {
  const text = String(message ?? "Something went wrong on the server.").trim();
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
};
