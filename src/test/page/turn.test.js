/** What is asked, and how it is labelled. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { askedOf, labelOf, linesOf, QUESTIONS, restored, saved, settingsOf, VIDEO_DETAIL } = await page("turn.js");

test("answers are labelled by what was asked", () => {
  const label = (question, more = {}, named) => labelOf(restored({ question, ...more }), named);
  assert.equal(label(QUESTIONS.word), "In a word");
  assert.equal(label(VIDEO_DETAIL), "In detail");
  assert.equal(label("What colour?", { temperature: 1 }), "What colour? · temperature 1.0");
  assert.equal(label("", { length: 16 }), "Caption · at most 16 tokens");
  assert.equal(askedOf({ kind: "detail" }, true).question, VIDEO_DETAIL);
  assert.equal(label(QUESTIONS.word, { model: "a", temperature: 1 }, true), "In a word · a · temperature 1.0");
});

test("asking again asks another family in its own way", () => {
  const again = (turn, family, video = false) => askedOf(settingsOf(restored(turn)), video, family),
    tasks = ["label", "definition", "caption"];
  assert.deepEqual(again({ question: "x", tasks }, "pam").tasks, tasks);
  assert.deepEqual(again({ question: "x", tasks }, "dam"), { question: QUESTIONS.detail, tasks: [] });
  assert.deepEqual(again({ question: QUESTIONS.word }, "pam").tasks, ["label"]);
  assert.deepEqual(again({ question: QUESTIONS.word }, "dam").question, QUESTIONS.word);
  assert.deepEqual(again({ question: "What?" }, "pam"), { question: "What?", tasks: [] });
  assert.deepEqual(again({ question: VIDEO_DETAIL }, "pam", true).tasks, ["caption"]);
  assert.deepEqual(again({ question: "" }, "dam").question, QUESTIONS.detail);
});

test("an answer to several tasks survives a round trip with its lines and its model", () => {
  const turn = restored({ question: "x", tasks: ["label", "caption"], model: "pam", answer: "Cat\nA cat." }),
    back = restored(JSON.parse(JSON.stringify(saved({ ...turn, lines: ["Cat", "A cat."] }))));
  assert.equal(back.model, "pam");
  assert.deepEqual(linesOf(back), [
    { name: "Label", text: "Cat" },
    { name: "Caption", text: "A cat." },
  ]);
  assert.deepEqual(linesOf(restored({ answer: "A cat." })), []);
});
