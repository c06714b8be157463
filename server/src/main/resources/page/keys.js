/** Keys on the stage. They move a cross that stands for the pointer, so every tool works without a pointer. */
export class Keys {
  held = false; // whether Space holds the tool down

  constructor(stage) {
    Object.assign(this, { stage, session: stage.session });
    stage.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  cancel() {
    this.held = false;
  }

  key(event) {
    const { stage, session } = this;
    if (!session.picture || event.ctrlKey || event.metaKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const actions = {
      " ": () => this.press(event),
      Enter: () =>
        stage.tool === "polygon"
          ? stage.current.drawing && stage.current.close(stage.modifiers(event))
          : this.press(event),
      Escape: () => (stage.current.drawing ? stage.cancel() : session.choose(undefined)),
      "+": () => stage.zoom(1.25),
      "=": () => stage.zoom(1.25),
      "-": () => stage.zoom(0.8),
      0: () => stage.fit(),
    };
    if (arrows[event.key]) this.step(arrows[event.key], event);
    else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
    stage.redraw();
  }

  step([dx, dy], event) {
    const { stage, session } = this,
      { width, height } = session.picture,
      by = event.shiftKey ? 20 : 4;
    const clamp = (v, most) => Math.max(0, Math.min(most, v));
    stage.cross = stage.cross
      ? { x: clamp(stage.cross.x + dx * by, width), y: clamp(stage.cross.y + dy * by, height) }
      : this.middle();
    stage.current.move(stage.cross, stage.modifiers(event));
    if (stage.tool === "pick") session.hover(session.at(stage.cross.x, stage.cross.y));
    stage.dispatchEvent(new Event("cross"));
  }

  press(event) {
    const { stage } = this;
    stage.cross ??= this.middle();
    if (this.held) {
      this.held = false;
      stage.current.up(stage.cross, stage.modifiers(event));
    } else {
      stage.current.down({ ...stage.cross }, stage.modifiers(event));
      this.held = stage.current.drawing && stage.tool !== "polygon" && !stage.current.taps;
      if (stage.current.taps) return stage.current.up({ ...stage.cross }, stage.modifiers(event));
      if (!stage.current.drawing) stage.current.up(stage.cross, stage.modifiers(event));
    }
  }

  middle() {
    const { width, height } = this.session.picture;
    return { x: Math.round(width / 2), y: Math.round(height / 2) };
  }
}
