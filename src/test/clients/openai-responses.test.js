import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { answer, asked, baseURL, idle, model } from "./server.js";

const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const request = { model, input: asked(), temperature: 0, max_output_tokens: 16 };

test("a whole response says what a chat completion says", async () => {
  const response = await client.responses.create(request);
  assert.equal(response.output_text, await answer());
  assert.equal(response.status, "incomplete");
  assert.equal(response.incomplete_details.reason, "max_output_tokens");
  assert.equal(response.usage.output_tokens, 16);
  assert.equal(response.usage.total_tokens, response.usage.input_tokens + 16);
});

test("events are numbered and in order, and their deltas are the whole text", async () => {
  const types = [];
  let text = "";
  for await (const event of await client.responses.create({ ...request, stream: true })) {
    assert.equal(event.sequence_number, types.length);
    types.push(event.type);
    text += event.type === "response.output_text.delta" ? event.delta : "";
  }
  assert.equal(text, await answer());
  const first = ["created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"];
  const last = ["output_text.done", "content_part.done", "output_item.done", "incomplete"];
  assert.deepEqual(
    types.slice(0, 5),
    first.map((it) => `response.${it}`),
  );
  assert.deepEqual(
    types.slice(-4),
    last.map((it) => `response.${it}`),
  );
});

test("the stream helper puts the events together again", async () => {
  const stream = client.responses.stream(request);
  let snapshot = "";
  stream.on("response.output_text.delta", (it) => {
    snapshot = it.snapshot;
  });
  const final = await stream.finalResponse();
  assert.equal(snapshot, await answer());
  assert.equal(final.output[0].content[0].text, snapshot);
});

test("log-probabilities come where they are included, streamed too", async () => {
  const fields = { include: ["message.output_text.logprobs"], top_logprobs: 2 };
  const { output } = await client.responses.create({ ...request, ...fields });
  const tokens = output[0].content[0].logprobs;
  assert.equal(tokens.length, 16);
  assert.equal(tokens[0].top_logprobs.length, 2);
  const streamed = [];
  for await (const event of await client.responses.create({ ...request, ...fields, stream: true })) {
    streamed.push(...(event.type === "response.output_text.delta" ? event.logprobs : []));
  }
  assert.equal(streamed.map((it) => it.token).join(""), tokens.map((it) => it.token).join(""));
});

test("what a response returned goes back as history", async () => {
  const first = await client.responses.create(request);
  const input = [...asked(), ...first.output, { role: "user", content: "What colour?" }];
  const alone = asked();
  alone[0].content[1].text = "What colour?";
  const second = await client.responses.create({ ...request, input });
  assert.equal(second.output_text, (await client.responses.create({ ...request, input: alone })).output_text);
});

test("errors have their class, code and param", async () => {
  await assert.rejects(client.responses.create({ ...request, temperature: 3 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, "invalid_value");
    assert.equal(error.param, "temperature");
    return true;
  });
  await assert.rejects(client.responses.create({ ...request, model: "gpt-4o", stream: true }), OpenAI.NotFoundError);
});

test("what would have to be stored is refused", async () => {
  for (const field of [{ previous_response_id: "resp_1" }, { conversation: "conv_1" }, { background: true }]) {
    await assert.rejects(
      client.responses.create({ ...request, ...field }),
      (error) => error.status === 400 && error.param === Object.keys(field)[0],
    );
  }
  await assert.rejects(client.responses.retrieve("resp_1"), OpenAI.NotFoundError);
  await assert.rejects(client.responses.delete("resp_1"), OpenAI.NotFoundError);
  await assert.rejects(client.responses.inputItems.list("resp_1"), OpenAI.NotFoundError);
});

test("a stream that is broken off frees its place", async () => {
  const stream = await client.responses.create({
    ...request,
    max_output_tokens: 2000,
    ignore_eos: true,
    stream: true,
  });
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") {
      break;
    }
  }
  assert.ok(await idle());
});
