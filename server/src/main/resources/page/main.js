/** Puts the page together. */
import { Asker } from "./asker.js";
import { Cards } from "./cards.js";
import { Client } from "./client.js";
import { Compare } from "./compare.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { element } from "./element.js";
import { Export } from "./export.js";
import { Files } from "./files.js";
import { Marker } from "./marker.js";
import { Messages } from "./messages.js";
import { Models } from "./models.js";
import { Segmenter } from "./segmenter.js";
import { Session } from "./session.js";
import { Shelf } from "./shelf.js";
import { snippet } from "./snippet.js";
import { Stage } from "./stage.js";
import { theme } from "./theme.js";
import { Timeline } from "./timeline.js";
import { Toolbar } from "./toolbar.js";
import { Tracker } from "./tracker.js";
import { settingsOf, textOf } from "./turn.js";

const session = new Session(),
  client = new Client(),
  segmenter = new Segmenter(client),
  tracker = new Tracker(session, client, segmenter),
  asker = new Asker(session, client, tracker);
const marker = new Marker(session, segmenter),
  stage = new Stage(element("stage"), session, marker),
  composer = new Composer(session, asker, marker),
  messages = new Messages(session, stage),
  compare = new Compare(session),
  shelf = new Shelf(session, messages);
new Timeline(session, tracker);
tracker.addEventListener("failed", ({ detail }) => messages.error(`Tracking ended: ${detail}`));
new Cards(session, stage, {
  choose: (region) => session.choose(region),
  hover: (region) => session.hover(region),
  rename: (region, label) => session.rename(region, label),
  remove: (region) => {
    session.remove(region);
    element("stage").focus({ preventScroll: true }); // the button that had the focus is gone
  },
  follow: (region, own) => {
    session.choose(region);
    asker.ask([region], { ...composer.settings, kind: "own", own }, false);
  },
  again: (region, turn) => {
    if (turn.state === "failed") session.forget(region, turn);
    asker.ask([region], settingsOf(turn), turn.fresh);
  },
  forget: (region, turn) => session.forget(region, turn),
  caption: (region, turn) => session.caption(region, turn),
  compare: (region) => compare.show(region),
  copyText: (region) => {
    const answers = region.turns.map(textOf).filter(Boolean);
    messages.copy(answers.join("\n"), "The text is copied.");
  },
  copyRequest: async (region, language) => {
    const last = region.turns.at(-1),
      settings = last ? settingsOf(last) : composer.settings;
    const request = await asker.copy(session.work, region, settings, last?.earlier ?? []);
    messages.copy(snippet(language, request, client.base, Boolean(client.key)), "The request is copied, ready to run.");
  },
});
theme(element("theme"));
new Toolbar(session, stage, messages);
new Export(session, messages);
const connection = new Connection(session, client, asker, messages),
  files = new Files(session, stage, messages, shelf);
shelf.whenEmpty = () => files.openSample();

connection.addEventListener("model", () => {
  const had = segmenter.available;
  segmenter.available = asker.model.segmenter;
  // Click is the first tool, unless somebody has begun with another one.
  if (segmenter.available && !had && stage.tool === "pick") stage.choose("click");
  if (!segmenter.available && stage.tool === "click") stage.choose("pick");
  stage.dispatchEvent(new Event("tool"));
  session.emit("change");
});
client.models = new Models(session);
connection.connect();
if (!(await shelf.restore())) await files.openSample();
