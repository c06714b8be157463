/** A question about a region and its answer: how it is labelled, what is said while it waits, and how it is saved. */

/** The questions that the built-in model was trained on; the one for video is the published joint model's. */
export const QUESTIONS = {
  word: "Describe the masked region in one word.",
  sentence: "Describe it in one short sentence.",
  detail: "Describe the masked region in detail.",
};
export const VIDEO_DETAIL =
  "Given the video in the form of a sequence of frames above, describe the object in the masked region in the video in detail.";

const LABELS = { word: "In a word", sentence: "In a sentence", detail: "In detail" };
const USUAL = { temperature: 0.2, length: 512 };

/** @param settings {kind, own, temperature, length}  @param video whether it is about a video */
export function questionOf({ kind, own }, video) {
  if (kind === "own") return own.trim();
  return kind === "detail" && video ? VIDEO_DETAIL : QUESTIONS[kind];
}

/** @param fresh whether it starts a conversation  @param earlier the turns that it continues */
export function turnOf(settings, question, fresh, earlier) {
  const { temperature, length } = settings;
  return {
    question,
    temperature,
    length,
    fresh,
    earlier,
    answer: "",
    state: "running",
    phase: "queued",
    since: Date.now(),
    error: "",
    stats: undefined,
  };
}

/** What was asked, in the words of the buttons: "In detail", "What colour is it? · temperature 0.7". */
export function labelOf({ question, temperature, length }) {
  const kind = question === VIDEO_DETAIL ? "detail" : Object.keys(QUESTIONS).find((k) => QUESTIONS[k] === question);
  const parts = [LABELS[kind] ?? (question || "Caption")];
  if (temperature !== USUAL.temperature) parts.push(`temperature ${temperature.toFixed(1)}`);
  if (length !== USUAL.length) parts.push(`at most ${length} tokens`);
  return parts.join(" · ");
}

/** What a running turn waits for, without the time; empty while its answer grows. */
export function waitsFor({ phase, place, megabytes, error, until }, now = Date.now()) {
  if (phase === "queued") return place > 1 ? `Number ${place} in the queue` : "Next in the queue";
  if (phase === "tracking") return "Waiting for the region to be tracked";
  if (phase === "sending")
    return `${megabytes >= 1 ? `Sending ${megabytes.toFixed(1)} MB` : "Sent"}, waiting for the server`;
  if (phase === "waiting") return "Waiting for the first word";
  if (phase === "again") return `${error} Trying again in ${Math.max(1, Math.ceil((until - now) / 1000))} s`;
  return "";
}

export function saved({ question, temperature, length, fresh, answer, state, error, stats }) {
  const ended = state === "running" ? "stopped" : state;
  return { question, temperature, length, fresh, answer, state: ended, error: ended === "failed" ? error : "", stats };
}

/** From a saved file or the browser's store; a file may have only question and answer. */
export function restored({ question = "", answer = "", fresh = true, ...rest }) {
  return { ...USUAL, state: "done", error: "", stats: undefined, earlier: [], ...rest, question, answer, fresh };
}
