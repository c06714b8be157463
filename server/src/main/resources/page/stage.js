/**
 * The picture on the screen: draws it with its regions, and turns mouse, pen, touch and keys into tool strokes,
 * zoom and pan. Keys drive a cross that stands for the pointer, so every tool works without one.
 */
import { outlineOf } from "./outline.js";
import { makeTools } from "./tools.js";
import { View } from "./view.js";

export class Stage extends EventTarget {
  tool = "pick";
  view = new View();
  touches = new Map();
  cross = undefined;
  held = false; // whether Space holds the tool down
  pointer = undefined; // the last place of a mouse or pen, in picture coordinates

  constructor(canvas, session) {
    super();
    Object.assign(this, { canvas, session, context: canvas.getContext("2d"), tools: makeTools(session) });
    session.addEventListener("change", () => this.redraw());
    session.addEventListener("open", () => {
      this.cross = undefined;
      this.cancel();
      this.fit();
    });
    new ResizeObserver(() => this.resize()).observe(canvas);
    const on = (type, handler, options) => canvas.addEventListener(type, handler.bind(this), options);
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.lost);
    on("pointerleave", this.leave);
    on("wheel", this.wheel, { passive: false });
    on("keydown", this.key);
    on("blur", this.redraw);
    on("focus", this.redraw);
    on("contextmenu", (event) => event.preventDefault());
  }

  get current() {
    return this.tools[this.tool];
  }

  choose(tool) {
    this.cancel();
    this.tool = tool;
    this.session.hover(undefined);
    this.touchable();
    this.redraw();
    this.dispatchEvent(new Event("tool"));
  }

  /** Scrolling a phone by a finger on the picture works while nothing would be drawn or moved by it. */
  touchable() {
    this.canvas.classList.toggle("scrolls", this.tool === "pick" && this.view.fitted && !this.session.video);
    this.canvas.dataset.tool = this.tool;
  }

  cancel() {
    this.held = false;
    this.panning = undefined;
    Object.values(this.tools).forEach((tool) => tool.cancel());
    this.redraw();
  }

  // ---- size, zoom, pan

  resize() {
    const ratio = window.devicePixelRatio || 1,
      { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    if (this.view.fitted) this.fit();
    this.paint(); // at once: a canvas that was resized is blank until it is drawn again
  }

  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!this.session.picture || !clientWidth) return;
    this.view.fit(this.session.picture, clientWidth, clientHeight, clientWidth < 600 ? 12 : 28);
    this.moved();
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.view.zoom(factor, x, y);
    this.moved();
  }

  moved() {
    this.touchable();
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  wheel(event) {
    event.preventDefault();
    const step = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey) this.view.pan(-(event.deltaX || event.deltaY) * step, 0);
    else this.view.zoom(Math.exp(-event.deltaY * step * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
    this.moved();
  }

  // ---- pointers

  point(event) {
    return this.view.toPicture(event.offsetX, event.offsetY);
  }

  keys(event) {
    return { shift: event.shiftKey, alt: event.altKey, scale: this.view.scale };
  }

  down(event) {
    if (!this.session.picture) return;
    this.canvas.focus({ preventScroll: true });
    this.cross = undefined;
    this.touches.set(event.pointerId, event);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.touches.size === 2) {
      this.cancel(); // a second finger means zoom, whatever the first has begun
      return;
    }
    const onBackground = this.tool === "pick" && !this.session.at(...Object.values(this.point(event)));
    if (event.button === 1 || onBackground) {
      this.panning = { x: event.offsetX, y: event.offsetY, moved: false };
      return;
    }
    if (event.button !== 0) return;
    this.current.down(this.point(event), this.keys(event));
    this.redraw();
  }

  move(event) {
    if (!this.session.picture) return;
    const before = this.touches.get(event.pointerId);
    if (before) this.touches.set(event.pointerId, event);
    if (this.touches.size >= 2 && before) return this.pinch(before, event);
    if (this.panning) {
      const dx = event.offsetX - this.panning.x,
        dy = event.offsetY - this.panning.y;
      if (!this.panning.moved && Math.hypot(dx, dy) < 4) return;
      this.view.pan(dx, dy);
      this.panning = { x: event.offsetX, y: event.offsetY, moved: true };
      return this.moved();
    }
    this.pointer = event.pointerType === "touch" ? undefined : this.point(event);
    if (this.tool === "pick" && !this.current.drawing)
      this.session.hover(this.session.at(this.pointer?.x ?? -1, this.pointer?.y ?? -1));
    // A fast lasso keeps its curve: browsers hand over the points between two frames, too.
    const events = event.getCoalescedEvents?.() ?? [];
    const rect = this.canvas.getBoundingClientRect();
    if (events.length > 1)
      events.forEach((e) => this.current.move(this.view.toPicture(e.clientX - rect.left, e.clientY - rect.top)));
    else this.current.move(this.point(event));
    this.canvas.dataset.over = this.session.hovered ? "region" : "";
    this.redraw();
  }

  pinch(before, now) {
    const other = [...this.touches.values()].find((e) => e.pointerId !== now.pointerId);
    const distance = (e) => Math.max(1, Math.hypot(e.offsetX - other.offsetX, e.offsetY - other.offsetY));
    this.view.pan((now.offsetX - before.offsetX) / 2, (now.offsetY - before.offsetY) / 2);
    this.view.zoom(
      distance(now) / distance(before),
      (now.offsetX + other.offsetX) / 2,
      (now.offsetY + other.offsetY) / 2,
    );
    this.moved();
  }

  up(event) {
    const pinched = this.touches.size > 1;
    this.touches.delete(event.pointerId);
    if (this.panning) {
      if (!this.panning.moved && event.button === 0) this.session.choose(undefined);
      this.panning = undefined;
    } else if (!pinched && this.session.picture && event.button === 0)
      this.current.up(this.point(event), this.keys(event));
    this.redraw();
  }

  lost(event) {
    this.touches.delete(event.pointerId);
    this.cancel();
  }

  leave() {
    this.pointer = undefined;
    this.session.hover(undefined);
    this.redraw();
  }

  // ---- keys

  key(event) {
    if (!this.session.picture || event.ctrlKey || event.metaKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const actions = {
      " ": () => this.press(event),
      Enter: () =>
        this.tool === "polygon" ? this.current.drawing && this.current.close(this.keys(event)) : this.press(event),
      Escape: () => (this.current.drawing ? this.cancel() : this.session.choose(undefined)),
      "+": () => this.zoom(1.25),
      "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8),
      0: () => this.fit(),
    };
    if (arrows[event.key]) this.step(arrows[event.key], event);
    else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
    this.redraw();
  }

  step([dx, dy], event) {
    const { width, height } = this.session.picture,
      by = event.shiftKey ? 20 : 4;
    const from = this.cross ?? { x: Math.round(width / 2), y: Math.round(height / 2) };
    const clamp = (v, most) => Math.max(0, Math.min(most, v));
    this.cross = this.cross ? { x: clamp(from.x + dx * by, width), y: clamp(from.y + dy * by, height) } : from;
    this.current.move(this.cross);
    if (this.tool === "pick") this.session.hover(this.session.at(this.cross.x, this.cross.y));
    this.dispatchEvent(new Event("cross"));
  }

  press(event) {
    this.cross ??= { x: Math.round(this.session.picture.width / 2), y: Math.round(this.session.picture.height / 2) };
    if (this.held) {
      this.held = false;
      this.current.up(this.cross, this.keys(event));
    } else {
      this.current.down({ ...this.cross }, this.keys(event));
      this.held = this.current.drawing && this.tool !== "polygon";
      if (!this.current.drawing) this.current.up(this.cross, this.keys(event));
    }
  }

  // ---- drawing

  redraw() {
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.pending);
    this.pending = undefined;
    const { context: c, view, session } = this,
      ratio = window.devicePixelRatio || 1;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!session.picture) return;
    c.drawImage(this.ground(ratio), 0, 0);
    c.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    this.dim();
    for (const region of session.regions) if (region !== session.active) this.paintRegion(region);
    if (session.active) this.paintRegion(session.active);
    if (this.current.drawing) this.paintPreview();
    this.paintBrushTip();
    this.paintCross();
    for (const region of session.regions) this.paintBadge(region);
  }

  /** The picture alone, scaled once for each view: a photograph is too large to be scaled again for every stroke. */
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
    c.imageSmoothingEnabled = scale < 6; // far in, pixels are what one wants to see
    c.imageSmoothingQuality = "high";
    c.drawImage(picture.canvas, 0, 0);
    this.shown = { picture, wanted, canvas };
    return canvas;
  }

  /** A thin veil over everything but the chosen or hovered region: look here. */
  dim() {
    const { context: c, session } = this,
      shown = session.hovered ?? session.active;
    const mask = shown?.on(session.frame);
    if (!mask || this.current.drawing) return;
    const veil = new Path2D();
    veil.rect(0, 0, mask.width, mask.height);
    veil.addPath(outlineOf(mask));
    c.fillStyle = "rgba(12, 14, 20, 0.2)";
    c.fill(veil, "evenodd");
  }

  paintRegion(region) {
    const { context: c, session, view } = this,
      mask = region.on(session.frame);
    if (!mask) return;
    const active = region === session.active,
      hovered = region === session.hovered;
    const { moves = [0, 0] } = active && this.current.drawing ? this.current.preview() : {};
    const carried = !region.masks[session.frame],
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
      { path, closed, stroke, corners, cuts } = this.current.preview(),
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

  paintBrushTip() {
    const at = this.cross ?? this.pointer,
      { diameter } = this.current;
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
    if (!this.cross || document.activeElement !== this.canvas) return;
    const { context: c, view, cross } = this,
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

  /** Where a region's number sits: the middle of its topmost row. */
  anchor(region) {
    const mask = region.on(this.session.frame);
    if (!mask) return undefined;
    let first = -1,
      last = -1;
    for (let x = 0; x < mask.w; x++)
      if (mask.bytes[x]) {
        last = x;
        if (first < 0) first = x;
      }
    return this.view.toScreen(mask.x + (first + last + 1) / 2, mask.y);
  }

  paintBadge(region) {
    if (region.suggested && region !== this.session.active) return;
    const at = this.anchor(region);
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
