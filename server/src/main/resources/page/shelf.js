/**
 * Keeps works as people make them, and lists them below the picture: earlier pictures and videos, the newest first. The
 * last one is open again after a reload.
 */
import { element, icon, make } from "./element.js";
import { keep, kept } from "./kept.js";
import { Picture } from "./picture.js";
import { Region } from "./region.js";
import { workOf } from "./session.js";
import { openStore } from "./store.js";

const LAST = "describe-anything.open",
  SAVE_MS = 300,
  MOST = 40;

export class Shelf {
  stored = new Map(); // id -> the state as JSON that is kept
  running = new Map(); // id -> a work whose answers are still coming
  entries = [];

  constructor(session, messages) {
    Object.assign(this, { session, messages, list: element("shelf") });
    this.ready = openStore().then((store) => (this.store = store));
    session.addEventListener("open", () => this.opened());
    session.addEventListener("change", () => this.later());
    session.addEventListener("turn", () => this.later());
    session.addEventListener("ended", ({ detail }) => this.keep(detail));
    // Answers that break off because the page goes away are kept as they were.
    addEventListener("pagehide", () => {
      this.keep(session.work);
      this.gone = true;
    });
    addEventListener("pageshow", () => (this.gone = false));
    document.addEventListener("visibilitychange", () => document.hidden && this.keep(session.work));
  }

  /** Opens the work of the last visit. @returns whether there was one */
  async restore() {
    await this.ready;
    this.entries = await this.store.list();
    const last = this.entries.find(({ id }) => id === kept("localStorage", LAST));
    this.show();
    return Boolean(last) && this.open(last.id);
  }

  async open(id) {
    const work = this.running.get(id) ?? (await this.read(id));
    if (!work) return false;
    this.session.work.active = this.session.active?.number;
    await this.keep(this.session.work);
    this.session.open(work);
    this.session.choose(work.regions.find((region) => region.number === work.active));
    return true;
  }

  async read(id) {
    const [state, files] = await Promise.all([this.store.state(id), this.store.files(id)]);
    if (!state || !files) return undefined;
    const { name, categories, regions, active } = state,
      frames = files.frames.map(async ({ blob, name, time }) =>
        Object.assign(await Picture.from(blob, name), { time }),
      );
    this.stored.set(id, JSON.stringify(state));
    const about = { id, name, categories, active, source: files.source };
    return workOf(await Promise.all(frames), regions.map(Region.restored), about);
  }

  /** Keeps a work that is not shown. */
  add(work) {
    return this.keep(work, 1);
  }

  opened() {
    const { work } = this.session;
    keep("localStorage", LAST, work.id);
    // The sample is there anyway: it is kept once somebody changes it.
    if (work.sample) this.stored.set(work.id, JSON.stringify(stateOf(work, this.session)));
    this.show();
  }

  /** Soon, also while an answer grows. */
  later() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.keep(this.session.work);
    }, SAVE_MS);
  }

  /** @param age makes it older in the list than works that are kept at the same time */
  async keep(work, age = 0) {
    const { id, frames, regions } = work;
    if (this.gone || !frames.length) return;
    if (regions.some((region) => region.running)) this.running.set(id, work);
    else this.running.delete(id);
    const state = stateOf(work, this.session),
      text = JSON.stringify(state),
      before = this.stored.get(id);
    if (text === before || (work.sample && same(before, state))) return;
    delete work.sample;
    this.stored.set(id, text);
    await this.ready;
    const old = this.entries.find((it) => it.id === id),
      thumbnail = old?.thumbnail ?? (await frames[0].thumbnail());
    const entry = { id, name: work.name, when: Date.now() - age, thumbnail, regions: regions.length };
    if (old) entry.when = old.when;
    entry.video = frames.length > 1;
    this.entries = [entry, ...this.entries.filter((it) => it.id !== id)].sort((a, b) => b.when - a.when);
    this.show();
    try {
      await this.store.put(entry, state, old ? undefined : filesOf(work));
      for (const { id: oldest } of this.entries.slice(MOST)) await this.drop(oldest);
    } catch {
      this.messages.error(
        "The browser's storage is full: this picture will not be here after a reload. Remove some below.",
      );
    }
  }

  /** Shows the list, unless what is open is all there is. */
  show() {
    const { id: open } = this.session.work;
    const shown = JSON.stringify([open, this.entries.map(({ id, regions }) => [id, regions])]);
    if (shown === this.shown) return; // a rebuilt item would lose the focus
    this.shown = shown;
    this.list.hidden = !this.entries.some(({ id }) => id !== open);
    if (!this.list.hidden)
      this.list.replaceChildren(...this.entries.map((entry) => this.item(entry, entry.id === open)));
  }

  item({ id, name, regions, video, thumbnail }, open) {
    const about = `${name}, ${video ? "video, " : ""}${regions} region${regions === 1 ? "" : "s"}`;
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", title: about, "aria-current": String(open), onclick: () => this.open(id) },
        make("img", { src: thumbnail, alt: about }),
        video ? make("span", { class: "play", "aria-hidden": "true" }, "▶") : undefined,
      ),
      make(
        "button",
        { type: "button", class: "remove", title: `Remove ${name}`, onclick: () => this.remove(id) },
        icon("close"),
        make("span", { class: "sr" }, `Remove ${name} from the list`),
      ),
    );
  }

  /** Removes a work from the browser; it can be taken back until the next message. */
  async remove(id) {
    const entry = this.entries.find((it) => it.id === id),
      [state, files] = await Promise.all([this.store.state(id), this.store.files(id)]);
    await this.drop(id);
    if (this.session.work.id === id) await (this.entries[0] ? this.open(this.entries[0].id) : this.whenEmpty());
    this.messages.offer(`“${entry.name}” is removed.`, "Take back", async () => {
      this.entries = [...this.entries, entry].sort((a, b) => b.when - a.when);
      await this.store.put(entry, state, files);
      this.show();
    });
  }

  async drop(id) {
    this.entries = this.entries.filter((it) => it.id !== id);
    this.stored.delete(id);
    this.show();
    await this.store.remove(id);
  }
}

const filesOf = ({ frames, source }) => ({
  frames: frames.map(({ name, blob, time }) => ({ name, blob, time })),
  source,
});

/** Whether only the choice of a region differs. */
const same = (before, { regions }) => JSON.stringify(JSON.parse(before).regions) === JSON.stringify(regions);

/** What is kept of a work besides its files. */
function stateOf(work, session) {
  const { name, categories, regions } = work,
    active = work === session.work ? session.active?.number : work.active;
  return { name, categories, regions: regions.map((region) => region.saved()), active };
}
