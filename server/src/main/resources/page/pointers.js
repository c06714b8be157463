/** Mouse, pen and touch on the stage: strokes of the chosen tool, panning, and zooming by wheel or two fingers. */
export class Pointers {
  at = undefined; // the last position of a mouse or pen, in picture coordinates
  panning = undefined;
  right = false; // whether the right button is down
  touches = new Map();

  constructor(stage) {
    Object.assign(this, { stage, canvas: stage.canvas, session: stage.session, view: stage.view });
    const on = (type, handler, options) => this.canvas.addEventListener(type, handler.bind(this), options);
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.lost);
    on("pointerleave", this.leave);
    on("wheel", this.wheel, { passive: false });
    on("contextmenu", (event) => event.preventDefault());
  }

  cancel() {
    this.panning = undefined;
    this.right = false;
  }

  wheel(event) {
    event.preventDefault();
    const step = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey) this.view.pan(-(event.deltaX || event.deltaY) * step, 0);
    else this.view.zoom(Math.exp(-event.deltaY * step * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
    this.stage.moved();
  }

  point(event) {
    return this.view.toPicture(event.offsetX, event.offsetY);
  }

  down(event) {
    if (!this.session.picture) return;
    this.canvas.focus({ preventScroll: true });
    this.stage.cross = undefined;
    this.touches.set(event.pointerId, event);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.touches.size === 2) {
      this.stage.cancel(); // a second finger means zoom: drop what the first began
      return;
    }
    const keys = this.stage.modifiers(event),
      { x, y } = this.point(event),
      onBackground = this.stage.tool === "pick" && !this.session.at(x, y, keys.reach);
    if (event.button === 1 || onBackground) {
      this.panning = { x: event.offsetX, y: event.offsetY, moved: false };
      return;
    }
    this.right = event.button === 2 && Boolean(this.stage.current.rightButton);
    if (event.button !== 0 && !this.right) return;
    this.stage.current.down({ x, y }, keys);
    this.stage.redraw();
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
      return this.stage.moved();
    }
    this.at = event.pointerType === "touch" ? undefined : this.point(event);
    const keys = this.stage.modifiers(event);
    if (this.stage.tool === "pick" && !this.stage.current.drawing)
      this.session.hover(this.at && this.session.at(this.at.x, this.at.y, keys.reach));
    // Points between two frames keep the curve of a fast lasso.
    const events = event.getCoalescedEvents?.() ?? [];
    const rect = this.canvas.getBoundingClientRect();
    if (events.length > 1)
      events.forEach((e) =>
        this.stage.current.move(this.view.toPicture(e.clientX - rect.left, e.clientY - rect.top), keys),
      );
    else this.stage.current.move(this.point(event), keys);
    this.canvas.dataset.over = this.session.hovered ? "region" : "";
    this.stage.redraw();
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
    this.stage.moved();
  }

  up(event) {
    const pinched = this.touches.size > 1;
    this.touches.delete(event.pointerId);
    if (this.panning) {
      if (!this.panning.moved && event.button === 0) this.session.choose(undefined);
      this.panning = undefined;
    } else if (!pinched && this.session.picture && (event.button === 0 || this.right))
      this.stage.current.up(this.point(event), this.stage.modifiers(event));
    this.right = false;
    this.stage.redraw();
  }

  lost(event) {
    this.touches.delete(event.pointerId);
    this.stage.cancel();
  }

  leave() {
    this.at = undefined;
    this.session.hover(undefined);
    this.stage.marker.clear();
    this.stage.redraw();
  }
}
