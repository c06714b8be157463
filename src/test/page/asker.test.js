/** Questions and answers: requests, queues, retries, labels, and copied requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Asker } = await page("asker.js"),
  { events } = await page("events.js"),
  { Mask } = await page("mask.js"),
  { Region } = await page("region.js"),
  { body, describedFrames, eightOf, marksOf, regionsOf } = await page("request.js"),
  { Session, workOf } = await page("session.js"),
  { snippet } = await page("snippet.js"),
  { labelOf, QUESTIONS, questionOf, VIDEO_DETAIL, waitsFor } = await page("turn.js");

const picture = { width: 50, height: 40, name: "a.jpg", dataUrl: async () => "data:image/jpeg;base64,AAAA" };
const region = (number, frames = 1) =>
  new Region(number, Array(frames).fill(Mask.box(50, 40, { x: number, y: 1 }, { x: number + 5, y: 9 })));
const settings = { kind: "detail", own: "", temperature: 0.2, length: 512 };
const soon = () => new Promise((done) => setTimeout(done, 5));

/** Each request waits until the test answers it. */
class FakeClient {
  requests = [];
  model = async () => ({ id: "m", video: true });
  describe(request, signal, on) {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      this.requests.push({ request, on, resolve, reject, signal });
    });
  }
}

function asking(count) {
  const session = new Session(),
    client = new FakeClient(),
    asker = new Asker(session, client);
  session.open(
    workOf(
      [picture],
      Array.from({ length: count }, (_, i) => region(i + 1)),
    ),
  );
  return { session, client, asker };
}

test("all regions are asked about in one request with one picture", async () => {
  const { session, client, asker } = asking(5);
  asker.ask(session.regions, settings);
  await soon();
  const [{ request, on, resolve }] = client.requests;
  assert.equal(client.requests.length, 1);
  assert.equal(request.messages[0].content.filter((part) => part.type === "image_url").length, 1);
  assert.deepEqual(
    request.regions.map(({ id }) => id),
    [1, 2, 3, 4, 5],
  );
  on.text(3, " A dog");
  on.end(3, {});
  assert.equal(session.regions[3].turns[0].answer, "A dog");
  assert.deepEqual(
    session.regions.map((it) => it.running),
    [true, true, true, false, true],
  );
  resolve();
  await soon();
  assert.ok(!session.regions.some((it) => it.running));
});

test("stopping one region keeps the others; stopping all ends the request", async () => {
  const { session, client, asker } = asking(2);
  asker.ask(session.regions, settings);
  await soon();
  const [a, b] = session.regions.map((it) => it.turns[0]);
  a.stop();
  assert.equal(a.state, "stopped");
  assert.ok(!client.requests[0].signal.aborted);
  b.stop();
  assert.ok(client.requests[0].signal.aborted);
});

test("four requests run at once; the others know their place in the queue", async () => {
  const { session, client, asker } = asking(6);
  for (const it of session.regions) asker.ask([it], settings);
  await soon();
  assert.equal(client.requests.length, 4);
  const [fifth, sixth] = session.regions.slice(4).map((it) => it.turns[0]);
  assert.deepEqual([waitsFor(fifth), waitsFor(sixth)], ["Next in the queue", "Number 2 in the queue"]);
  client.requests[0].resolve();
  await soon();
  assert.equal(fifth.phase, "sending");
  assert.equal(waitsFor(sixth), "Next in the queue");
});

test("a busy server is asked again when it says, and at once on request", async () => {
  const { session, client, asker } = asking(1);
  asker.ask(session.regions, settings);
  await soon();
  const [turn] = session.regions[0].turns;
  client.requests[0].reject(Object.assign(new Error("The server is busy."), { busy: true, retryAfter: 2 }));
  await soon();
  assert.equal(turn.state, "running");
  assert.equal(waitsFor(turn, turn.until - 1500), "The server is busy. Trying again in 2 s");
  turn.now();
  await soon();
  assert.equal(client.requests.length, 2);
  assert.equal(session.regions[0].turns.length, 1);
  client.requests[1].on.text(0, "Yes");
  client.requests[1].resolve();
  await soon();
  assert.deepEqual([turn.state, turn.answer], ["done", "Yes"]);
});

test("failed tries do not pile up", async () => {
  const { session, client, asker } = asking(1);
  for (let i = 0; i < 3; i++) {
    asker.ask(session.regions, settings);
    await soon();
    client.requests[i].reject(Object.assign(new Error("No."), { away: true }));
    await soon();
  }
  assert.deepEqual(
    session.regions[0].turns.map(({ state }) => state),
    ["failed"],
  );
});

test("an answer belongs to the picture that was open when it was asked", async () => {
  const { session, client, asker } = asking(1),
    [first] = session.regions;
  asker.ask([first], settings);
  await soon();
  session.open(workOf([picture], [region(1)]));
  client.requests[0].on.text(0, "A dog");
  client.requests[0].resolve();
  await soon();
  assert.equal(first.turns[0].answer, "A dog");
  assert.equal(session.regions[0].turns.length, 0);
});

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
  const asker = new Asker(new Session(), new FakeClient());
  asker.model = { id: "m", segmenter: true };
  const turn = { earlier: [], question: "What?", temperature: 0, length: 8 };
  const copied = await asker.copy(workOf(frames), marked, turn);
  assert.equal(copied.messages[0].content.length, 13);
  assert.equal(copied.regions.length, 2);
});

test("answers are labelled by what was asked", () => {
  const label = (question, more = {}) => labelOf({ question, temperature: 0.2, length: 512, ...more });
  assert.equal(label(QUESTIONS.word), "In a word");
  assert.equal(label(VIDEO_DETAIL), "In detail");
  assert.equal(label("What colour?", { temperature: 1 }), "What colour? · temperature 1.0");
  assert.equal(label("", { length: 16 }), "Caption · at most 16 tokens");
  assert.equal(questionOf({ kind: "detail" }, true), VIDEO_DETAIL);
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

test("server-sent events are read across chunks, comments skipped", async () => {
  const bytes = new TextEncoder().encode(': wait\n\ndata: {"a":1}\r\n\r\ndata: b\ndata: c\n\n');
  const parts = [bytes.slice(0, 3), bytes.slice(3, 17), bytes.slice(17)];
  const stream = new ReadableStream({
    start(controller) {
      parts.forEach((part) => controller.enqueue(part));
      controller.close();
    },
  });
  const found = [];
  for await (const data of events(stream)) found.push(data);
  assert.deepEqual(found, ['{"a":1}', "b\nc"]);
});
