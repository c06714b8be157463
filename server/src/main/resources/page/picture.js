/**
 * One picture or video frame: the file that is sent, an image for the screen, and its name. Width, height and all
 * coordinates are those of the picture as browsers show it, upright. A mask in its alpha channel is kept as `given`.
 */
import { Mask } from "./mask.js";

/** The server's default limits; 40 MB of file are 53 MB as a data URL, which fits into a request of 64 MB. */
const MOST = { pixels: 33_554_432, side: 16_384, bytes: 40e6 };
const JPEG_QUALITY = 0.94;

export class Picture {
  /** @param image anything that a canvas can draw  @param blob a JPEG or PNG  @param name its name in saved files */
  constructor(width, height, image, blob, name) {
    Object.assign(this, { width, height, image, blob, name, given: undefined });
  }

  /**
   * JPEG and PNG files are kept as they are, unless they are too large or have a mask in alpha.
   * @param blob any picture that the browser can decode
   */
  static async from(blob, name = "picture.png", longest = MOST.side) {
    const image = await createImageBitmap(blob).catch(() => {
      throw new Error(`This browser cannot read “${name}” as a picture.`);
    });
    const { width, height } = image,
      type = typeOf(new Uint8Array(await blob.slice(0, 1 << 16).arrayBuffer()));
    const small = Math.max(width, height) <= longest && width * height <= MOST.pixels;
    const alpha = type === "image/jpeg" ? undefined : alphaOf(image);
    if (alpha?.some((a) => !a)) return Picture.cutOut(blob, alpha, name, longest);
    if (type && small && blob.size <= MOST.bytes)
      return new Picture(width, height, image, blob.slice(0, blob.size, type), name);
    return Picture.drawn(image, width, height, name, longest, type === "image/png" ? type : "image/jpeg");
  }

  /** A picture with a mask in alpha: sent without it, because its regions are sent beside it. */
  static async cutOut(blob, alpha, name, longest) {
    const options = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
    const bitmap = await createImageBitmap(blob, options),
      { width, height } = bitmap,
      colours = straight(bitmap);
    if (!colours) throw new Error(`This browser cannot read the colours outside the mask of “${name}”.`);
    for (let i = 3; i < colours.length; i += 4) colours[i] = 255;
    const canvas = canvasOf(width, height);
    canvas.getContext("2d").putImageData(new ImageData(colours, width, height), 0, 0);
    const picture = await Picture.drawn(canvas, width, height, name, longest, "image/png");
    const given = Mask.full(width, height, alpha).scaled(picture.width, picture.height);
    picture.given = given.empty || given.area === picture.width * picture.height ? undefined : given;
    return picture;
  }

  /** From anything that a canvas can draw, such as a video at its current time; scaled down to `longest`. */
  static async drawn(source, width, height, name, longest = MOST.side, type = "image/jpeg") {
    const scale = Math.min(1, longest / Math.max(width, height), Math.sqrt(MOST.pixels / (width * height)));
    const canvas = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))),
      context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, type, JPEG_QUALITY));
    return new Picture(canvas.width, canvas.height, canvas, blob, name);
  }

  /** A small JPEG for lists. */
  async thumbnail(longest = 160) {
    return (await Picture.drawn(this.image, this.width, this.height, this.name, longest)).blob;
  }

  dataUrl() {
    return dataUrl(this.blob);
  }
}

export function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** Decodes a data URL without fetch(), which the page's security policy limits to its own server. */
export function blobOf(url) {
  const [, type, base64] = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(url) ?? [];
  if (!base64) throw new Error("A picture in this file is not a base64 data URL.");
  return new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type });
}

export function canvasOf(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

/**
 * The type of a file that browser and server read alike, else undefined. A PNG with an orientation or an animation is
 * drawn once and sent as drawn, since not all browsers apply them.
 */
export function typeOf(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  if (String.fromCharCode(...bytes.subarray(1, 4)) !== "PNG") return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const chunk = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (chunk === "eXIf" || chunk === "acTL") return undefined;
    if (chunk === "IDAT") break;
  }
  return "image/png";
}

/** One byte a pixel; undefined for pictures without alpha. */
function alphaOf(image) {
  const { width, height } = image,
    context = canvasOf(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height),
    alpha = new Uint8Array(width * height);
  let seeThrough = false;
  for (let i = 0; i < alpha.length; i++) {
    alpha[i] = data[4 * i + 3];
    seeThrough ||= alpha[i] < 255;
  }
  return seeThrough ? alpha : undefined;
}

/** The RGBA of a bitmap without premultiplication, which only WebGL returns; undefined without WebGL. */
function straight(bitmap) {
  const { width, height } = bitmap,
    rgba = new Uint8ClampedArray(width * height * 4);
  const gl = canvasOf(1, 1).getContext("webgl", { premultipliedAlpha: false });
  if (!gl || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined;
  const texture = gl.createTexture(),
    { TEXTURE_2D, FRAMEBUFFER, RGBA, UNSIGNED_BYTE } = gl;
  gl.bindTexture(TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.texImage2D(TEXTURE_2D, 0, RGBA, RGBA, UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(FRAMEBUFFER, gl.COLOR_ATTACHMENT0, TEXTURE_2D, texture, 0);
  gl.readPixels(0, 0, width, height, RGBA, UNSIGNED_BYTE, new Uint8Array(rgba.buffer));
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return failed ? undefined : rgba;
}
