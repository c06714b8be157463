/**
 * One picture or video frame: its exact RGB, a canvas for the screen, and its name. A mask in its alpha channel is
 * stored separately, as `given`.
 */
import { Mask } from "./mask.js";
import { decodePng, encodePng } from "./png.js";

/** Longest side; larger pictures are scaled down. The model sees 384 x 384 of the whole and of the region's window. */
const LONGEST = 2048;

export class Picture {
  /** @param rgba alpha is ignored  @param name its name in saved files */
  constructor(width, height, rgba, name) {
    Object.assign(this, { width, height, rgba, name, given: undefined, seeThrough: false });
    this.canvas = document.createElement("canvas");
    this.canvas.width = width;
    this.canvas.height = height;
    const shown = new ImageData(width, height);
    shown.data.set(rgba);
    for (let i = 3; i < shown.data.length; i += 4) shown.data[i] = 255;
    this.canvas.getContext("2d").putImageData(shown, 0, 0);
  }

  /** @param blob any picture that the browser can decode */
  static async from(blob, name = "picture.png", longest = LONGEST) {
    const raw = await decodePng(new Uint8Array(await blob.arrayBuffer())).catch(() => undefined);
    if (raw && Math.max(raw.width, raw.height) <= longest) {
      const picture = new Picture(raw.width, raw.height, raw.rgba, name);
      picture.given = alphaOf(raw);
      return picture;
    }
    // Colours as stored, with the EXIF orientation applied: the PNG that is sent has none.
    const bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" })
      .catch(() => createImageBitmap(blob))
      .catch(() => {
        throw new Error(`This browser cannot read “${name}” as a picture.`);
      });
    const drawn = Picture.drawn(bitmap, bitmap.width, bitmap.height, name, longest);
    return drawn.seeThrough ? Picture.cutOut(bitmap, name, longest) : drawn;
  }

  /** A picture with a mask in alpha. A canvas loses the colours outside the mask, so they are read through WebGL. */
  static cutOut(bitmap, name, longest) {
    const { width, height } = bitmap,
      rgba = straight(bitmap);
    if (!rgba)
      throw new Error(
        `This browser cannot read the colours outside the mask of “${name}”. Save it as an 8-bit RGBA PNG of at most ${longest} pixels a side.`,
      );
    const whole = new Picture(width, height, rgba, name),
      given = alphaOf({ width, height, rgba });
    const picture =
      Math.max(width, height) > longest ? Picture.drawn(whole.canvas, width, height, name, longest) : whole;
    const kept = given?.scaled(picture.width, picture.height);
    picture.given = kept?.empty ? undefined : kept;
    return picture;
  }

  /** From anything that a canvas can draw, such as a video at its current time. */
  static drawn(source, width, height, name, longest = LONGEST) {
    const scale = Math.min(1, longest / Math.max(width, height));
    const w = Math.max(1, Math.round(width * scale)),
      h = Math.max(1, Math.round(height * scale));
    const canvas = document.createElement("canvas");
    canvas.width = w;
    canvas.height = h;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, w, h);
    const { data } = context.getImageData(0, 0, w, h),
      picture = new Picture(w, h, data, name);
    for (let i = 3; i < data.length && !picture.seeThrough; i += 4) picture.seeThrough = data[i] < 255;
    return picture;
  }

  /** A PNG with the mask in alpha: 255 inside, 0 outside; colours unchanged. */
  masked(mask) {
    const rgba = new Uint8Array(this.rgba);
    for (let i = 3; i < rgba.length; i += 4) rgba[i] = 0;
    mask.each((x, y) => (rgba[(y * this.width + x) * 4 + 3] = 255));
    return encodePng(this.width, this.height, rgba);
  }

  /** A PNG without a mask, for saved files. */
  opaque() {
    const rgba = new Uint8Array(this.rgba);
    for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
    return encodePng(this.width, this.height, rgba);
  }
}

/** The RGBA of a bitmap without premultiplication, which only WebGL returns; undefined without WebGL. */
function straight(bitmap) {
  const { width, height } = bitmap,
    rgba = new Uint8Array(width * height * 4);
  const gl = document.createElement("canvas").getContext("webgl", { premultipliedAlpha: false });
  if (!gl || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined;
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(
    gl.FRAMEBUFFER,
    gl.COLOR_ATTACHMENT0,
    gl.TEXTURE_2D,
    gl.getParameter(gl.TEXTURE_BINDING_2D),
    0,
  );
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return failed ? undefined : rgba;
}

function alphaOf({ width, height, rgba }) {
  const inside = new Uint8Array(width * height);
  for (let i = 0; i < inside.length; i++) inside[i] = rgba[i * 4 + 3] ? 1 : 0;
  const mask = Mask.full(width, height, inside);
  return mask.empty || mask.area === inside.length ? undefined : mask;
}
