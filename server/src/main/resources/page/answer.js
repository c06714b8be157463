/** The text of an answer on the screen. Several tasks have a line each, with its name. */
import { make } from "./element.js";
import { linesOf } from "./turn.js";

/** Shows the text so far; call it again when there is more. */
export function showAnswer(element, turn) {
  const lines = linesOf(turn);
  if (!lines.length) {
    if (element.textContent !== turn.answer) element.textContent = turn.answer;
    return;
  }
  if (element.querySelectorAll("dd").length !== lines.length)
    element.replaceChildren(make("dl", {}, ...lines.flatMap(({ name }) => [make("dt", {}, name), make("dd")])));
  element.querySelectorAll("dd").forEach((line, i) => {
    if (line.textContent !== lines[i].text) line.textContent = lines[i].text;
  });
}
