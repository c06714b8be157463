/** The body of POST /v1/chat/completions for one question about one region. */

/** The questions that the built-in model was trained on; the one for video is the published joint model's. */
export const QUESTIONS = {
  word: "Describe the masked region in one word.",
  sentence: "Describe it in one short sentence.",
  detail: "Describe the masked region in detail.",
};
export const VIDEO_DETAIL =
  "Given the video in the form of a sequence of frames above, describe the object in the masked region in the video in detail.";

/** The picture, or each of eight frames, as a data URL whose alpha is the region. */
export async function pictures(session, region) {
  const blobs = await Promise.all(session.frames.map((frame, i) => frame.masked(region.on(i))));
  return Promise.all(blobs.map(dataUrl));
}

/** Pictures go into the first turn only. */
export function body({ model, urls, earlier, question, temperature, length }) {
  const images = urls.map((url) => ({ type: "image_url", image_url: { url } }));
  const turns = [
    ...earlier.flatMap((turn) => [
      ["user", turn.question],
      ["assistant", turn.answer],
    ]),
    ["user", question],
  ];
  const messages = turns.map(([role, text], i) => ({ role, content: i ? text : [...images, { type: "text", text }] }));
  return { model, messages, temperature, max_tokens: length };
}

export function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
