/** Opening and saving: pictures, videos and saved files, by button, drop or paste. */
import { load, save } from "./coco.js";
import { element } from "./element.js";
import { eightOf, FRAMES, framesOf, LONGEST } from "./film.js";
import { Picture } from "./picture.js";
import { Region } from "./region.js";

export class Files {
  constructor(session, stage, messages) {
    Object.assign(this, { session, stage, messages });
    element("open").addEventListener("click", () => element("file").click());
    element("file").addEventListener("change", async (event) => {
      await this.open(event.target.files);
      event.target.value = "";
    });
    element("sample").addEventListener("click", () => this.openSample());
    element("save").addEventListener("click", () => this.save());
    session.addEventListener("change", () => (element("save").disabled = !session.picture));
    addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.open(event.clipboardData.files);
    });
    this.listenForDrops();
  }

  listenForDrops() {
    let entered = 0; // elements that the dragged file is over: a page sends enter and leave for each
    const dragged = (count) => {
      entered = Math.max(0, count);
      element("drop").hidden = entered === 0;
    };
    addEventListener("dragenter", () => dragged(entered + 1));
    addEventListener("dragleave", () => dragged(entered - 1));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      dragged(0);
      this.open(event.dataTransfer.files);
    });
  }

  async open(files) {
    this.messages.clear();
    try {
      const all = [...files],
        saved = all.find((file) => file.type === "application/json" || file.name.endsWith(".json")),
        video = all.find((file) => file.type.startsWith("video/"));
      if (saved) await this.openSaved(saved);
      else if (video) {
        this.messages.say("Extracting eight frames …");
        this.show(await framesOf(video));
      } else if (all.length) this.show(await picturesOf(all));
    } catch (error) {
      this.messages.error(error.message);
    }
  }

  /** Chooses the region of a picture with a mask in alpha; on any other the next step is to draw one. */
  show(frames) {
    const masks = frames.map((frame) => frame.given);
    this.session.open(frames, masks.some((mask) => mask) ? [new Region(1, masks)] : []);
    if (this.session.regions.length) this.session.choose(this.session.regions[0]);
    else if (this.stage.tool === "pick") this.stage.choose("box");
  }

  async openSaved(file) {
    const parsed = await file
      .text()
      .then(JSON.parse)
      .catch(() => {
        throw new Error(`“${file.name}” is not a JSON file.`);
      });
    const { frames, regions } = await load(parsed, this.session.frames);
    this.session.open(frames, regions);
  }

  async openSample() {
    try {
      const base = new URL("page/", document.baseURI),
        file = await (await fetch(new URL("sample.json", base))).json();
      const { frames, regions } = await load(file, [], base);
      this.session.open(frames, regions);
      this.stage.choose("pick");
      this.session.choose(regions.find((region) => region.turns.length));
    } catch (error) {
      this.messages.error(error.message);
    }
  }

  async save() {
    const blob = new Blob([JSON.stringify(await save(this.session))], { type: "application/json" }),
      link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${this.session.picture.name.replace(/\.[^.]*$/, "")}.regions.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.messages.say("Saved: pictures, regions and texts.");
  }
}

/** One picture, or eight of eight or more, sorted by name, as the frames of a video. */
async function picturesOf(files) {
  if (files.length > 1 && files.length < FRAMES)
    throw new Error(`Open one picture, or at least eight as the frames of a video, not ${files.length}.`);
  const chosen =
    files.length > 1
      ? eightOf(files.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })))
      : files;
  const frames = await Promise.all(
    chosen.map((file) => Picture.from(file, file.name, files.length > 1 ? LONGEST : undefined)),
  );
  if (frames.some((frame) => frame.width !== frames[0].width || frame.height !== frames[0].height))
    throw new Error("The frames of a video must all have the same size.");
  return frames;
}
