/**
 * COCO run lengths of a mask: lengths of alternating runs of outside and inside pixels, column-major, starting outside;
 * a list of numbers, or packed into a string of 6-bit characters.
 */
import { Mask } from "./mask.js";

const packed = new WeakMap(); // masks are immutable

export function toRle(mask) {
  if (!packed.has(mask)) packed.set(mask, encode(mask));
  return packed.get(mask);
}

function encode(mask) {
  const counts = [];
  let run = 0,
    value = 0;
  const push = (v, n) => {
    if (!n) return;
    if (v !== value) {
      counts.push(run);
      run = 0;
      value = v;
    }
    run += n;
  };
  const { x, y, w, h, width, height, bytes } = mask;
  push(0, x * height);
  for (let i = 0; i < w; i++) {
    push(0, y);
    for (let j = 0; j < h; j++) push(bytes[j * w + i] ? 1 : 0, 1);
    push(0, height - y - h);
  }
  push(0, (width - x - w) * height);
  counts.push(run);
  return { size: [height, width], counts: pack(counts) };
}

export function fromRle({ size: [height, width], counts }) {
  const runs = typeof counts === "string" ? unpack(counts) : counts;
  const bytes = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((n, k) => {
    if (!(n >= 0) || at + n > bytes.length) throw new Error("The run lengths of a region do not fit its size.");
    if (k % 2) for (let i = at; i < at + n; i++) bytes[(i % height) * width + Math.floor(i / height)] = 1;
    at += n;
  });
  return Mask.full(width, height, bytes);
}

/** From the fourth run on, COCO writes the difference to the run two before. */
function pack(counts) {
  let text = "";
  counts.forEach((count, i) => {
    let x = i > 2 ? count - counts[i - 2] : count,
      more = true;
    while (more) {
      let c = x & 31;
      x >>= 5;
      more = c & 16 ? x !== -1 : x !== 0;
      if (more) c |= 32;
      text += String.fromCharCode(c + 48);
    }
  });
  return text;
}

function unpack(text) {
  const counts = [];
  for (let at = 0; at < text.length; ) {
    let x = 0,
      shift = 0,
      c;
    do {
      c = text.charCodeAt(at++) - 48;
      x |= (c & 31) << shift;
      shift += 5;
    } while (c & 32);
    if (c & 16 && shift < 32) x |= -1 << shift;
    counts.push(counts.length > 2 ? x + counts[counts.length - 2] : x);
  }
  return counts;
}
