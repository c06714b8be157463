/** The bodies of requests, copied requests, and the events that come back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Asker } = await page("asker.js"),
  { events } = await page("events.js"),
  { Mask } = await page("mask.js"),
  { Region } = await page("region.js"),
  { body, describedFrames, eightOf, marksOf, regionsOf } = await page("request.js"),
  { Session, workOf } = await page("session.js"),
  { snippet } = await page("snippet.js");

const picture = { width: 50, height: 40, name: "a.jpg", dataUrl: async () => "data:image/jpeg;base64,AAAA" };
const region = (number, frames = 1) =>
  new Region(number, Array(frames).fill(Mask.box(50, 40, { x: number, y: 1 }, { x: number + 5, y: 9 })));

test("of a video, eight frames on which the region is seen are sent", () => {
  assert.deepEqual(eightOf([...Array(20).keys()]), [0, 2, 5, 8, 10, 13, 16, 19]);
  const frames = Array(20).fill(picture),
    seen = region(1, 20);
  assert.deepEqual(describedFrames(frames, seen), [0, 2, 5, 8, 10, 13, 16, 19]);
  seen.masks.fill(Mask.empty(50, 40), 3); // out of sight from the fourth frame on
  assert.deepEqual(describedFrames(frames, seen), [0, 0, 0, 0, 1, 1, 1, 2]);
  const entries = regionsOf(frames, [seen]);
  assert.deepEqual(
    entries.map(({ frame, id }) => [frame, id]),
    [0, 1, 2, 3, 4, 5, 6, 7].map((frame) => [frame, 1]),
  );
});

test("a copied request about a video has its marks only", async () => {
  const frames = Array.from({ length: 12 }, (_, i) => ({ ...picture, time: i / 4 })),
    marked = region(1, 12);
  marked.tracked = frames.map((_, i) => i !== 5 && i !== 7);
  marked.prompts[5] = { points: [[3, 4]], labels: [1] };
  assert.deepEqual(marksOf(frames, marked, true)[0], { id: 1, time: 1.25, points: [[3, 4]], labels: [1] });
  assert.deepEqual(marksOf(frames, marked, false)[1].frame, 7);
  assert.ok(marksOf(frames, marked, false)[1].rle);
  const asker = new Asker(new Session());
  asker.model = { id: "m", segmenter: true };
  const copied = await asker.copy(workOf(frames), marked, { kind: "own", own: "What?", temperature: 0, length: 8 }, []);
  assert.equal(copied.messages[0].content.length, 13);
  assert.equal(copied.regions.length, 2);
});

test("Perceive Anything gets sixteen frames of a video, marked on the first", () => {
  const frames = Array(40).fill(picture),
    seen = region(1, 40);
  seen.masks.fill(Mask.empty(50, 40), 0, 10); // out of sight before the eleventh frame
  const shown = describedFrames(frames, seen, "pam");
  assert.deepEqual([shown.length, shown[0], shown.at(-1)], [16, 10, 39]);
  assert.deepEqual(
    regionsOf(frames, [seen], "pam").map(({ frame, id }) => [frame, id]),
    [[0, 1]],
  );
});

test("a conversation has the picture in its first message only", () => {
  const { messages } = body({
    model: "m",
    urls: ["data:,"],
    regions: [],
    earlier: [{ question: "What?", answer: "A dog." }],
    question: "Colour?",
    temperature: 0,
    length: 8,
  });
  assert.deepEqual(
    messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
  assert.equal(messages[0].content[0].type, "image_url");
  assert.equal(messages[2].content, "Colour?");
});

test("copied requests have their pictures in variables and never a key", () => {
  const request = body({
    model: "m",
    urls: ["data:image/png;base64,AA=="],
    regions: [{ id: 1, rle: { size: [2, 2], counts: "04" } }],
    earlier: [],
    question: 'Is it "red"?',
    temperature: 0,
    length: 8,
  });
  const python = snippet("python", request, "http://h/v1/", true),
    node = snippet("node", request, "http://h/v1/", false),
    curl = snippet("curl", request, "http://h/v1/", true);
  assert.match(python, /picture0 = "data:image\/png;base64,AA=="/);
  assert.match(python, /extra_body=\{ ?"regions": /);
  assert.match(python, /os\.environ\["OPENAI_API_KEY"\]/);
  assert.match(node, /regions: \[/);
  assert.match(curl, /\$OPENAI_API_KEY/);
  assert.deepEqual(JSON.parse(/<<'END'\n(.*)\nEND/s.exec(curl)[1]), request);
});

test("a copied request with tasks prints each answer", () => {
  const request = body({ model: "m", urls: ["data:,"], regions: [], earlier: [], tasks: ["label", "caption"] }),
    python = snippet("python", request, "http://h/v1/", false),
    node = snippet("node", request, "http://h/v1/", false);
  assert.match(python, /extra_body=\{ ?"tasks": \[ "label", "caption" \]/);
  assert.match(python, /for choice in answer.choices:\n {4}print\(choice.task, choice.message.content\)/);
  assert.match(node, /for \(const choice of answer.choices\) console.log\(choice.task, choice.message.content\)/);
});

test("server-sent events are read across chunks, comments apart", async () => {
  const bytes = new TextEncoder().encode(': wait\n\ndata: {"a":1}\r\n\r\ndata: b\ndata: c\n\n');
  const parts = [bytes.slice(0, 3), bytes.slice(3, 17), bytes.slice(17)];
  const stream = new ReadableStream({
    start(controller) {
      parts.forEach((part) => controller.enqueue(part));
      controller.close();
    },
  });
  const found = [],
    comments = [];
  for await (const data of events(stream, (comment) => comments.push(comment))) found.push(data);
  assert.deepEqual(found, ['{"a":1}', "b\nc"]);
  assert.deepEqual(comments, ["wait"]);
});
