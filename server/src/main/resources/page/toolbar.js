/** The buttons around the stage and their keys: tools, brush size, undo, redo, clear and zoom. */
import { element } from "./element.js";

const TOOL_KEYS = { v: "pick", b: "box", l: "lasso", p: "polygon", d: "brush", e: "eraser" };

/** Side in pixels of the pictures that the brush's slider counts for; larger pictures get larger brushes. */
const USUAL_SIDE = 640;

export class Toolbar {
  constructor(session, stage) {
    Object.assign(this, { session, stage, buttons: [...element("tools").children] });
    this.buttons.forEach((button, i) => {
      button.addEventListener("click", () => stage.choose(button.dataset.tool));
      button.addEventListener("keydown", (event) => this.step(event, i));
    });
    stage.addEventListener("tool", () => this.update());
    stage.addEventListener("cross", () => this.announce());
    const press = (id, action) => element(id).addEventListener("click", action);
    press("undo", () => session.undo());
    press("redo", () => session.redo());
    press("clear", () => session.clear());
    press("zoom-in", () => stage.zoom(1.4));
    press("zoom-out", () => stage.zoom(1 / 1.4));
    press("zoom-fit", () => stage.fit());
    element("size").addEventListener("input", () => this.resizeBrush());
    session.addEventListener("open", () => this.resizeBrush());
    session.addEventListener("change", () => {
      element("undo").disabled = !session.past.length;
      element("redo").disabled = !session.future.length;
      element("clear").disabled = !session.regions.length;
    });
    addEventListener("keydown", (event) => this.key(event));
    this.update();
  }

  /** Arrow keys go through the tools, as in any group of radio buttons. */
  step(event, i) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = this.buttons.at((i + by) % this.buttons.length);
    this.stage.choose(next.dataset.tool);
    next.focus();
  }

  update() {
    for (const button of this.buttons) {
      const on = button.dataset.tool === this.stage.tool;
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
    }
    element("size-field").hidden = this.stage.current.diameter === undefined;
  }

  /** Tells a screen reader where the cross is. */
  announce() {
    const { cross } = this.stage,
      { hovered } = this.session;
    element("status").textContent = `${cross.x}, ${cross.y}${hovered ? `, on ${hovered.name}` : ""}`;
  }

  resizeBrush() {
    const { width = USUAL_SIDE, height = USUAL_SIDE } = this.session.picture ?? {};
    const diameter = Math.max(1, (Number(element("size").value) * Math.max(width, height)) / USUAL_SIDE);
    this.stage.tools.brush.diameter = this.stage.tools.eraser.diameter = diameter;
    this.stage.redraw();
  }

  key(event) {
    if (event.target.closest("input:not([type=range], [type=radio]), textarea, select")) return;
    const { session, stage } = this,
      key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") event.shiftKey ? session.redo() : session.undo();
    else if ((event.ctrlKey || event.metaKey) && key === "y") session.redo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (TOOL_KEYS[key]) stage.choose(TOOL_KEYS[key]);
    else if ((key === "delete" || key === "backspace") && session.active && event.target === stage.canvas)
      session.remove(session.active);
    else return;
    event.preventDefault();
  }
}
