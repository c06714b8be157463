/**
 * Saved files: COCO annotations (images, run-length masks, boxes, categories, captions) with the pictures as data URLs and
 * the questions and answers under "describe_anything". The regions of a COCO file without pictures go onto the open
 * picture. A region's name is its category's; categories and unknown fields survive a round trip.
 */
import { Mask } from "./mask.js";
import { blobOf, Picture } from "./picture.js";
import { polygonMask } from "./polygon.js";
import { Region } from "./region.js";
import { fromRle, toRle } from "./rle.js";
import { captionOf, restored, saved } from "./turn.js";

const UNNAMED = "region";
const KNOWN = new Set("id image_id category_id iscrowd bbox area segmentation caption describe_anything".split(" "));

export async function save({ frames, regions, categories }) {
  const images = await Promise.all(
    frames.map(async (frame, i) => {
      const { width, height, name } = frame;
      return { id: i + 1, width, height, file_name: name, data_url: await frame.dataUrl() };
    }),
  );
  const all = [...categories];
  const categoryOf = (region) => {
    const name = region.label || UNNAMED;
    let found = all.find((category) => category.name === name);
    if (!found) all.push((found = { id: 1 + all.reduce((most, { id }) => Math.max(most, id), 0), name }));
    return found.id;
  };
  const annotations = regions.flatMap((region) =>
    region.masks.flatMap((mask, i) => (mask && !mask.empty ? [annotation(region, mask, i, categoryOf(region))] : [])),
  );
  annotations.forEach((entry, i) => (entry.id = i + 1));
  return { info: { description: "Describe Anything" }, images, categories: all, annotations };
}

function annotation(region, mask, frame, category) {
  const { caption, answered } = region;
  return {
    ...region.extra,
    id: 0,
    image_id: frame + 1,
    category_id: category,
    iscrowd: 0,
    bbox: [mask.x, mask.y, mask.w, mask.h],
    area: mask.area,
    segmentation: toRle(mask),
    ...(caption && { caption: captionOf(caption) }),
    describe_anything: {
      region: region.number,
      ...(region.suggested && { suggested: true }),
      ...(region.tracked[frame] && { tracked: true }),
      ...(region.prompts[frame] && { prompt: region.prompts[frame] }),
      turns: answered.map(saved),
      ...(region.chosen && { chosen: answered.indexOf(region.chosen) }),
    },
  };
}

/**
 * @param file a parsed saved file  @param open the frames on screen, for files without pictures
 * @param base URL for pictures that have only a file name, or undefined
 * @returns {{frames, regions, categories}}
 */
export async function load(file, open, base) {
  const { images, annotations, categories = [] } = file ?? {};
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
    if (!regions.has(number)) regions.set(number, regionOf(number, ours, entry, frames, categories));
    const { width, height } = frames[frame];
    const mask = maskOf(entry, width, height);
    if (!mask.empty) regions.get(number).masks[frame] = mask;
    if (ours.tracked) regions.get(number).tracked[frame] = true;
    if (ours.prompt) regions.get(number).prompts[frame] = ours.prompt;
  }
  return { frames, regions: [...regions.values()].filter((r) => r.masks.some((mask) => mask)), categories };
}

function regionOf(number, ours, entry, frames, categories) {
  const made = new Region(
      number,
      frames.map(() => undefined),
      ours.suggested === true,
    ),
    name = categories.find(({ id }) => id === entry.category_id)?.name ?? "";
  made.label = name === UNNAMED ? "" : String(name);
  made.extra = Object.fromEntries(Object.entries(entry).filter(([key]) => !KNOWN.has(key)));
  made.turns = (ours.turns ?? (entry.caption ? [{ answer: entry.caption }] : [])).map(restored);
  made.chosen = made.turns[ours.chosen];
  return made;
}

function maskOf({ segmentation, bbox }, width, height) {
  if (Array.isArray(segmentation) && segmentation.length) {
    const parts = segmentation.map((flat) =>
      Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] })),
    );
    return polygonMask(width, height, parts);
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
