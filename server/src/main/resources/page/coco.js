/**
 * Saved files: COCO annotations (images, run-length masks, boxes, captions) with the pictures as data URLs and the
 * questions and answers under "describe_anything". The regions of a COCO file without pictures go onto the open picture.
 */
import { Mask } from "./mask.js";
import { Picture } from "./picture.js";
import { Region } from "./region.js";
import { dataUrl } from "./request.js";
import { fromRle, toRle } from "./rle.js";

export async function save({ frames, regions }) {
  const images = await Promise.all(
    frames.map(async (frame, i) => ({
      id: i + 1,
      width: frame.width,
      height: frame.height,
      file_name: frame.name,
      data_url: await dataUrl(await frame.opaque()),
    })),
  );
  const annotations = regions.flatMap((region) =>
    region.masks.flatMap((mask, i) => (mask ? [annotation(region, mask, i)] : [])),
  );
  annotations.forEach((entry, i) => (entry.id = i + 1));
  return { info: { description: "Describe Anything" }, images, categories: [{ id: 1, name: "region" }], annotations };
}

function annotation(region, mask, frame) {
  const turns = region.turns
    .filter((turn) => turn.answer)
    .map(({ question, answer, fresh }) => ({ question, answer, fresh }));
  return {
    id: 0,
    image_id: frame + 1,
    category_id: 1,
    iscrowd: 0,
    bbox: [mask.x, mask.y, mask.w, mask.h],
    area: mask.area,
    segmentation: toRle(mask),
    ...(turns.length && { caption: turns[0].answer }),
    describe_anything: { region: region.number, ...(region.suggested && { suggested: true }), turns },
  };
}

/**
 * @param file a parsed saved file  @param open the frames on screen, for files without pictures
 * @param base URL for pictures that have only a file name, or undefined
 * @returns {{frames, regions}}
 */
export async function load(file, open, base) {
  const { images, annotations } = file ?? {};
  if (!Array.isArray(images) || !Array.isArray(annotations))
    throw new Error("This is neither a file saved by this page nor COCO annotations.");
  let shown = images.filter((image) => image.data_url || base);
  const frames = await Promise.all(
    shown.map(async (image) => {
      return Picture.from(
        image.data_url ? blobOf(image.data_url) : await (await fetch(new URL(image.file_name, base))).blob(),
        image.file_name,
      );
    }),
  );
  if (!frames.length) {
    shown = images.filter((image) => open[0] && image.width === open[0].width && image.height === open[0].height);
    if (!shown.length) throw new Error("This file has no picture. Open its picture first, then the file again.");
    const named = shown.filter((image) => String(image.file_name).split(/[\\/]/).pop() === open[0].name);
    if (!named.length && shown.length > 1)
      throw new Error(`This file has ${shown.length} pictures of this size, none of them named “${open[0].name}”.`);
    shown = (named.length ? named : shown).slice(0, 1);
    frames.push(open[0]);
  }
  const regions = new Map();
  for (const entry of annotations) {
    const frame = shown.findIndex((image) => image.id === entry.image_id);
    if (frame < 0) continue;
    const ours = entry.describe_anything ?? {},
      number = ours.region ?? regions.size + 1;
    if (!regions.has(number)) regions.set(number, region(number, ours, entry, frames));
    const { width, height } = frames[frame];
    const mask = maskOf(entry, width, height);
    if (!mask.empty) regions.get(number).masks[frame] = mask;
  }
  return { frames, regions: [...regions.values()].filter((r) => r.masks.some((mask) => mask)) };
}

/** Decodes a data URL without fetch(), which the page's security policy limits to its own server. */
function blobOf(url) {
  const [, type, base64] = /^data:([^;,]*);base64,(.*)$/s.exec(url) ?? [];
  if (!base64) throw new Error("A picture in this file is not a base64 data URL.");
  return new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type });
}

function region(number, ours, entry, frames) {
  const made = new Region(
    number,
    frames.map(() => undefined),
    ours.suggested === true,
  );
  const turns = ours.turns ?? (entry.caption ? [{ question: "", answer: entry.caption, fresh: true }] : []);
  made.turns = turns.map((turn) => ({
    ...turn,
    earlier: [],
    state: "done",
    error: "",
    stats: undefined,
    temperature: 0.2,
    length: 512,
  }));
  return made;
}

function maskOf({ segmentation, bbox }, width, height) {
  if (Array.isArray(segmentation) && segmentation.length) {
    const rings = segmentation.map((flat) =>
      Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] })),
    );
    return rings.map((points) => Mask.polygon(width, height, points)).reduce((a, b) => a.with(b));
  }
  if (segmentation?.counts) {
    const mask = fromRle(segmentation);
    if (mask.width !== width || mask.height !== height)
      throw new Error("A region in this file has a different size than its picture.");
    return mask;
  }
  if (!bbox) throw new Error("A region in this file has neither a segmentation nor a box.");
  const [x, y, w, h] = bbox;
  return Mask.box(width, height, { x, y }, { x: x + w, y: y + h });
}
