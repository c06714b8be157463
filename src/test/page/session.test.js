/** What is open: regions, undo, names, captions, and what survives a reload. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { Mask } = await page("mask.js"),
  { Region } = await page("region.js"),
  { Session, workOf } = await page("session.js"),
  { View } = await page("view.js");

const frame = { width: 100, height: 80, name: "street.jpg" };
const box = (x0, y0, x1, y1) => Mask.box(100, 80, { x: x0, y: y0 }, { x: x1, y: y1 });
const turn = (answer, more = {}) => ({
  question: "What?",
  tasks: [],
  answer,
  fresh: true,
  state: "done",
  temperature: 0.2,
  length: 512,
  ...more,
});

function opened(frames = [frame]) {
  const session = new Session();
  session.open(workOf(frames));
  return session;
}

test("drawing makes regions, adds to them and cuts them", () => {
  const session = opened();
  session.draw(box(0, 0, 20, 20), "new");
  session.draw(box(20, 0, 40, 20), "add");
  assert.equal(session.active.on(0).area, 800);
  session.draw(box(0, 0, 40, 10), "cut");
  assert.equal(session.active.on(0).area, 400);
  session.draw(box(50, 50, 60, 60), "new");
  assert.deepEqual(
    session.regions.map((region) => region.number),
    [1, 2],
  );
});

test("undo and redo restore masks, prompts and names", () => {
  const session = opened();
  session.draw(box(0, 0, 20, 20), "new", { points: [[5, 5]], labels: [1] });
  session.put(box(0, 0, 30, 30), {
    points: [
      [5, 5],
      [25, 25],
    ],
    labels: [1, 1],
  });
  session.rename(session.active, "a dog");
  session.undo();
  assert.equal(session.active.name, "Region 1");
  session.undo();
  assert.equal(session.active.on(0).area, 400);
  assert.equal(session.active.prompts[0].points.length, 1);
  session.redo();
  session.redo();
  assert.equal(session.active.name, "a dog");
  assert.equal(session.active.prompts[0].points.length, 2);
});

test("a region that was edited by hand has no prompt any more", () => {
  const session = opened();
  session.draw(box(0, 0, 20, 20), "new", { points: [[5, 5]], labels: [1] });
  session.draw(box(20, 0, 40, 20), "add");
  assert.equal(session.active.prompts[0], undefined);
});

test("the smallest region under a point is found, and a tap may miss by a few pixels", () => {
  const session = opened();
  session.draw(box(0, 0, 80, 60), "new");
  session.draw(box(10, 10, 20, 20), "new");
  assert.equal(session.at(15, 15).number, 2);
  assert.equal(session.at(30, 30).number, 1);
  assert.equal(session.at(83, 30), undefined);
  assert.equal(session.at(83, 30, 6).number, 1);
  assert.equal(session.at(95, 70, 6), undefined);
});

test("removing a region stops its questions", () => {
  const session = opened();
  session.draw(box(0, 0, 20, 20), "new");
  let stopped = 0;
  session.active.turns = [turn("", { state: "running", stop: () => stopped++ })];
  session.remove(session.active);
  assert.equal(stopped, 1);
  session.undo();
  assert.equal(session.regions.length, 1);
});

test("the mask of a frame is its own, else an earlier one's, else a later one's", () => {
  const session = opened([frame, frame, frame]);
  session.show(1);
  session.draw(box(0, 0, 20, 20), "new");
  const [region] = session.regions;
  assert.equal(region.on(0), region.masks[1]);
  session.show(2);
  session.draw(box(40, 0, 60, 20), "new"); // replaces the copy
  assert.equal(session.regions.length, 1);
  assert.equal(region.on(2).x, 40);
  assert.equal(region.on(0).x, 0);
});

test("the caption is the last answer that began a conversation, or the chosen one", () => {
  const region = new Region(1, [box(0, 0, 5, 5)]);
  region.turns = [turn("first"), turn("second"), turn("a detail", { fresh: false }), turn("", { state: "failed" })];
  assert.equal(region.caption.answer, "second");
  region.chosen = region.turns[0];
  assert.equal(region.caption.answer, "first");
  region.turns = region.turns.slice(1);
  assert.equal(region.caption.answer, "second");
});

test("a conversation begins at its last fresh question and leaves out what has no answer", () => {
  const region = new Region(1, [box(0, 0, 5, 5)]);
  region.turns = [
    turn("old"),
    turn("new"),
    turn("", { fresh: false, state: "failed" }),
    turn("more", { fresh: false }),
  ];
  assert.deepEqual(
    region.conversation().map(({ answer }) => answer),
    ["new", "more"],
  );
});

test("regions survive a round trip through the browser's store", () => {
  const region = new Region(3, [undefined, box(3, 4, 20, 30)]);
  Object.assign(region, {
    label: "a dog",
    changed: true,
    prompts: [undefined, { box: [1, 2, 3, 4] }],
    extra: { score: 0.5 },
  });
  region.turns = [turn("It"), turn("half an ans", { state: "running" }), turn("", { state: "running" })];
  region.chosen = region.turns[0];
  const back = Region.restored(JSON.parse(JSON.stringify(region.saved())));
  assert.deepEqual([back.number, back.name, back.changed, back.extra.score], [3, "a dog", true, 0.5]);
  assert.deepEqual(back.prompts[1], { box: [1, 2, 3, 4] });
  assert.deepEqual(back.masks[1].bytes, region.masks[1].bytes);
  assert.equal(back.masks[0], undefined);
  assert.deepEqual(
    back.turns.map(({ answer, state }) => [answer, state]),
    [
      ["It", "done"],
      ["half an ans", "stopped"],
    ],
  );
  assert.equal(back.chosen, back.turns[0]);
});

test("zooming keeps the point under the pointer in place", () => {
  const view = new View();
  view.fit(frame, 500, 400, 20);
  assert.ok(view.fitted && view.scale === 4); // at most four times its size
  const before = view.toPicture(100, 90);
  view.zoom(1.7, 100, 90);
  const after = view.toPicture(100, 90);
  assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 1e-9);
  const there = view.toScreen(after.x, after.y);
  assert.ok(Math.hypot(there.x - 100, there.y - 90) < 1e-9);
});
