/** Saved files and exports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./page.js";

const { load, save } = await page("coco.js"),
  { csvText, markdownText } = await page("export.js"),
  { Mask } = await page("mask.js"),
  { typeOf } = await page("picture.js"),
  { Region } = await page("region.js"),
  { Session, workOf } = await page("session.js"),
  { restored } = await page("turn.js"),
  { crc32, zip } = await page("zip.js");

const picture = { width: 60, height: 50, name: "street.jpg", dataUrl: async () => "data:image/jpeg;base64,AAAA" };
const annotation = (more) => ({ id: 1, image_id: 7, category_id: 18, bbox: [2, 3, 10, 20], ...more });
const file = (...annotations) => ({
  images: [{ id: 7, width: 60, height: 50, file_name: "train/street.jpg" }],
  categories: [{ id: 18, name: "dog", supercategory: "animal" }],
  annotations,
});

function session(...regions) {
  const made = new Session();
  made.open(workOf([picture], regions));
  return made;
}

function described(number, ...answers) {
  const region = new Region(number, [Mask.box(60, 50, { x: 2, y: 3 }, { x: 12, y: 23 })]);
  region.turns = answers.map((answer) => restored({ question: "What?", answer }));
  return region;
}

test("COCO annotations go onto the open picture, with their names", async () => {
  const { frames, regions, categories } = await load(file(annotation(), annotation({ caption: "A dog." })), [picture]);
  assert.equal(frames[0], picture);
  assert.deepEqual(
    regions.map(({ number, name, caption }) => [number, name, caption?.answer]),
    [
      [1, "dog", undefined],
      [2, "dog", "A dog."],
    ],
  );
  assert.equal(regions[0].on(0).area, 200);
  assert.equal(categories[0].supercategory, "animal");
});

test("a saved file has the chosen caption, and what it does not know of an annotation", async () => {
  const { frames, regions, categories } = await load(
    file(annotation({ score: 0.5, caption: "A dog.", segmentation: [[2, 3, 12, 3, 12, 23, 2, 23]] })),
    [picture],
  );
  regions[0].turns.push(restored({ question: "Colour?", answer: "Brown." }));
  const again = await save(workOf(frames, regions, { categories }));
  assert.deepEqual(again.categories, categories);
  const [entry] = again.annotations;
  assert.deepEqual([entry.category_id, entry.score, entry.caption, entry.area], [18, 0.5, "Brown.", 200]);
  [regions[0].chosen] = regions[0].turns;
  assert.equal((await save(workOf(frames, regions, { categories }))).annotations[0].caption, "A dog.");
  const back = await load({ ...again, images: again.images.map(({ data_url: _, ...image }) => image) }, [picture]);
  assert.deepEqual(
    back.regions[0].turns.map(({ answer }) => answer),
    ["A dog.", "Brown."],
  );
});

test("files that do not fit are refused in plain words", async () => {
  await assert.rejects(load({}, [picture]), /neither a file saved by this page/);
  await assert.rejects(load(file(), []), /Open its picture first/);
  await assert.rejects(load(file(annotation({ bbox: undefined })), [picture]), /neither a segmentation nor a box/);
  const other = file(annotation({ segmentation: { size: [5, 5], counts: [25] } }));
  await assert.rejects(load(other, [picture]), /different size/);
});

test("a table has a row an answer, quoted, and no formulas", () => {
  const text = csvText(session(described(1, 'A "dog", brown', "=1+1"), described(2)));
  assert.deepEqual(text.split("\r\n"), [
    "region,name,x,y,width,height,area,question,answer,caption",
    '1,,2,3,10,20,200,What?,"A ""dog"", brown",',
    "1,,2,3,10,20,200,What?,'=1+1,yes",
    "2,,2,3,10,20,200,,,",
    "",
  ]);
});

test("text has a heading a region", () => {
  const region = described(1, "A dog.");
  region.label = "Rex";
  assert.equal(
    markdownText(session(region)),
    "# street.jpg\n\n## 1. Rex\n\n10 × 20 pixels at 2, 3.\n\n**What?**\n\nA dog.\n",
  );
});

test("an archive's entries have the checksum and the bytes of their files", async () => {
  const bytes = new TextEncoder().encode("some bytes");
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926); // the standard's check value
  const blob = new DataView(await zip([{ name: "ä.png", bytes }]).arrayBuffer());
  assert.equal(blob.getUint32(0, true), 0x04034b50);
  const nameLength = blob.getUint16(26, true);
  assert.equal(nameLength, 6);
  const stored = new Uint8Array(blob.buffer, 30 + nameLength, bytes.length);
  assert.deepEqual([...stored], [...bytes]);
  const end = blob.byteLength - 22;
  assert.equal(blob.getUint32(end, true), 0x06054b50);
  assert.equal(blob.getUint16(end + 10, true), 1);
  assert.equal(blob.getUint32(blob.getUint32(end + 16, true), true), 0x02014b50);
});

test("JPEG and PNG files go out as they are, but not those that browser and server may turn differently", () => {
  const png = (...chunks) =>
    new Uint8Array([
      137,
      80,
      78,
      71,
      13,
      10,
      26,
      10,
      ...chunks.flatMap((name) => [0, 0, 0, 2, ...Buffer.from(name), 1, 2, 0, 0, 0, 0]),
    ]);
  assert.equal(typeOf(new Uint8Array([0xff, 0xd8, 0xff])), "image/jpeg");
  assert.equal(typeOf(png("IHDR", "tEXt", "IDAT")), "image/png");
  assert.equal(typeOf(png("IHDR", "eXIf", "IDAT")), undefined);
  assert.equal(typeOf(png("IHDR", "acTL", "IDAT")), undefined);
  assert.equal(typeOf(new TextEncoder().encode("RIFF....WEBP")), undefined);
});
