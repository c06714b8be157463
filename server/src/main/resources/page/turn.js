/** A question about a region and its answer: how it is labelled, what is said while it waits, and how it is saved. */

/** The questions that the built-in model was trained on; the one for video is the published joint model's. */
export const QUESTIONS = {
  word: "Describe the masked region in one word.",
  sentence: "Describe it in one short sentence.",
  detail: "Describe the masked region in detail.",
};
export const VIDEO_DETAIL =
  "Given the video in the form of a sequence of frames above, describe the object in the masked region in the video in detail.";

/** Perceive Anything has questions with names instead. The answers to several are the lines of one. */
const TASKS = {
  word: ["label"],
  sentence: ["caption"],
  detail: ["detailed_caption"],
  lines: ["label", "definition", "caption"],
};
const CLIP_TASKS = ["caption"];

const LABELS = {
  word: "In a word",
  sentence: "In a sentence",
  detail: "In detail",
  lines: "Label, explanation and caption",
};
const LINES = { label: "Label", definition: "Explanation", caption: "Caption" };
const USUAL = { temperature: 0.2, length: 512 };

/**
 * What a model is asked: a question, or tasks.
 * @param settings {kind, own, temperature, length}  @param video whether it is about a video
 */
export function askedOf({ kind, own }, video, family) {
  if (kind === "own" && own.trim()) return { question: own.trim(), tasks: [] };
  const known = kind === "own" ? "detail" : kind;
  if (family === "pam") return { question: LABELS[known], tasks: video ? CLIP_TASKS : TASKS[known] };
  const text = QUESTIONS[known] ?? QUESTIONS.detail;
  return { question: text === QUESTIONS.detail && video ? VIDEO_DETAIL : text, tasks: [] };
}

function kindOf({ question, tasks }) {
  const same = (kind) => (tasks.length ? String(TASKS[kind]) === String(tasks) : QUESTIONS[kind] === question);
  if (!question || question === VIDEO_DETAIL) return "detail";
  return Object.keys(TASKS).find(same) ?? "own";
}

/** The settings that ask the same again, also another model. */
export function settingsOf(turn) {
  const { question, temperature, length } = turn;
  return { kind: kindOf(turn), own: question, temperature, length };
}

/**
 * @param asked {question, tasks}  @param model the name of the model that is asked
 * @param fresh whether it starts a conversation  @param earlier the turns that it continues
 */
export function turnOf(settings, { question, tasks }, model, fresh, earlier) {
  const { temperature, length } = settings;
  return {
    question,
    tasks,
    model,
    temperature,
    length,
    fresh,
    earlier,
    answer: "",
    lines: tasks.length > 1 ? tasks.map(() => "") : undefined,
    state: "running",
    phase: "queued",
    since: Date.now(),
    error: "",
    stats: undefined,
  };
}

/** More text of the answer, or of one of its lines. */
export function grow(turn, text, line) {
  const more = (old) => old + (old ? text : text.trimStart());
  if (turn.lines) turn.lines[line] = more(turn.lines[line]);
  turn.answer = turn.lines ? turn.lines.filter(Boolean).join("\n") : more(turn.answer);
}

/** The lines of an answer to several tasks, each with its name; none of another answer. */
export function linesOf({ tasks, lines }) {
  return (lines ?? []).map((text, i) => ({ name: LINES[tasks[i]] ?? tasks[i], text }));
}

/** An answer as plain text. */
export function textOf(turn) {
  if (!turn.lines) return turn.answer;
  const lines = linesOf(turn).filter(({ text }) => text);
  return lines.map(({ name, text }) => `${name}: ${text}`).join("\n");
}

/** The answer as a caption: of several lines, the one that is. */
export function captionOf({ tasks, lines, answer }) {
  return lines?.[tasks.indexOf("caption")] || answer;
}

/**
 * What was asked, in the words of the buttons: "In detail", "What colour is it? · temperature 0.7".
 * @param named whether it also says which model was asked
 */
export function labelOf(turn, named = false) {
  const { question, tasks, model, temperature, length } = turn,
    kind = kindOf(turn);
  const parts = [question ? (tasks.length === 1 && LINES[tasks[0]]) || LABELS[kind] || question : "Caption"];
  if (named && model) parts.push(model);
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
  if (phase === "waiting" && place)
    return place > 1 ? `Number ${place} in the server's queue` : "Next in the server's queue";
  if (phase === "waiting") return "Waiting for the first word";
  if (phase === "again") return `${error} Trying again in ${Math.max(1, Math.ceil((until - now) / 1000))} s`;
  return "";
}

export function saved({ state, error, ...turn }) {
  const { question, tasks, model, temperature, length, fresh, answer, lines, stats } = turn,
    ended = state === "running" ? "stopped" : state;
  return {
    question,
    ...(tasks.length && { tasks }),
    model,
    temperature,
    length,
    fresh,
    answer,
    lines,
    state: ended,
    error: ended === "failed" ? error : "",
    stats,
  };
}

/** From a saved file or the browser's store; a file may have only question and answer. */
export function restored({ question = "", tasks = [], answer = "", fresh = true, ...rest }) {
  return { ...USUAL, state: "done", error: "", stats: undefined, earlier: [], ...rest, question, tasks, answer, fresh };
}
