import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { about, baseURL, idle, model, picture } from "./server.js";

const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const request = { model, messages: about(), temperature: 0, max_completion_tokens: 16 };

test("whole answers", async () => {
  const answer = await client.chat.completions.create(request);
  assert.ok(answer.choices[0].message.content.length > 0);
  assert.equal(answer.choices[0].finish_reason, "length");
  assert.equal(answer.usage.completion_tokens, 16);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + 16);
});

test("a streamed answer equals the whole one, with usage last", async () => {
  const whole = await client.chat.completions.create(request);
  const stream = await client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let last;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    last = chunk;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 16);
});

test("in a stream the tokens of logprobs join to the text", async () => {
  const stream = await client.chat.completions.create({ ...request, logprobs: true, stream: true });
  let text = "";
  let tokens = "";
  for await (const { choices } of stream) {
    text += choices[0].delta.content ?? "";
    tokens += (choices[0].logprobs?.content ?? []).map((it) => it.token).join("");
  }
  assert.equal(tokens, text);
});

test("the stream helper joins chunks to the whole answer", async () => {
  const whole = await client.chat.completions.create({ ...request, n: 2 });
  const runner = client.chat.completions.stream({ ...request, n: 2 });
  const final = await runner.finalChatCompletion();
  assert.deepEqual(
    final.choices.map((it) => [it.index, it.message.content, it.finish_reason]),
    whole.choices.map((it) => [it.index, it.message.content, it.finish_reason]),
  );
});

test("log-probabilities", async () => {
  const answer = await client.chat.completions.create({ ...request, logprobs: true, top_logprobs: 2 });
  assert.equal(answer.choices[0].logprobs.content.length, 16);
  assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 2);
});

test("with optional tools the answer is text", async () => {
  const tools = [{ type: "function", function: { name: "clock", parameters: { type: "object", properties: {} } } }];
  const whole = await client.chat.completions.create(request);
  for (const fields of [
    { tools },
    { tools, tool_choice: "auto", parallel_tool_calls: true },
    { tools, tool_choice: "none" },
  ]) {
    const answer = await client.chat.completions.create({ ...request, ...fields });
    assert.equal(answer.choices[0].message.content, whole.choices[0].message.content);
  }
  const must = client.chat.completions.create({ ...request, tools, tool_choice: "required" });
  await assert.rejects(must, (error) => error.status === 400 && error.param === "tool_choice");
});

test("errors have class, code and param", async () => {
  await assert.rejects(client.chat.completions.create({ ...request, temperature: 3 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, "invalid_value");
    assert.equal(error.param, "temperature");
    assert.equal(error.type, "invalid_request_error");
    assert.match(error.requestID, /./);
    return true;
  });
  await assert.rejects(
    client.chat.completions.create({ ...request, model: "gpt-4o", stream: true }),
    OpenAI.NotFoundError,
  );
  await assert.rejects(client.models.retrieve("gpt-4o"), OpenAI.NotFoundError);
});

test("leaving a stream releases its slot", async () => {
  const stream = await client.chat.completions.create({
    ...request,
    max_completion_tokens: 2000,
    ignore_eos: true,
    stream: true,
  });
  for await (const chunk of stream) {
    if (chunk.choices[0].delta.content) {
      break;
    }
  }
  assert.ok(await idle());
});

test("aborting a waiting request releases its slot", async () => {
  const control = new AbortController();
  const answer = client.chat.completions.create(
    { ...request, max_completion_tokens: 2000, ignore_eos: true },
    { signal: control.signal },
  );
  setTimeout(() => control.abort(), 100);
  await assert.rejects(answer, OpenAI.APIUserAbortError);
  assert.ok(await idle());
});

test("lists models", async () => {
  const ids = [];
  for await (const it of client.models.list()) {
    ids.push(it.id);
  }
  assert.ok(ids.includes(model));
  const one = await client.models.retrieve(model);
  assert.equal(one.object, "model");
  assert.ok(Number.isInteger(one.created));
});

test("image_url may be a string", async () => {
  const messages = about();
  messages[0].content[0].image_url = picture;
  const answer = await client.chat.completions.create({ ...request, messages });
  const whole = await client.chat.completions.create(request);
  assert.equal(answer.choices[0].message.content, whole.choices[0].message.content);
});
