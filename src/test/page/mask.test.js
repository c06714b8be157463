/** Masks, run lengths and polygons: the same pixels as the server's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { page } from "./page.js";

const { Mask } = await page("mask.js"),
  { fromRle, toRle } = await page("rle.js"),
  { polygonMask } = await page("polygon.js"),
  { rings } = await page("outline.js");

const points = (...flat) => Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] }));
const rows = (mask) =>
  Array.from({ length: mask.height }, (_, y) =>
    Array.from({ length: mask.width }, (_, x) => (mask.has(x, y) ? "#" : ".")).join(""),
  );

test("a box covers the pixels whose centres it contains, clipped to the picture", () => {
  const mask = Mask.box(10, 8, { x: 7.4, y: -3 }, { x: 30, y: 2.6 });
  assert.deepEqual([mask.x, mask.y, mask.w, mask.h, mask.area], [7, 0, 3, 3, 9]);
});

test("masks are trimmed to what they cover", () => {
  const bytes = new Uint8Array(20);
  bytes[7] = bytes[13] = 1;
  const mask = Mask.full(5, 4, bytes);
  assert.deepEqual([mask.x, mask.y, mask.w, mask.h], [2, 1, 2, 2]);
  assert.ok(Mask.full(5, 4, new Uint8Array(20)).empty);
});

test("union, difference and shift", () => {
  const a = Mask.box(10, 10, { x: 0, y: 0 }, { x: 4, y: 4 }),
    b = Mask.box(10, 10, { x: 2, y: 2 }, { x: 6, y: 6 });
  assert.equal(a.with(b).area, 28);
  assert.equal(a.without(b).area, 12);
  assert.ok(a.without(a).empty);
  assert.equal(a.with(Mask.empty(10, 10)), a);
  assert.equal(a.moved(-2, 8).area, 4);
  assert.ok(a.meets(b) && !a.meets(a.moved(5, 5)));
});

test("a lasso that crosses itself has no hole, a polygon has one", () => {
  const twice = points(2, 2, 18, 2, 18, 18, 2, 18, 2, 2, 6, 6, 14, 6, 14, 14, 6, 14, 6, 6);
  assert.ok(Mask.lasso(20, 20, twice).has(10, 10));
  assert.ok(!polygonMask(20, 20, [twice]).has(10, 10));
});

/** Shapes and their pixels as pycocotools gives them: width, height, kind, shape, and bits row by row in base64. */
const golden = readFileSync(new URL("../focal/resources/coco-regions.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" "));

function assertPixels(mask, base64, message) {
  const bits = Buffer.from(base64, "base64");
  for (let i = 0; i < mask.width * mask.height; i++) {
    const inside = Boolean((bits[i >> 3] >> (7 - (i & 7))) & 1);
    assert.equal(mask.has(i % mask.width, Math.floor(i / mask.width)), inside, `${message}, pixel ${i}`);
  }
}

test("polygons cover the pixels that pycocotools gives", () => {
  const polygons = golden.filter(([, , kind]) => kind === "polygon");
  assert.ok(polygons.length > 100);
  for (const [width, height, , parts, bits] of polygons) {
    const corners = parts.split(";").map((part) => points(...part.split(",").map(Number)));
    assertPixels(polygonMask(Number(width), Number(height), corners), bits, parts);
  }
});

test("run lengths of COCO, as strings and lists, cover the pixels that pycocotools gives", () => {
  const runs = golden.filter(([, , kind]) => kind === "string" || kind === "counts");
  assert.ok(runs.length > 100);
  for (const [width, height, kind, text, bits] of runs) {
    const size = [Number(height), Number(width)],
      counts = kind === "string" ? text : text.split(",").map(Number);
    const mask = fromRle({ size, counts });
    assertPixels(mask, bits, text);
    if (kind === "string") assert.equal(toRle(mask).counts, text);
  }
});

test("the parts of a polygon are united, and those of two corners dropped", () => {
  const mask = polygonMask(20, 10, [
    points(0, 0, 5, 0, 5, 5, 0, 5),
    points(10, 0, 15, 0, 15, 5, 10, 5),
    points(1, 8, 9, 9),
  ]);
  assert.equal(mask.area, 50);
  assert.ok(polygonMask(20, 10, []).empty);
});

test("run lengths survive a round trip, as a string and as a list", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let k = 0; k < 50; k++) {
    const width = 1 + Math.floor(random() * 40),
      height = 1 + Math.floor(random() * 40);
    const mask = Mask.full(
      width,
      height,
      Uint8Array.from({ length: width * height }, () => (random() < 0.4 ? 1 : 0)),
    );
    assert.deepEqual(rows(fromRle(toRle(mask))), rows(mask));
  }
  assert.equal(toRle(Mask.empty(3, 2)).counts, "6");
  assert.deepEqual(rows(fromRle({ size: [2, 3], counts: [1, 2, 3] })), [".#.", "#.."]);
});

test("the compressed string is COCO's", () => {
  // docs/regions.md: 52 columns of 81 pixels in a picture of 640 x 480.
  const counts = "iXa7a2_<" + "0".repeat(101) + "W[R1";
  const mask = fromRle({ size: [480, 640], counts });
  assert.equal(mask.area, 52 * 81);
  assert.equal(toRle(mask).counts, counts);
});

test("run lengths that do not fit their size are refused", () => {
  assert.throws(() => fromRle({ size: [2, 3], counts: [1, 9] }), /do not fit/);
  assert.throws(() => fromRle({ size: [2, 3], counts: [-1, 7] }), /do not fit/);
});

test("a mask keeps its shape in a picture of another size", () => {
  const half = Mask.box(100, 80, { x: 20, y: 10 }, { x: 60, y: 50 }).scaled(50, 40);
  assert.deepEqual([half.x, half.y, half.w, half.h, half.area], [10, 5, 20, 20, 400]);
});

test("the outline of a ring has an outer and an inner path", () => {
  const ring = Mask.box(12, 12, { x: 1, y: 1 }, { x: 11, y: 11 }).without(
    Mask.box(12, 12, { x: 4, y: 4 }, { x: 8, y: 8 }),
  );
  assert.deepEqual(
    rings(ring).map((path) => path.length),
    [40, 16],
  );
});

test("a long lasso does not exceed the arguments of a call", () => {
  const circle = Array.from({ length: 200_000 }, (_, i) => ({
    x: 50 + 40 * Math.cos(i / 30_000),
    y: 50 + 40 * Math.sin(i / 30_000),
  }));
  assert.ok(Math.abs(Mask.lasso(100, 100, circle).area - Math.PI * 1600) < 30);
});
