/** Saving: COCO JSON, the picture with outlines and texts, masks, a table, or text. */
import { save } from "./coco.js";
import { element } from "./element.js";
import { outlineOf } from "./outline.js";
import { canvasOf } from "./picture.js";
import { captionOf, labelOf, textOf } from "./turn.js";
import { zip } from "./zip.js";

const LONGEST = 2400;

export class Export {
  constructor(session, messages) {
    Object.assign(this, { session, messages, select: element("save") });
    this.select.addEventListener("change", () => {
      const kind = this.select.value;
      this.select.value = "";
      this.save(kind).catch((error) => messages.error(error.message));
    });
    session.addEventListener("change", () => (this.select.disabled = !session.picture));
  }

  async save(kind) {
    const { session } = this,
      made = { coco, picture, masks, csv, markdown }[kind];
    if (kind !== "coco" && !described(session).length) throw new Error("There is no region to save yet.");
    const { blob, ending } = await made(session),
      link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = session.work.name.replace(/\.[^.]*$/, "") + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.messages.say("Saved.");
  }
}

/** Regions that somebody marked or described; the sample also has outlines of others. */
const described = ({ regions }) => regions.filter((region) => !region.suggested);

async function coco(session) {
  const text = JSON.stringify(await save(session.work));
  return { blob: new Blob([text], { type: "application/json" }), ending: ".regions.json" };
}

/** One PNG a mask: white inside. Several are packed into one archive. */
async function masks(session) {
  const files = [];
  for (const region of described(session))
    for (const [frame, mask] of region.masks.entries()) {
      if (!mask || mask.empty) continue;
      const name = `${region.number}${region.label && `-${region.label.replace(/[^\p{L}\p{N}]+/gu, "-")}`}`;
      files.push({ name: `mask-${name}${session.video ? `-frame-${frame + 1}` : ""}.png`, blob: await maskPng(mask) });
    }
  if (files.length === 1) return { blob: files[0].blob, ending: `.${files[0].name}` };
  const bytes = await Promise.all(files.map(async ({ blob }) => new Uint8Array(await blob.arrayBuffer())));
  return { blob: zip(files.map(({ name }, i) => ({ name, bytes: bytes[i] }))), ending: ".masks.zip" };
}

function maskPng(mask) {
  const canvas = canvasOf(mask.width, mask.height),
    context = canvas.getContext("2d");
  context.fillRect(0, 0, mask.width, mask.height);
  const inside = context.getImageData(mask.x, mask.y, mask.w, mask.h);
  for (let i = 0; i < mask.bytes.length; i++) if (mask.bytes[i]) inside.data.fill(255, 4 * i, 4 * i + 3);
  context.putImageData(inside, mask.x, mask.y);
  return png(canvas);
}

const png = (canvas) => new Promise((done) => canvas.toBlob(done, "image/png"));

/** A row for each answer; a region without an answer has one, too. */
export function rows(session) {
  return described(session).flatMap((region) => {
    const mask = region.on(session.frame),
      place = [region.number, region.label, mask.x, mask.y, mask.w, mask.h, mask.area];
    if (!region.answered.length) return [[...place, "", "", ""]];
    return region.answered.map((turn) => [...place, turn.question, textOf(turn), turn === region.caption ? "yes" : ""]);
  });
}

const COLUMNS = "region,name,x,y,width,height,area,question,answer,caption".split(",");

export function csvText(session) {
  // A cell that a spreadsheet would take for a formula starts with an apostrophe.
  const cell = (value) => {
    const text = String(value).replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [COLUMNS, ...rows(session)].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function csv(session) {
  // Excel takes UTF-8 without a byte order mark for another encoding.
  return { blob: new Blob(["\ufeff", csvText(session)], { type: "text/csv" }), ending: ".regions.csv" };
}

export function markdownText(session) {
  const lines = [`# ${session.work.name}`];
  for (const region of described(session)) {
    const { x, y, w, h } = region.on(session.frame);
    lines.push(`## ${region.number}. ${region.name}`, `${w} × ${h} pixels at ${x}, ${y}.`);
    for (const turn of region.answered)
      lines.push(
        `**${labelOf(turn, session.namesModels)}**${turn === region.caption && region.answered.length > 1 ? " (caption)" : ""}`,
        textOf(turn).replaceAll("\n", "\n\n"),
      );
  }
  return `${lines.join("\n\n")}\n`;
}

function markdown(session) {
  return { blob: new Blob([markdownText(session)], { type: "text/markdown" }), ending: ".regions.md" };
}

/** The picture with outlines and numbers, and the captions below it. */
async function picture(session) {
  const { picture: shown, frame } = session,
    scale = Math.min(1, LONGEST / Math.max(shown.width, shown.height)),
    width = Math.max(360, Math.round(shown.width * scale)),
    unit = Math.max(15, width / 55),
    regions = described(session);
  const context = canvasOf(width, 10).getContext("2d");
  context.font = `${unit}px system-ui, sans-serif`;
  const texts = regions.map((region) => {
    const said = region.caption ? captionOf(region.caption) : "";
    return wrapped(context, region.label && said ? `${region.label}: ${said}` : said || region.name, width - 5 * unit);
  });
  const lines = texts.reduce((sum, text) => sum + text.length + 0.5, 0),
    top = Math.round(shown.height * scale);
  Object.assign(context.canvas, { width, height: Math.round(top + (lines * 1.45 + 1.5) * unit) });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, context.canvas.height);
  context.drawImage(shown.image, 0, 0, Math.round(shown.width * scale), top);
  let y = top + 1.5 * unit;
  regions.forEach((region, i) => {
    const mask = region.on(frame);
    context.save();
    context.scale(scale, scale);
    for (const [colour, wide] of [
      ["#fff", unit / 3],
      [region.colour, unit / 6],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = wide / scale;
      context.stroke(outlineOf(mask));
    }
    context.restore();
    badge(context, region, (mask.x + mask.w / 2) * scale, mask.y * scale, unit);
    badge(context, region, 2 * unit, y, unit);
    context.fillStyle = "#1c1b19";
    context.textAlign = "left";
    context.font = `${unit}px system-ui, sans-serif`;
    for (const line of texts[i]) {
      context.fillText(line, 3.5 * unit, y);
      y += 1.45 * unit;
    }
    y += 0.5 * 1.45 * unit;
  });
  return { blob: await png(context.canvas), ending: ".regions.png" };
}

function badge(context, region, x, y, unit) {
  context.beginPath();
  context.arc(x, y, 0.85 * unit, 0, 7);
  context.fillStyle = region.colour;
  context.fill();
  context.lineWidth = unit / 8;
  context.strokeStyle = context.fillStyle = "#fff";
  context.stroke();
  context.font = `600 ${0.9 * unit}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(region.number, x, y);
}

function wrapped(context, text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter(Boolean);
}
