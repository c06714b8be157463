/** The body of POST /v1/chat/completions for one question about one or several regions. */
import { toRle } from "./rle.js";

/** Frames that Describe Anything sees of a video; Perceive Anything sees more, and follows the region from the first on. */
export const FRAMES = 8;
const PAM_FRAMES = 16;

/** Chosen as in the published code: floor(linspace(0, n - 1, 8)). */
const evenly = (all, count) =>
  Array.from({ length: count }, (_, i) => all[Math.floor((i * (all.length - 1)) / (count - 1))]);
export const eightOf = (all) => evenly(all, FRAMES);

/** The frames that are described: some of those on which the region is seen. */
export function describedFrames(frames, region, family) {
  const all = [...frames.keys()];
  if (frames.length === 1) return all;
  const seen = all.filter((i) => !region.on(i).empty);
  return evenly(seen.length ? seen : all, family === "pam" ? PAM_FRAMES : FRAMES);
}

/** Regions of a picture by their run lengths; one of a video, on each of the frames that are described or on the first. */
export function regionsOf(frames, regions, family) {
  const entry = (region, i) => ({ id: region.number, rle: toRle(region.on(i)) });
  if (frames.length === 1) return regions.map((region) => entry(region, 0));
  const [region] = regions;
  const shown = describedFrames(frames, region, family),
    marked = family === "pam" ? shown.slice(0, 1) : shown;
  return marked.map((i, frame) => ({ frame, ...entry(region, i) }));
}

/** A region of a video by its marks: the server tracks it. @param timed whether frames are named by their time */
export function marksOf(frames, region, timed) {
  return region.marks.map((frame) => {
    const { points, labels, box } = region.prompts[frame] ?? {},
      where = timed ? { time: Math.round(frames[frame].time * 1000) / 1000 } : { frame };
    if (points) return { id: region.number, ...where, points, labels, ...(box && { box }) };
    if (box) return { id: region.number, ...where, box, refine: true };
    return { id: region.number, ...where, rle: toRle(region.masks[frame]) };
  });
}

/**
 * Pictures go into the first turn only.
 * @param urls of the pictures, as data URLs  @param video the URL of a video  @param tasks asked instead of a question
 */
export function body({ model, urls = [], video, regions, earlier, question, tasks = [], temperature, length }) {
  const images = urls.map((url) => ({ type: "image_url", image_url: { url } }));
  if (video) images.push({ type: "video_url", video_url: { url: video } });
  if (tasks.length) {
    const messages = [{ role: "user", content: images }];
    return { model, messages, tasks, temperature, max_tokens: length, regions, orientation: "apply" };
  }
  const turns = [
    ...earlier.flatMap((turn) => [
      ["user", turn.question],
      ["assistant", turn.answer],
    ]),
    ["user", question],
  ];
  const messages = turns.map(([role, text], i) => ({ role, content: i ? text : [...images, { type: "text", text }] }));
  // Coordinates are those of the upright picture, as the browser shows it.
  return { model, messages, temperature, max_tokens: length, regions, orientation: "apply" };
}
