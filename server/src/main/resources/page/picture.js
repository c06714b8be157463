/**
 * One picture or video frame: its exact RGB, something to draw on the screen, and where it came from.
 * Alpha is taken out: a mask that came in alpha is kept beside the picture as `given`.
 */
import { Mask } from "./mask.js";
import { decodePng, encodePng } from "./png.js";

/** Larger pictures are scaled down: the model sees 384 x 384 of the whole and of the region's surroundings. */
const LONGEST = 2048;

export class Picture {
  /** @param rgba bytes whose alpha is ignored  @param name what to call it in a saved file */
  constructor(width, height, rgba, name) {
    Object.assign(this, { width, height, rgba, name, given: undefined });
    this.canvas = document.createElement("canvas");
    this.canvas.width = width;
    this.canvas.height = height;
    const shown = new ImageData(width, height);
    shown.data.set(rgba);
    for (let i = 3; i < shown.data.length; i += 4) shown.data[i] = 255;
    this.canvas.getContext("2d").putImageData(shown, 0, 0);
  }

  /** @param blob any picture the browser knows */
  static async from(blob, name = "picture.png", longest = LONGEST) {
    const raw = await decodePng(new Uint8Array(await blob.arrayBuffer())).catch(() => undefined);
    if (raw && Math.max(raw.width, raw.height) <= longest) {
      const picture = new Picture(raw.width, raw.height, raw.rgba, name);
      picture.given = alphaOf(raw);
      return picture;
    }
    // Colours as they are stored, turned as the camera held it; what is then sent has no orientation left to disagree on.
    const bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" })
      .catch(() => createImageBitmap(blob))
      .catch(() => { throw new Error(`“${name}” is not a picture this browser can read.`); });
    return Picture.drawn(bitmap, bitmap.width, bitmap.height, name, longest);
  }

  /** From anything a canvas can draw, such as a video at its current time. */
  static drawn(source, width, height, name, longest = LONGEST) {
    const scale = Math.min(1, longest / Math.max(width, height));
    const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
    const canvas = document.createElement("canvas");
    canvas.width = w;
    canvas.height = h;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, w, h);
    return new Picture(w, h, context.getImageData(0, 0, w, h).data, name);
  }

  /** The picture as the model wants it: every colour as it is, alpha 255 inside the mask and 0 outside. */
  masked(mask) {
    const rgba = new Uint8Array(this.rgba);
    for (let i = 3; i < rgba.length; i += 4) rgba[i] = 0;
    mask.each((x, y) => (rgba[(y * this.width + x) * 4 + 3] = 255));
    return encodePng(this.width, this.height, rgba);
  }

  /** The picture without any mask, for a saved file. */
  opaque() {
    const rgba = new Uint8Array(this.rgba);
    for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
    return encodePng(this.width, this.height, rgba);
  }
}

function alphaOf({ width, height, rgba }) {
  const inside = new Uint8Array(width * height);
  for (let i = 0; i < inside.length; i++) inside[i] = rgba[i * 4 + 3] ? 1 : 0;
  const mask = Mask.full(width, height, inside);
  return mask.empty || mask.area === inside.length ? undefined : mask;
}
