/** Takes frames from a video file, at equal distances, the first and the last among them. */
import { Picture } from "./picture.js";
import { FRAMES } from "./request.js";

/** Longest side of a frame: a request holds up to 64, and must stay below the server's limit. */
export const LONGEST = 960;
/** What the server tracks by default. */
const TRACKED = { perSecond: 4, most: 64 };

/**
 * @param tracked whether the server tracks things through frames; otherwise there are the eight that are described
 * @param progress called with the frames that are there and those that there will be
 */
export async function framesOf(file, tracked, progress) {
  const video = document.createElement("video"),
    url = URL.createObjectURL(file);
  const happened = (type) =>
    new Promise((resolve, reject) => {
      video.addEventListener(type, resolve, { once: true });
      video.addEventListener("error", () => reject(new Error(`This browser cannot play “${file.name}”.`)), {
        once: true,
      });
    });
  try {
    Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
    const ready = happened("loadeddata");
    video.src = url;
    await ready;
    const length = await duration(video, happened),
      wanted = tracked ? Math.round(length * TRACKED.perSecond) : FRAMES,
      count = Math.max(FRAMES, Math.min(TRACKED.most, wanted)),
      frames = [];
    for (let i = 0; i < count; i++) {
      progress(i, count);
      const sought = happened("seeked");
      video.currentTime = Math.max(0, Math.min(length - 0.001, (length * i) / (count - 1)));
      await sought;
      const frame = await Picture.drawn(video, video.videoWidth, video.videoHeight, `frame-${i}.jpg`, LONGEST);
      frames.push(Object.assign(frame, { time: video.currentTime }));
    }
    return frames;
  } finally {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

/** The duration in seconds. Browsers know that of some recorded videos only after seeking to the end. */
async function duration(video, happened) {
  if (Number.isFinite(video.duration)) return video.duration;
  const sought = happened("seeked");
  video.currentTime = 1e7;
  await sought;
  return Number.isFinite(video.duration) ? video.duration : video.currentTime;
}
