/**
 * The picture on the screen with the tool that is chosen: what is shown, and how large. A Painter draws it; Pointers
 * and Keys turn input into tool strokes, zoom and pan. Sends "tool", "view" and "cross" when these change.
 */
import { Keys } from "./keys.js";
import { Painter } from "./painter.js";
import { Pointers } from "./pointers.js";
import { makeTools } from "./tools.js";
import { View } from "./view.js";

/** How far a tap may be off a region, in CSS pixels. */
const REACH = { touch: 12, mouse: 4 };

/** Around the fitted picture, in CSS pixels; on large screens a tool's options lie above it. */
const MARGINS = { small: { margin: 12, top: 12 }, large: { margin: 24, top: 62 } };

export class Stage extends EventTarget {
  tool = "pick";
  view = new View();
  cross = undefined; // the keyboard's pointer, in picture coordinates

  constructor(canvas, session, marker) {
    super();
    Object.assign(this, { canvas, session, marker, tools: makeTools(session, marker) });
    this.painter = new Painter(this);
    this.pointers = new Pointers(this);
    this.keys = new Keys(this);
    session.addEventListener("change", () => this.redraw());
    marker.addEventListener("change", () => this.redraw());
    session.addEventListener("open", () => {
      this.cross = undefined;
      this.cancel();
      this.fit();
    });
    new ResizeObserver(() => this.resize()).observe(canvas);
    canvas.addEventListener("blur", () => this.redraw());
    canvas.addEventListener("focus", () => this.redraw());
  }

  get current() {
    return this.tools[this.tool];
  }

  choose(tool) {
    this.cancel();
    this.marker.clear();
    this.tool = tool;
    this.session.hover(undefined);
    this.updateTouch();
    this.redraw();
    this.dispatchEvent(new Event("tool"));
  }

  /** A finger on the picture scrolls the page while it would neither draw nor move anything. */
  updateTouch() {
    this.canvas.classList.toggle("scrolls", this.tool === "pick" && this.view.fitted && !this.session.video);
    this.canvas.dataset.tool = this.tool;
  }

  /** Drops the shape that is being drawn. */
  cancel() {
    this.keys.cancel();
    this.pointers.cancel();
    Object.values(this.tools).forEach((tool) => tool.cancel());
    this.redraw();
  }

  redraw() {
    this.painter.schedule();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1,
      { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    if (this.view.fitted) this.fit();
    this.painter.paint(); // at once: resizing clears a canvas
  }

  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!this.session.picture || !clientWidth) return;
    const { margin, top } = clientWidth < 600 ? MARGINS.small : MARGINS.large;
    this.view.fit(this.session.picture, clientWidth, clientHeight, margin, top);
    this.moved();
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    this.view.zoom(factor, x, y);
    this.moved();
  }

  /** Call it after every change of the view. */
  moved() {
    this.updateTouch();
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  /** What tools need to know besides the point: keys, the scale, and how far in pixels a tap may be off. */
  modifiers(event) {
    const { scale } = this.view,
      reach = (event.pointerType === "touch" ? REACH.touch : REACH.mouse) / scale;
    return { shift: event.shiftKey, alt: event.altKey || event.button === 2 || this.pointers.right, scale, reach };
  }

  /** Where a region's number is drawn, in CSS pixels: the middle of its topmost row. */
  anchor(region) {
    const mask = region.on(this.session.frame);
    if (!mask || mask.empty) return undefined;
    let first = -1,
      last = -1;
    for (let x = 0; x < mask.w; x++)
      if (mask.bytes[x]) {
        last = x;
        if (first < 0) first = x;
      }
    return this.view.toScreen(mask.x + (first + last + 1) / 2, mask.y);
  }
}
