/**
 * The frames of a video below the picture: a strip to go through them, and for the chosen region the frames on which it is
 * marked, tracked or out of sight. Shows how far tracking is, and stops it.
 */
import { element } from "./element.js";

const LANE = 9;

export class Timeline {
  constructor(session, tracker) {
    Object.assign(this, {
      session,
      tracker,
      box: element("timeline"),
      canvas: element("strip"),
      range: element("moment"),
    });
    this.range.addEventListener("input", () => session.show(Number(this.range.value)));
    element("mark-before").addEventListener("click", () => this.go(-1));
    element("mark-after").addEventListener("click", () => this.go(1));
    element("track-stop").addEventListener("click", () => tracker.stop());
    session.addEventListener("open", () => this.open());
    session.addEventListener("change", () => this.update());
    tracker.addEventListener("progress", () => this.progress());
    new ResizeObserver(() => this.open()).observe(this.box);
  }

  open() {
    const { frames, video } = this.session;
    this.box.hidden = !video;
    this.range.max = frames.length - 1;
    this.ground = undefined;
    this.update();
  }

  /** To the next or the previous frame on which the chosen region is marked. */
  go(by) {
    const { session } = this,
      marks = session.active?.marks ?? [];
    const next = by > 0 ? marks.find((i) => i > session.frame) : marks.findLast((i) => i < session.frame);
    if (next !== undefined) session.show(next);
  }

  update() {
    const { session } = this,
      { frame, frames, active } = session;
    if (!session.video) return;
    const time = frames[frame].time,
      where = `Frame ${frame + 1} of ${frames.length}`,
      text = time === undefined ? where : `${where} · ${time.toFixed(1)} s`;
    this.range.value = frame;
    this.range.setAttribute("aria-valuetext", [text, this.here(active, frame)].filter(Boolean).join(", "));
    element("moment-text").textContent = text;
    element("moment-here").textContent = this.here(active, frame);
    const marks = active?.marks ?? [];
    element("mark-before").disabled = !marks.some((i) => i < frame);
    element("mark-after").disabled = !marks.some((i) => i > frame);
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  /** What the chosen region's mask on a frame is. */
  here(region, frame) {
    if (!region) return "";
    const mask = region.masks[frame];
    if (!mask) return "copied from another frame";
    if (mask.empty) return "out of sight";
    return region.tracked[frame] ? "tracked" : "marked here";
  }

  progress() {
    const { running } = this.tracker,
      shown = running.get(this.session.active) ?? [...running.values()][0];
    element("tracking").textContent = shown ? `Tracking: ${shown.done} of ${shown.count} frames` : "";
    element("track-stop").hidden = !shown;
    if (Boolean(shown) !== this.told) {
      element("status").textContent = shown ? "Tracking the region through the video" : "Tracking has ended";
      this.told = Boolean(shown);
    }
  }

  paint() {
    this.pending = undefined;
    const { session, canvas } = this,
      { frames, frame, active } = session,
      ratio = window.devicePixelRatio || 1,
      width = canvas.clientWidth,
      height = canvas.clientHeight;
    if (!session.video || !width || !height) return;
    this.ground ??= this.thumbnails(width, height - LANE, ratio);
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.getContext("2d");
    context.drawImage(this.ground, 0, 0);
    context.scale(ratio, ratio);
    const each = width / frames.length,
      lane = height - LANE;
    if (active)
      for (let i = 0; i < frames.length; i++) {
        const mask = active.masks[i];
        if (!mask || mask.empty) continue;
        const marked = !active.tracked[i];
        context.globalAlpha = marked ? 1 : 0.5;
        context.fillStyle = active.colour;
        context.fillRect(i * each, lane + 3, each + 0.5, LANE - 3);
        if (!marked) continue;
        context.beginPath();
        context.arc((i + 0.5) * each, lane + 3, 5, 0, 7);
        context.fill();
        context.strokeStyle = "#fff";
        context.lineWidth = 1.5;
        context.stroke();
      }
    context.globalAlpha = 1;
    const x = (frame + 0.5) * each;
    for (const [colour, wide] of [
      ["#fff", 6],
      ["#2b59c3", 3],
    ]) {
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, lane + 1);
      context.stroke();
      context.fillRect(x - wide - 2, 0, 2 * wide + 4, wide + 3);
    }
  }

  /** As many frames as fit side by side. */
  thumbnails(width, height, ratio) {
    const { frames } = this.session,
      canvas = document.createElement("canvas"),
      context = canvas.getContext("2d");
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const one = (height * frames[0].width) / frames[0].height,
      count = Math.max(1, Math.min(frames.length, Math.round(width / one))),
      each = canvas.width / count;
    for (let k = 0; k < count; k++) {
      const { image, width: w, height: h } = frames[Math.floor(((k + 0.5) * frames.length) / count)],
        scale = Math.max(each / w, canvas.height / h);
      context.save();
      context.beginPath();
      context.rect(k * each, 0, each - ratio, canvas.height);
      context.clip();
      context.drawImage(
        image,
        (k + 0.5) * each - (w * scale) / 2,
        (canvas.height - h * scale) / 2,
        w * scale,
        h * scale,
      );
      context.restore();
    }
    return canvas;
  }
}
