/** The buttons around the stage and their keys: tools, what a click does, brush size, undo, redo, clear and zoom. */
import { element } from "./element.js";

const TOOL_KEYS = { c: "click", v: "pick", b: "box", l: "lasso", p: "polygon", d: "brush", e: "eraser" };

/** Side in pixels of the pictures that the brush's slider counts for; larger pictures get larger brushes. */
const USUAL_SIDE = 640;

export const NO_SEGMENTER = "Clicks need a segmenter. Start the server with --segmenter and an exported SAM 2.1.";

export class Toolbar {
  constructor(session, stage, messages) {
    Object.assign(this, { session, stage, messages, marker: stage.marker });
    this.buttons = [...element("tools").children];
    this.modes = [...element("modes").children];
    for (const button of this.buttons) button.addEventListener("click", () => this.choose(button.dataset.tool));
    for (const button of this.modes) button.addEventListener("click", () => this.setMode(button.dataset.mode));
    for (const group of [this.buttons, this.modes])
      for (const button of group) button.addEventListener("keydown", (event) => this.step(event, group, button));
    element("snap").addEventListener("change", (event) => (this.marker.snap = event.target.checked));
    stage.addEventListener("tool", () => this.update());
    stage.marker.addEventListener("change", () => this.update());
    session.addEventListener("change", () => this.update());
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

  choose(tool) {
    if (tool === "click" && !this.marker.segmenter.available) this.messages.say(NO_SEGMENTER);
    else this.stage.choose(tool);
  }

  /** New starts another thing; Add and Remove change the chosen region until another is chosen. */
  setMode(mode) {
    if (mode === "new") this.session.choose(undefined);
    this.stage.tools.click.mode = mode === "new" ? undefined : mode;
    this.update();
  }

  /** Arrow keys go through a group of radio buttons. */
  step(event, group, button) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const usable = group.filter((it) => it.getAttribute("aria-disabled") !== "true" && !it.disabled);
    const next = usable.at((usable.indexOf(button) + by) % usable.length);
    next.click();
    next.focus();
  }

  update() {
    const { session, stage, marker } = this,
      clicks = stage.tool === "click",
      how = stage.tools.click.how();
    const check = (button, on) => {
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
    };
    for (const button of this.buttons) {
      check(button, button.dataset.tool === stage.tool);
      if (button.dataset.tool === "click") button.setAttribute("aria-disabled", String(!marker.segmenter.available));
    }
    for (const button of this.modes) {
      check(button, button.dataset.mode === how);
      button.disabled = button.dataset.mode !== "new" && !session.active && !marker.open;
    }
    element("modes").hidden = !clicks;
    element("snap-field").hidden = !stage.current.canSnap || !marker.segmenter.available;
    element("size-field").hidden = stage.current.diameter === undefined;
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
    else if (TOOL_KEYS[key]) this.choose(TOOL_KEYS[key]);
    else if (key === "n" && stage.tool === "click") this.setMode("new");
    else if ((key === "delete" || key === "backspace") && session.active && event.target === stage.canvas)
      session.remove(session.active);
    else return;
    event.preventDefault();
  }
}
