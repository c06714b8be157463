import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import { answer, baseURL, idle, model, picture } from "./server.js";

const openai = createOpenAI({ baseURL, apiKey: "none" });
const messages = [
  {
    role: "user",
    content: [
      { type: "image", image: picture },
      { type: "text", text: "What is it?" },
    ],
  },
];
const request = { model: openai(model), messages, temperature: 0, maxOutputTokens: 16, maxRetries: 0 };

test("a whole answer is what everybody else gets", async () => {
  const { text, finishReason, usage } = await generateText(request);
  assert.equal(text, await answer());
  assert.equal(finishReason, "length");
  assert.equal(usage.outputTokens, 16);
});

test("a streamed answer is the whole one", async () => {
  const errors = [];
  const result = streamText({ ...request, onError: ({ error }) => errors.push(error) });
  let text = "";
  for await (const piece of result.textStream) {
    text += piece;
  }
  assert.deepEqual(errors, []);
  assert.equal(text, await answer());
  assert.equal(await result.finishReason, "length");
  assert.equal((await result.usage).outputTokens, 16);
});

test("a conversation goes on with references to earlier answers", async () => {
  const first = await generateText({ ...request, system: "You look at pictures." });
  const conversation = [...messages, ...first.response.messages, { role: "user", content: "What colour?" }];
  const second = await generateText({ ...request, messages: conversation });
  assert.match(JSON.stringify(second.request.body), /item_reference/);
  const content = [messages[0].content[0], { type: "text", text: "What colour?" }];
  const alone = await generateText({ ...request, messages: [{ role: "user", content }] });
  assert.equal(second.text, alone.text);
});

test("tools are offered and the answer is text", async () => {
  const tools = {
    clock: tool({ description: "The time", inputSchema: jsonSchema({ type: "object", properties: {} }) }),
  };
  const { text, toolCalls } = await generateText({ ...request, tools });
  assert.equal(text, await answer());
  assert.deepEqual(toolCalls, []);
});

test("log-probabilities", async () => {
  const { providerMetadata } = await generateText({ ...request, providerOptions: { openai: { logprobs: 2 } } });
  assert.equal(providerMetadata.openai.logprobs[0].length, 16);
});

test("objects are refused by name", async () => {
  const object = generateObject({ ...request, schema: jsonSchema({ type: "object", properties: {} }) });
  await assert.rejects(object, (error) => {
    assert.ok(APICallError.isInstance(error));
    assert.equal(error.data.error.param, "text.format");
    return true;
  });
});

test("errors have their status and message, and are not retried", async () => {
  const wrong = { ...request, model: openai("gpt-4o") };
  await assert.rejects(generateText(wrong), (error) => {
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /No such model/);
    assert.equal(error.isRetryable, false);
    return true;
  });
  const errors = [];
  await streamText({ ...wrong, onError: ({ error }) => errors.push(error) }).consumeStream();
  assert.equal(errors[0].statusCode, 404);
});

test("a stream that is aborted frees its place", async () => {
  const control = new AbortController();
  const result = streamText({ ...request, maxOutputTokens: 2000, abortSignal: control.signal });
  for await (const piece of result.textStream) {
    if (piece) {
      control.abort();
    }
  }
  assert.ok(await idle());
});
