/** Takes eight frames from a video file, and shows them as a strip below the picture. */
import { outlineOf } from "./outline.js";
import { Picture } from "./picture.js";
import { FRAMES } from "./request.js";

/** Longest side of a frame: a request holds eight, and must stay below the server's limit. */
export const LONGEST = 960;

/** Eight pictures at equal distances, the first and the last frame among them. */
export async function framesOf(file) {
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
      frames = [];
    for (let i = 0; i < FRAMES; i++) {
      const sought = happened("seeked");
      video.currentTime = Math.max(0, Math.min(length - 0.001, (length * i) / (FRAMES - 1)));
      await sought;
      frames.push(await Picture.drawn(video, video.videoWidth, video.videoHeight, `frame-${i}.jpg`, LONGEST));
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

export class Film {
  constructor(list, session) {
    Object.assign(this, { list, session, buttons: [] });
    session.addEventListener("open", () => this.build());
    session.addEventListener("change", () => this.update());
  }

  build() {
    this.list.hidden = !this.session.video;
    this.buttons = this.session.video ? this.session.frames.map((frame, i) => this.button(frame, i)) : [];
    this.list.replaceChildren(
      ...this.buttons.map((button) => {
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
  }

  button(frame, i) {
    const button = document.createElement("button"),
      canvas = document.createElement("canvas");
    canvas.width = 144;
    canvas.height = Math.round((144 * frame.height) / frame.width);
    button.type = "button";
    button.append(canvas, String(i + 1));
    button.addEventListener("click", () => this.session.show(i));
    return button;
  }

  update() {
    const { session } = this;
    this.buttons.forEach((button, i) => {
      const canvas = button.firstChild,
        context = canvas.getContext("2d"),
        frame = session.frames[i];
      const scale = canvas.width / frame.width,
        drawn = session.active?.masks[i];
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.drawImage(frame.image, 0, 0);
      for (const region of session.regions) {
        const mask = region.on(i);
        if (!mask) continue;
        context.globalAlpha = session.active && region !== session.active ? 0.35 : 1;
        context.strokeStyle = region.colour;
        context.lineWidth = 3 / scale;
        context.setLineDash(region.masks[i] ? [] : [8 / scale, 6 / scale]);
        context.stroke(outlineOf(mask));
      }
      context.globalAlpha = 1;
      button.setAttribute("aria-current", String(session.frame === i));
      button.setAttribute(
        "aria-label",
        `Frame ${i + 1} of ${session.frames.length}${session.active ? (drawn ? ", drawn here" : ", copied from another frame") : ""}`,
      );
    });
  }
}
