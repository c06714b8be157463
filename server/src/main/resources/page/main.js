/** Puts the page together. */
import { Asker } from "./asker.js";
import { Cards } from "./cards.js";
import { Client } from "./client.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { element } from "./element.js";
import { Files } from "./files.js";
import { Film } from "./film.js";
import { Messages } from "./messages.js";
import { Models } from "./models.js";
import { Session } from "./session.js";
import { snippet } from "./snippet.js";
import { Stage } from "./stage.js";
import { theme } from "./theme.js";
import { Toolbar } from "./toolbar.js";

const session = new Session(),
  client = new Client(),
  asker = new Asker(session, client);
const stage = new Stage(element("stage"), session),
  composer = new Composer(session, asker),
  messages = new Messages(session, stage);
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
  copyText: (region) => {
    const answers = region.turns.map((turn) => turn.answer).filter(Boolean);
    messages.copy(answers.join("\n"), "The text is copied.");
  },
  copyRequest: async (region, language) => {
    const asked = region.turns.at(-1) ?? {
      ...composer.settings,
      question: asker.question(composer.settings),
      earlier: [],
    };
    const turn = { ...asked, question: asked.question || asker.question({ kind: "detail" }) };
    const request = await asker.request(region, turn);
    messages.copy(snippet(language, request, client.base, Boolean(client.key)), "The request is copied, ready to run.");
  },
});
theme(element("theme"));
new Toolbar(session, stage);
const connection = new Connection(session, client, asker, messages),
  files = new Files(session, stage, messages);

client.models = new Models(session);
connection.connect();
files.openSample();
