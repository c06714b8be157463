/** Draws the stage: the picture, the regions with their numbers, the shape being drawn and the cross. */
import { outlineOf } from "./outline.js";

export class Painter {
  constructor(stage) {
    const { canvas, session, view } = stage;
    Object.assign(this, { stage, canvas, session, view, context: canvas.getContext("2d") });
  }

  /** Paints before the next frame; many calls paint once. */
  schedule() {
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = undefined;
    const { context: c, view, session } = this,
      ratio = window.devicePixelRatio || 1;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!session.picture || !this.canvas.width || !this.canvas.height) return;
    c.drawImage(this.ground(ratio), 0, 0);
    c.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    this.dim();
    for (const region of session.regions) if (region !== session.active) this.paintRegion(region);
    if (session.active) this.paintRegion(session.active);
    this.paintFound();
    if (this.stage.current.drawing) this.paintPreview();
    this.paintClicks();
    this.paintBrushTip();
    this.paintCross();
    for (const region of session.regions) this.paintBadge(region);
  }

  /** The picture without regions, cached for each view: scaling a photograph for every stroke is too slow. */
  ground(ratio) {
    const { picture } = this.session,
      { scale, x, y } = this.view,
      { width, height } = this.canvas;
    const wanted = [scale, x, y, width, height, ratio].join();
    if (this.shown?.picture === picture && this.shown.wanted === wanted) return this.shown.canvas;
    const canvas = this.shown?.canvas ?? document.createElement("canvas"),
      c = canvas.getContext("2d");
    Object.assign(canvas, { width, height });
    c.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y);
    c.imageSmoothingEnabled = scale < 6; // zoomed in, single pixels must show
    c.imageSmoothingQuality = "high";
    c.drawImage(picture.image, 0, 0);
    this.shown = { picture, wanted, canvas };
    return canvas;
  }

  /** Darkens everything but the chosen or hovered region. */
  dim() {
    const { context: c, session } = this,
      shown = session.hovered ?? session.active;
    const mask = shown?.on(session.frame);
    if (!mask || mask.empty || this.stage.current.drawing) return;
    const veil = new Path2D();
    veil.rect(0, 0, mask.width, mask.height);
    veil.addPath(outlineOf(mask));
    c.fillStyle = "rgba(12, 14, 20, 0.2)";
    c.fill(veil, "evenodd");
  }

  paintRegion(region) {
    const { context: c, session, view } = this,
      mask = region.on(session.frame);
    if (!mask || mask.empty) return;
    const active = region === session.active,
      hovered = region === session.hovered;
    const { moves = [0, 0] } = active && this.stage.current.drawing ? this.stage.current.preview() : {};
    const carried = !region.masks[session.frame], // a copy of another frame's
      path = outlineOf(mask),
      px = 1 / view.scale;
    c.save();
    c.translate(...moves);
    c.lineJoin = "round";
    if (!active && (hovered || !region.suggested)) {
      c.fillStyle = region.colour + (hovered ? "30" : "1c");
      c.fill(path, "evenodd");
    }
    const quiet = region.suggested && !hovered && !active;
    c.strokeStyle = quiet ? "rgba(20, 22, 30, 0.55)" : "rgba(255, 255, 255, 0.95)";
    c.lineWidth = (quiet ? 3.4 : active || hovered ? 5.5 : 4.2) * px;
    c.stroke(path);
    c.strokeStyle = quiet ? "rgba(255, 255, 255, 0.95)" : region.colour;
    c.lineWidth = (quiet ? 1.7 : active || hovered ? 3 : 2.2) * px;
    if (quiet || carried) c.setLineDash([6 * px, 5 * px]);
    c.stroke(path);
    c.restore();
  }

  paintPreview() {
    const { context: c, view } = this,
      { path, closed, stroke, corners, cuts } = this.stage.current.preview(),
      px = 1 / view.scale;
    if (!path) return;
    c.save();
    c.lineJoin = c.lineCap = "round";
    if (stroke) {
      c.strokeStyle = cuts ? "rgba(255, 255, 255, 0.6)" : "rgba(43, 89, 195, 0.5)";
      c.lineWidth = stroke;
      c.stroke(path);
    } else {
      c.fillStyle = "rgba(43, 89, 195, 0.2)";
      if (closed) c.fill(path);
      for (const [colour, width] of [
        ["#fff", 4],
        ["#2b59c3", 2],
      ]) {
        c.strokeStyle = colour;
        c.lineWidth = width * px;
        c.stroke(path);
      }
      for (const p of corners ?? []) {
        c.beginPath();
        c.arc(p.x, p.y, 4 * px, 0, 7);
        c.fillStyle = "#fff";
        c.fill();
        c.lineWidth = 2 * px;
        c.stroke();
      }
    }
    c.restore();
  }

  /** What a click would mark. */
  paintFound() {
    const { preview } = this.stage.marker;
    if (!preview || this.stage.current.drawing) return;
    const { context: c, view } = this,
      path = outlineOf(preview.mask),
      px = 1 / view.scale;
    c.save();
    c.lineJoin = "round";
    c.fillStyle = "rgba(43, 89, 195, 0.3)";
    c.fill(path, "evenodd");
    for (const [colour, width] of [
      ["rgba(255, 255, 255, 0.9)", 4],
      ["#2b59c3", 2],
    ]) {
      c.strokeStyle = colour;
      c.lineWidth = width * px;
      c.stroke(path);
    }
    c.restore();
  }

  /** The clicks and the box that the chosen region was made from, and those on the way to the server. */
  paintClicks() {
    const { stage, session } = this,
      { draft } = stage.marker;
    if (stage.tool !== "click" && !stage.current.snaps) return;
    const prompt = draft?.pending ? draft.prompt : session.active?.prompts[session.frame];
    if (!prompt) return;
    const { context: c, view } = this,
      px = 1 / view.scale,
      [x0, y0, x1, y1] = prompt.box ?? [];
    c.save();
    c.lineWidth = 1.5 * px;
    if (prompt.box) {
      c.setLineDash([5 * px, 4 * px]);
      c.strokeStyle = "#fff";
      c.strokeRect(x0, y0, x1 - x0, y1 - y0);
      c.setLineDash([]);
    }
    prompt.points?.forEach(([x, y], i) => {
      const inside = prompt.labels[i] === 1;
      c.beginPath();
      c.arc(x, y, 6 * px, 0, 7);
      c.fillStyle = inside ? "#2b59c3" : "#b42318";
      c.fill();
      c.strokeStyle = "#fff";
      c.stroke();
      c.beginPath();
      c.moveTo(x - 3 * px, y);
      c.lineTo(x + 3 * px, y);
      if (inside) {
        c.moveTo(x, y - 3 * px);
        c.lineTo(x, y + 3 * px);
      }
      c.stroke();
    });
    c.restore();
  }

  paintBrushTip() {
    const at = this.stage.cross ?? this.stage.pointers.at,
      { diameter } = this.stage.current;
    if (!at || !diameter) return;
    const { context: c, view } = this;
    for (const [colour, width] of [
      ["rgba(0,0,0,0.5)", 3],
      ["#fff", 1.3],
    ]) {
      c.beginPath();
      c.arc(at.x, at.y, diameter / 2, 0, 7);
      c.strokeStyle = colour;
      c.lineWidth = width / view.scale;
      c.stroke();
    }
  }

  paintCross() {
    if (!this.stage.cross || document.activeElement !== this.canvas) return;
    const { context: c, view } = this,
      { cross } = this.stage,
      arm = 11 / view.scale;
    for (const [colour, width] of [
      ["rgba(0,0,0,0.7)", 4],
      ["#fff", 1.8],
    ]) {
      c.beginPath();
      c.moveTo(cross.x - arm, cross.y);
      c.lineTo(cross.x + arm, cross.y);
      c.moveTo(cross.x, cross.y - arm);
      c.lineTo(cross.x, cross.y + arm);
      c.strokeStyle = colour;
      c.lineWidth = width / view.scale;
      c.stroke();
    }
  }

  paintBadge(region) {
    if (region.suggested && region !== this.session.active) return;
    const at = this.stage.anchor(region);
    if (!at) return;
    const { context: c } = this,
      ratio = window.devicePixelRatio || 1;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.beginPath();
    c.arc(at.x, at.y, 11, 0, 7);
    c.fillStyle = region.colour;
    c.fill();
    c.lineWidth = 2;
    c.strokeStyle = "#fff";
    c.stroke();
    c.fillStyle = "#fff";
    c.font = "600 12px system-ui, sans-serif";
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(region.number, at.x, at.y + 0.5);
  }
}
