/** Questions: requests, queues, retries, and answers as they come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Asker } = await page("asker.js"),
  { Mask } = await page("mask.js"),
  { Region } = await page("region.js"),
  { Session, workOf } = await page("session.js"),
  { captionOf, labelOf, restored, textOf, waitsFor } = await page("turn.js");

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

test("answers name their model if there are several models, or were", () => {
  const { session } = asking(2),
    named = () => session.namesModels;
  session.models = ["a"];
  session.regions[0].turns = [restored({ answer: "1", model: "a" }), restored({ answer: "from a file" })];
  assert.ok(!named());
  session.regions[1].turns = [restored({ answer: "2", model: "b" })];
  assert.ok(named());
  session.regions[1].turns = [];
  session.models = ["a", "b"];
  assert.ok(named());
});

test("a question goes to the model that was chosen when it was asked", async () => {
  const { session, client, asker } = asking(5);
  asker.model = { id: "a" };
  for (const it of session.regions) asker.ask([it], settings);
  asker.model = { id: "b" };
  await soon();
  client.requests[0].resolve();
  await soon();
  assert.deepEqual(
    client.requests.map(({ request }) => request.model),
    ["a", "a", "a", "a", "a"],
  );
  assert.equal(session.regions[4].turns[0].model, "a");
});

test("Perceive Anything is asked for label, explanation and caption at once", async () => {
  const { session, client, asker } = asking(2);
  asker.model = { id: "pam", family: "pam" };
  asker.ask(session.regions, { ...settings, kind: "lines" });
  await soon();
  const [{ request, on, resolve }] = client.requests,
    [turn, other] = session.regions.map((it) => it.turns[0]);
  assert.deepEqual(request.tasks, ["label", "definition", "caption"]);
  assert.deepEqual(
    request.messages[0].content.map(({ type }) => type),
    ["image_url"],
  );
  on.text(0, " A cat", 2);
  on.text(0, " Cat", 0);
  on.text(0, " asleep", 2);
  on.text(0, "A pet.", 1);
  on.text(1, "Dog", 0);
  resolve();
  await soon();
  assert.deepEqual(turn.lines, ["Cat", "A pet.", "A cat asleep"]);
  assert.equal(textOf(turn), "Label: Cat\nExplanation: A pet.\nCaption: A cat asleep");
  assert.equal(captionOf(turn), "A cat asleep");
  assert.equal(textOf(other), "Label: Dog");
  assert.equal(captionOf(other), "Dog");
  assert.equal(labelOf(turn), "Label, explanation and caption");
});

test("the answers to one request are few, also with several tasks", async () => {
  const { session, client, asker } = asking(12);
  asker.model = { id: "pam", family: "pam" };
  asker.ask(session.regions, { ...settings, kind: "lines" });
  await soon();
  assert.deepEqual(
    client.requests.map(({ request }) => request.regions.length),
    [5, 5, 2],
  );
});

test("the place in the server's queue is shown until the answer begins", async () => {
  const { session, client, asker } = asking(1);
  asker.ask(session.regions, settings);
  await soon();
  const [{ on }] = client.requests,
    [turn] = session.regions[0].turns,
    said = [];
  on.open();
  for (const place of [undefined, 3, 1, undefined]) {
    on.queued(place);
    said.push(waitsFor(turn));
  }
  assert.deepEqual(said, [
    "Waiting for the first word",
    "Number 3 in the server's queue",
    "Next in the server's queue",
    "Waiting for the first word",
  ]);
  on.text(0, "A");
  on.queued(undefined); // comments also come between words
  assert.equal(turn.phase, "writing");
});
