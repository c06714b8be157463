/** Clicks, boxes and scribbles to prompts, and masks to regions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Mask } = await page("mask.js"),
  { boxAround, clickAt, Marker, merged, scribble } = await page("marker.js"),
  { toRle } = await page("rle.js"),
  { Segmenter } = await page("segmenter.js"),
  { Session, workOf } = await page("session.js");

const picture = { width: 100, height: 80, name: "a.png", dataUrl: async () => "data:image/png;base64,AA==" };
const disc = (x, y) => Mask.stroke(100, 80, [{ x, y }], 20);

/** Answers with discs around points inside; the answer to a prompt can be held back. */
class FakeClient {
  asked = [];
  held = [];
  known = true;
  async post(path, { image, prompts: [prompt] }, signal) {
    this.asked.push({ image, prompt });
    if (this.hold) await new Promise((done) => this.held.push(done));
    signal?.throwIfAborted();
    if (image.digest && !this.known) throw Object.assign(new Error("gone"), { code: "unknown_digest" });
    let mask = prompt.box ? Mask.box(100, 80, ...corners(prompt.box)) : Mask.empty(100, 80);
    prompt.points?.forEach(([x, y], i) => (mask = prompt.labels[i] ? mask.with(disc(x, y)) : mask.without(disc(x, y))));
    const answer = { image: { digest: "d1" }, data: [{ masks: [{ rle: toRle(mask) }] }] };
    return { json: async () => answer };
  }
}

const corners = ([x0, y0, x1, y1]) => [
  { x: x0, y: y0 },
  { x: x1, y: y1 },
];

function marking() {
  const session = new Session(),
    client = new FakeClient(),
    segmenter = new Segmenter(client),
    marker = new Marker(session, segmenter);
  session.open(workOf([picture]));
  return { session, client, segmenter, marker };
}

test("a scribble becomes at most eight points at equal distances", () => {
  const line = Array.from({ length: 50 }, (_, i) => ({ x: i * 2, y: 10 }));
  const { points, labels } = scribble(line);
  assert.equal(points.length, 8);
  assert.deepEqual(
    [points[0], points[7]],
    [
      [0, 10],
      [98, 10],
    ],
  );
  assert.ok(points.every(([x], i) => Math.abs(x - 14 * i) < 0.02));
  assert.deepEqual(labels, Array(8).fill(1));
  assert.deepEqual(scribble([{ x: 3, y: 4 }]).points, [[3, 4]]);
  assert.deepEqual(
    scribble([
      { x: 3, y: 4 },
      { x: 3, y: 4 },
    ]).points,
    [[3, 4]],
  );
});

test("prompts are merged: points of both, the later box", () => {
  assert.deepEqual(merged({ box: [0, 0, 5, 5] }, clickAt({ x: 1.234, y: 2 })), {
    points: [[1.23, 2]],
    labels: [1],
    box: [0, 0, 5, 5],
  });
  assert.deepEqual(merged(clickAt({ x: 1, y: 2 }), boxAround({ x: 9, y: 8 }, { x: 3, y: 4 })).box, [3, 4, 9, 8]);
});

test("a click makes a region, further clicks add to it and take away from it", async () => {
  const { session, client, marker } = marking();
  await marker.take(clickAt({ x: 20, y: 20 }), "new");
  assert.equal(session.regions.length, 1);
  assert.ok(marker.open);
  await marker.take(clickAt({ x: 60, y: 20 }), "add");
  assert.equal(session.regions.length, 1);
  assert.ok(session.active.on(0).has(60, 20));
  await marker.take(clickAt({ x: 20, y: 20 }), "cut");
  assert.deepEqual(client.asked.at(-1).prompt.labels, [1, 1, 0]);
  assert.ok(!session.active.on(0).has(20, 20));
  session.undo();
  assert.ok(session.active.on(0).has(20, 20));
});

test("the picture is sent once, then named by its digest, and sent again when the server has forgotten it", async () => {
  const { client, marker } = marking();
  for (let i = 0; i < 3; i++) await marker.take(clickAt({ x: 20, y: 20 }), "new");
  client.known = false;
  await marker.take(clickAt({ x: 20, y: 20 }), "new");
  assert.deepEqual(
    client.asked.map(({ image }) => typeof image),
    ["string", "object", "object", "object", "string"],
  );
});

test("clicks made while the first is on its way belong to the same thing", async () => {
  const { session, client, marker } = marking();
  client.hold = true;
  const first = marker.take(clickAt({ x: 20, y: 20 }), "new"),
    second = marker.take(clickAt({ x: 60, y: 20 }), "add");
  while (!client.held.length) await new Promise((done) => setTimeout(done, 1));
  client.hold = false;
  client.held.forEach((done) => done());
  await Promise.all([first, second]);
  assert.equal(session.regions.length, 1);
  assert.equal(session.active.prompts[0].points.length, 2);
});

test("on a region that was drawn by hand, a click adds or cuts what it finds", async () => {
  const { session, client, marker } = marking();
  session.draw(Mask.box(100, 80, { x: 0, y: 0 }, { x: 50, y: 50 }), "new");
  await marker.take(clickAt({ x: 20, y: 20 }), "cut");
  assert.deepEqual(client.asked[0].prompt.labels, [1]);
  assert.ok(!session.active.on(0).has(20, 20) && session.active.on(0).has(45, 45));
});

test("what a click would take is found, but taken only by the click", async () => {
  const { session, marker } = marking();
  marker.hover({ x: 20, y: 20 }, "new");
  while (!marker.preview) await new Promise((done) => setTimeout(done, 5));
  assert.ok(marker.preview.mask.has(20, 20));
  assert.equal(session.regions.length, 0);
  marker.hover({ x: 90, y: 70 }, "new"); // off the mask: it is hidden at once
  assert.equal(marker.preview, undefined);
  marker.clear();
});

test("finding nothing and failing are said, and change nothing", async () => {
  const { session, client, marker } = marking(),
    said = [];
  marker.addEventListener("say", ({ detail }) => said.push(detail));
  await marker.take(clickAt({ x: 20, y: 20 }), "cut");
  client.post = async () => {
    throw new Error("The server is busy.");
  };
  await marker.take(clickAt({ x: 20, y: 20 }), "new");
  assert.equal(session.regions.length, 0);
  assert.ok(!marker.open);
  assert.match(said[0], /Click a thing first/);
  assert.equal(said[1], "The server is busy.");
});

test("what waits for the last click waits for its mask", async () => {
  const { session, client, marker } = marking();
  await marker.take(clickAt({ x: 20, y: 20 }), "new");
  client.hold = true;
  marker.take(clickAt({ x: 60, y: 20 }), "add");
  while (!client.held.length) await new Promise((done) => setTimeout(done, 1));
  assert.ok(!session.active.on(0).has(60, 20));
  client.held[0]();
  await marker.taking;
  assert.ok(session.active.on(0).has(60, 20));
});

test("asking about a region ends adding to it", async () => {
  const { session, marker } = marking();
  await marker.take(clickAt({ x: 20, y: 20 }), "new");
  session.active.turns = [{ state: "running" }];
  session.emit("change");
  assert.ok(!marker.open);
});
