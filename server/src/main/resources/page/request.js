/** The body of POST /v1/chat/completions for one question about one or several regions. */
import { toRle } from "./rle.js";

/** Frames that the model sees of a video, chosen as in the published code: floor(linspace(0, n - 1, 8)). */
export const FRAMES = 8;
export const eightOf = (all) =>
  Array.from({ length: FRAMES }, (_, i) => all[Math.floor((i * (all.length - 1)) / (FRAMES - 1))]);

/** Every region by its run lengths; of a video, on each of the eight frames. */
export function regionsOf(frames, regions) {
  const entry = (region, i) => ({ id: region.number, rle: toRle(region.on(i)) });
  if (frames.length === 1) return regions.map((region) => entry(region, 0));
  return eightOf([...frames.keys()]).flatMap((i, frame) => regions.map((region) => ({ frame, ...entry(region, i) })));
}

/** Pictures go into the first turn only. @param urls of the pictures, as data URLs */
export function body({ model, urls, regions, earlier, question, temperature, length }) {
  const images = urls.map((url) => ({ type: "image_url", image_url: { url } }));
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
