/** Puts the page together: session, stage, cards and forms, files in and out, keys. */
import { Asker } from "./asker.js";
import { Cards } from "./cards.js";
import { Client } from "./client.js";
import { load, save } from "./coco.js";
import { Composer } from "./composer.js";
import { element } from "./element.js";
import { eightOf, Film, FRAMES, framesOf } from "./film.js";
import { Picture } from "./picture.js";
import { Region } from "./region.js";
import { Session } from "./session.js";
import { snippet } from "./snippet.js";
import { Stage } from "./stage.js";
import { theme } from "./theme.js";

const session = new Session(),
  client = new Client(),
  asker = new Asker(session, client);
const stage = new Stage(element("stage"), session),
  composer = new Composer(session, asker);
new Film(element("film"), session);
new Cards(session, stage, {
  choose: (region) => session.choose(region),
  hover: (region) => session.hover(region),
  remove: (region) => {
    session.remove(region);
    element("stage").focus({ preventScroll: true }); // the button that had the focus is gone
  },
  follow: (region, own) => {
    session.choose(region);
    asker.ask(region, { ...composer.settings, kind: "own", own }, false);
  },
  again: (region, turn) => {
    region.turns = region.turns.filter((t) => t !== turn);
    asker.ask(region, { ...composer.settings, kind: "own", own: turn.question }, turn.fresh);
  },
  copyText: (region) =>
    copy(
      region.turns
        .map((turn) => turn.answer)
        .filter(Boolean)
        .join("\n"),
      "The text is copied.",
    ),
  copyRequest: async (region, language) => {
    const asked = region.turns.at(-1) ?? {
      ...composer.settings,
      question: asker.question(composer.settings),
      earlier: [],
    };
    const turn = { ...asked, question: asked.question || asker.question({ kind: "detail" }) };
    const request = await asker.request(region, turn);
    copy(snippet(language, request, client.base, Boolean(client.key)), "The request is copied, ready to run.");
  },
});
theme(element("theme"));

// ---- the model

async function meet() {
  const name = element("model-name"),
    pill = element("model");
  try {
    asker.model = await client.model();
    name.textContent = asker.model.id;
    pill.dataset.state = "ready";
    element("key-form").hidden = true;
  } catch (error) {
    name.textContent = error.status === 401 ? "Locked" : "Not reachable";
    pill.dataset.state = "away";
    if (error.status === 401) locked();
    else trouble(error.message);
  }
}

function locked() {
  element("key-form").hidden = false;
  element("key").focus();
}

session.addEventListener("locked", locked);
session.addEventListener("renamed", meet); // the server has got another model meanwhile
session.addEventListener("turn", ({ detail }) => {
  // The server is back.
  if (detail.turn.state === "done" && element("model").dataset.state !== "ready") meet();
});
element("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = element("key").value.trim();
  if (/^[\x21-\x7e]*$/.test(key)) {
    client.key = key;
    meet();
  } else trouble("An API key is of plain letters, digits and signs: this one holds something else.");
});

// ---- messages

let fading;
function say(text) {
  element("status").textContent = text;
  element("hint").textContent = text;
  element("hint").classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(hint, 2600);
}

function trouble(text) {
  element("trouble-text").textContent = text ?? "";
  element("trouble").hidden = !text;
}
element("trouble-close").addEventListener("click", () => trouble());

const HINTS = {
  box: "Draw a box around the thing.",
  lasso: "Draw around the thing.",
  polygon: "Tap the corners; tap the first one again to close.",
  brush: "Paint over the thing.",
  eraser: "Rub out what does not belong.",
};

/** What to do next, in a few words, until something is being done. */
function hint() {
  const { active, regions, video } = session,
    begun = regions.some((region) => region.turns.some((turn) => turn.stop || turn.stats || turn.error));
  const follow = video && active && !active.turns.length && active.masks.some((mask) => !mask);
  const next = follow
    ? "Go through the frames; move or redraw it where it is off."
    : stage.tool !== "pick"
      ? active?.masks[session.frame]
        ? ""
        : HINTS[stage.tool]
      : active && !active.turns.length && !video
        ? "Now press Describe."
        : regions.some((region) => region.suggested) && !begun
          ? "Tap any outlined thing."
          : regions.length
            ? ""
            : "Pick a tool above and mark a thing.";
  element("hint").textContent = next;
  element("hint").classList.toggle("shown", Boolean(next));
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https, other machines than this one get no clipboard; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(done);
}

// ---- files

async function open(files) {
  trouble();
  try {
    const all = [...files],
      saved = all.find((file) => file.type === "application/json" || file.name.endsWith(".json"));
    const video = all.find((file) => file.type.startsWith("video/"));
    if (saved) return await openSaved(saved);
    if (!all.length) return;
    if (video) {
      say("Taking eight frames …");
      return show(await framesOf(video));
    }
    if (all.length > 1 && all.length < FRAMES)
      throw new Error(`Open one picture, or eight or more as the frames of a video; these are ${all.length}.`);
    const chosen =
      all.length > 1 ? eightOf(all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) : all;
    const frames = await Promise.all(
      chosen.map((file) => Picture.from(file, file.name, all.length > 1 ? 960 : undefined)),
    );
    if (frames.some((frame) => frame.width !== frames[0].width || frame.height !== frames[0].height))
      throw new Error("The frames of a video must all have the same size.");
    show(frames);
  } catch (error) {
    trouble(error.message);
  }
}

/** A picture that came with a mask in alpha has its region already; on any other, one will want to draw. */
function show(frames) {
  const masks = frames.map((frame) => frame.given);
  session.open(frames, masks.some((mask) => mask) ? [new Region(1, masks)] : []);
  if (session.regions.length) session.choose(session.regions[0]);
  else if (stage.tool === "pick") stage.choose("box");
}

async function openSaved(file) {
  const parsed = await file
    .text()
    .then(JSON.parse)
    .catch(() => {
      throw new Error(`“${file.name}” is not a JSON file.`);
    });
  const { frames, regions } = await load(parsed, session.frames);
  session.open(frames, regions);
}

async function sample() {
  const near = new URL("page/", document.baseURI),
    file = await (await fetch(new URL("sample.json", near))).json();
  const { frames, regions } = await load(file, [], near);
  session.open(frames, regions);
  stage.choose("pick");
  session.choose(regions.find((region) => region.turns.length));
}

element("open").addEventListener("click", () => element("file").click());
element("file").addEventListener("change", async (event) => {
  await open(event.target.files);
  event.target.value = "";
});
element("sample").addEventListener("click", () => sample().catch((error) => trouble(error.message)));
element("save").addEventListener("click", async () => {
  const blob = new Blob([JSON.stringify(await save(session))], { type: "application/json" }),
    link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${session.picture.name.replace(/\.[^.]*$/, "")}.regions.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say("Saved: pictures, regions and texts.");
});
addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    open(event.clipboardData.files);
  }
});
let over = 0;
const dropping = (by) => (element("drop").hidden = (over = Math.max(0, over + by)) === 0);
addEventListener("dragenter", () => dropping(1));
addEventListener("dragleave", () => dropping(-1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  over = 0;
  dropping(0);
  open(event.dataTransfer.files);
});

// ---- tools and keys

const buttons = [...element("tools").children];
buttons.forEach((button, i) => {
  button.addEventListener("click", () => stage.choose(button.dataset.tool));
  button.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = buttons.at((i + by) % buttons.length);
    stage.choose(next.dataset.tool);
    next.focus();
  });
});

function tools() {
  for (const button of buttons) {
    const on = button.dataset.tool === stage.tool;
    button.setAttribute("aria-checked", String(on));
    button.tabIndex = on ? 0 : -1;
  }
  element("size-field").hidden = stage.current.diameter === undefined;
  hint();
}
stage.addEventListener("tool", tools);
stage.addEventListener(
  "cross",
  () =>
    (element("status").textContent =
      `${stage.cross.x}, ${stage.cross.y}${session.hovered ? `, on ${session.hovered.name}` : ""}`),
);
element("size").addEventListener("input", (event) => {
  stage.tools.brush.diameter = stage.tools.eraser.diameter = brushSize(event.target.value);
  stage.redraw();
});

/** The slider counts in pixels of a picture 640 px long; larger pictures get larger brushes. */
const brushSize = (value) =>
  Math.max(1, (Number(value) * Math.max(session.picture?.width ?? 640, session.picture?.height ?? 640)) / 640);

element("undo").addEventListener("click", () => session.undo());
element("redo").addEventListener("click", () => session.redo());
element("clear").addEventListener("click", () => session.clear());
element("zoom-in").addEventListener("click", () => stage.zoom(1.4));
element("zoom-out").addEventListener("click", () => stage.zoom(1 / 1.4));
element("zoom-fit").addEventListener("click", () => stage.fit());
addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=range], [type=radio]), textarea, select")) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") event.shiftKey ? session.redo() : session.undo();
  else if ((event.ctrlKey || event.metaKey) && key === "y") session.redo();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if ({ v: 1, b: 1, l: 1, p: 1, d: 1, e: 1 }[key])
    stage.choose({ v: "pick", b: "box", l: "lasso", p: "polygon", d: "brush", e: "eraser" }[key]);
  else if ((key === "delete" || key === "backspace") && session.active && event.target === stage.canvas)
    session.remove(session.active);
  else return;
  event.preventDefault();
});
session.addEventListener("open", () => {
  element("size").dispatchEvent(new Event("input"));
});
session.addEventListener("change", () => {
  element("undo").disabled = !session.past.length;
  element("redo").disabled = !session.future.length;
  element("clear").disabled = !session.regions.length;
  element("save").disabled = !session.picture;
  clearTimeout(fading);
  hint();
});

tools();
meet();
sample().catch((error) => trouble(error.message));
