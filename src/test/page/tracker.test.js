/** Tracking through a video: marks, masks frame by frame, corrections, stopping. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Mask } = await page("mask.js"),
  { clickAt, Marker } = await page("marker.js"),
  { toRle } = await page("rle.js"),
  { Session, workOf } = await page("session.js"),
  { promptsOf, Tracker } = await page("tracker.js");

const frame = { width: 60, height: 40, name: "f.jpg", dataUrl: async () => "data:image/jpeg;base64,AA==" };
const box = (x) => Mask.box(60, 40, { x, y: 5 }, { x: x + 10, y: 15 });

/** Tracks to a box that moves by two pixels a frame; on the last frame the thing is out of sight. */
class FakeClient {
  asked = [];
  async post(path, body, signal) {
    this.asked.push(body);
    const count = body.frames.length,
      encoder = new TextEncoder();
    const stream = new ReadableStream({
      start: async (controller) => {
        for (let i = 0; i < count; i++) {
          await new Promise((done) => setTimeout(done, 2));
          if (signal.aborted) return controller.error(signal.reason);
          const mask = i === count - 1 ? Mask.empty(60, 40) : box(2 * i);
          const event = { frame: i, index: i, count, data: [{ object: 1, rle: toRle(mask), score: 1 }] };
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
        }
        controller.enqueue(encoder.encode("data: [DONE]\n\n"));
        controller.close();
      },
    });
    return { body: stream };
  }
}

function opened(segmenter = { available: true, addEventListener() {} }) {
  const session = new Session(),
    client = new FakeClient(),
    tracker = new Tracker(session, client, segmenter);
  session.open(workOf(Array(10).fill(frame)));
  session.show(4);
  return { session, client, tracker, segmenter };
}

test("a mark on one frame is tracked through all, and stays as it is", async () => {
  const { session, client, tracker } = opened();
  session.draw(box(8), "new", { points: [[12, 8]], labels: [1] });
  const [region] = session.regions;
  await tracker.finished([region]);
  assert.deepEqual(client.asked[0].prompts, [{ frame: 4, object: 1, points: [[12, 8]], labels: [1] }]);
  assert.deepEqual(region.marks, [4]);
  assert.equal(region.on(0).x, 0);
  assert.equal(region.on(7).x, 14);
  assert.ok(region.on(9).empty);
  assert.equal(tracker.running.size, 0);
});

test("a correction on another frame tracks again from both marks", async () => {
  const { session, client, tracker, segmenter } = opened(),
    marker = new Marker(session, segmenter);
  session.draw(box(8), "new", { box: [8, 5, 18, 15] });
  const [region] = session.regions;
  await tracker.finished([region]);
  session.show(7);
  segmenter.mask = async () => box(30);
  // Within the tracked mask's box, the box stands for the mask.
  assert.deepEqual(marker.prompt(clickAt({ x: 16, y: 8 }), "cut"), {
    box: [14, 5, 24, 15],
    points: [[16, 8]],
    labels: [0],
  });
  // Outside, tracking has lost the thing.
  await marker.take(clickAt({ x: 35, y: 8 }), "add");
  assert.deepEqual(region.prompts[7], { points: [[35, 8]], labels: [1] });
  assert.equal(session.regions.length, 1);
  await tracker.finished([region]);
  assert.deepEqual(
    client.asked[1].prompts.map(({ frame }) => frame),
    [4, 7],
  );
  assert.equal(region.on(7).x, 30);
});

test("what was drawn by hand is tracked by the box around it", () => {
  const { session } = opened();
  session.draw(box(8), "new");
  assert.deepEqual(promptsOf(session.regions[0]), [{ frame: 4, object: 1, box: [8, 5, 18, 15] }]);
});

test("stopping keeps the masks that are there", async () => {
  const { session, tracker } = opened();
  session.draw(box(8), "new");
  const [region] = session.regions;
  while (!region.tracked[1]) await new Promise((done) => setTimeout(done, 1));
  tracker.stop();
  const then = region.tracked.filter(Boolean).length;
  await new Promise((done) => setTimeout(done, 40));
  assert.equal(region.tracked.filter(Boolean).length, then);
  assert.ok(then < 9);
});

test("removing a region stops its tracking; undoing brings its masks back", async () => {
  const { session, tracker } = opened();
  session.draw(box(8), "new");
  const [region] = session.regions;
  await tracker.finished([region]);
  session.put(box(40));
  assert.equal(tracker.running.size, 1);
  session.remove(region);
  assert.equal(tracker.running.size, 0);
  session.undo();
  session.undo();
  assert.equal(session.active.on(4).x, 8);
  assert.equal(session.active.on(7).x, 14);
});

test("without a segmenter nothing is tracked", () => {
  const { session, client, tracker } = opened({ available: false });
  session.draw(box(8), "new");
  assert.equal(tracker.running.size, 0);
  assert.equal(client.asked.length, 0);
});
