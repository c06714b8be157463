/** Opening: pictures, videos and saved files, by button, drop or paste; and the sample. */
import { load } from "./coco.js";
import { element } from "./element.js";
import { Picture } from "./picture.js";
import { Region } from "./region.js";
import { eightOf, FRAMES } from "./request.js";
import { workOf } from "./session.js";
import { framesOf, LONGEST } from "./video.js";

/** Bytes of a video that fit into a request as a data URL. */
const MOST_COPIED = 40e6;
const MOST_TRACKED = 64;

export class Files {
  constructor(session, stage, messages, shelf) {
    Object.assign(this, { session, stage, messages, shelf });
    element("open").addEventListener("click", () => element("file").click());
    element("file").addEventListener("change", async (event) => {
      await this.open(event.target.files);
      event.target.value = "";
    });
    element("sample").addEventListener("click", () => this.openSample());
    addEventListener("paste", (event) => this.paste(event));
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
      if (event.dataTransfer.files.length) this.open(event.dataTransfer.files);
      else this.openAddress(event.dataTransfer.getData("text/uri-list") || event.dataTransfer.getData("text/plain"));
    });
  }

  paste(event) {
    const { files } = event.clipboardData;
    if (files.length) {
      event.preventDefault();
      this.open(files);
    } else if (!event.target.closest?.("input, textarea")) this.openAddress(event.clipboardData.getData("text/plain"));
  }

  async open(files) {
    await this.attempt(async () => {
      const all = [...files],
        saved = all.find((file) => file.type === "application/json" || file.name.endsWith(".json")),
        video = all.find((file) => file.type.startsWith("video/"));
      if (saved) await this.openSaved(saved);
      else if (video) await this.openVideo(video);
      else if (all.length < FRAMES) await this.openPictures(all);
      else this.begin(workWith(await framesOfPictures(all, this.tracks), `${all.length} pictures`));
    });
  }

  async attempt(action) {
    this.messages.clear();
    try {
      await action();
    } catch (error) {
      this.messages.error(error.message);
    }
  }

  /** Each picture is a work of its own in the list of pictures; the first is shown. */
  async openPictures(files) {
    const works = [];
    for (const file of files) works.push(workWith([await Picture.from(file, file.name)]));
    for (const work of works.slice(1).reverse()) await this.shelf.add(work);
    if (works.length) this.begin(works[0]);
    if (works.length > 1) this.messages.say(`${works.length} pictures are open. Choose one in the list.`);
  }

  /** Whether the server tracks things through videos. */
  get tracks() {
    return this.stage.marker.segmenter.available;
  }

  async openVideo(file) {
    const frames = await framesOf(file, this.tracks, (done, count) =>
      this.messages.say(`Reading the video: ${done + 1} of ${count} frames`),
    );
    this.begin(workWith(frames, file.name, file.size <= MOST_COPIED ? file : undefined));
  }

  /** Chooses the region of a picture with a mask in alpha; on any other the next step is to mark one. */
  begin(work) {
    this.session.open(work);
    if (work.regions.length) this.session.choose(work.regions[0]);
    else if (this.stage.tool === "pick") this.stage.choose(this.tracks ? "click" : "box");
  }

  async openSaved(file) {
    const parsed = await file
      .text()
      .then(JSON.parse)
      .catch(() => {
        throw new Error(`“${file.name}” is not a JSON file.`);
      });
    const { frames, regions, categories } = await load(parsed, this.session.frames);
    this.session.open(workOf(frames, regions, { categories }));
  }

  /** A pasted or dropped address. The page's security policy lets it load from its own server only. */
  openAddress(text = "") {
    const address = text.trim().split(/\s/)[0];
    if (!/^(https?|data):/i.test(address)) return undefined;
    return this.attempt(async () => {
      const url = new URL(address);
      if (url.protocol !== "data:" && url.origin !== location.origin)
        throw new Error(
          `This page loads nothing from other hosts such as ${url.host}. Save the picture there, or copy the picture itself, and open or paste that.`,
        );
      const blob = await (await fetch(url)).blob();
      await this.openPictures([new File([blob], url.pathname.split("/").pop() || "picture", { type: blob.type })]);
    });
  }

  async openSample() {
    await this.attempt(async () => {
      const base = new URL("page/", document.baseURI),
        file = await (await fetch(new URL("sample.json", base))).json();
      const { frames, regions } = await load(file, [], base);
      this.session.open(workOf(frames, regions, { sample: true }));
      if (!this.tracks) this.stage.choose("pick");
      this.session.choose(regions.find((region) => region.turns.length));
    });
  }
}

/** @param source the file of a video, for requests to copy */
function workWith(frames, name = frames[0].name, source = undefined) {
  const masks = frames.map((frame) => frame.given);
  return workOf(frames, masks.some((mask) => mask) ? [new Region(1, masks)] : [], { name, source });
}

/** Pictures, sorted by name, as the frames of a video: eight of them, or all that the server can track. */
async function framesOfPictures(files, tracked) {
  const sorted = files.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })),
    chosen = tracked ? thinned(sorted, MOST_TRACKED) : eightOf(sorted);
  const frames = await Promise.all(chosen.map((file) => Picture.from(file, file.name, LONGEST)));
  if (frames.some((frame) => frame.width !== frames[0].width || frame.height !== frames[0].height))
    throw new Error("The frames of a video must all have the same size.");
  return frames;
}

/** At most some of many, at equal distances. */
const thinned = (all, most) =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.floor((i * (all.length - 1)) / (most - 1))]);
