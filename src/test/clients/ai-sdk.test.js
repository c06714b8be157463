import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, jsonSchema, streamText, tool } from "ai";
import { about, baseURL, idle, model, picture } from "./server.js";

const provider = createOpenAICompatible({ name: "describe-anything", baseURL, includeUsage: true });
const messages = [
  {
    role: "user",
    content: [
      { type: "image", image: picture },
      { type: "text", text: "What is it?" },
    ],
  },
];
const request = { model: provider(model), messages, temperature: 0, maxOutputTokens: 16, maxRetries: 0 };

test("whole answers", async () => {
  const { text, finishReason, usage } = await generateText(request);
  assert.ok(text.length > 0);
  assert.equal(finishReason, "length");
  assert.equal(usage.outputTokens, 16);
});

test("the answer equals that of a plain request", async () => {
  const { text } = await generateText(request);
  const response = await fetch(`${baseURL}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: about(), temperature: 0, max_tokens: 16 }),
  });
  assert.equal(text, (await response.json()).choices[0].message.content);
});

test("a streamed answer equals the whole one", async () => {
  const whole = await generateText(request);
  const errors = [];
  const result = streamText({ ...request, onError: ({ error }) => errors.push(error) });
  let text = "";
  for await (const piece of result.textStream) {
    text += piece;
  }
  assert.deepEqual(errors, []);
  assert.equal(text, whole.text);
  assert.equal(await result.finishReason, "length");
  assert.equal((await result.usage).outputTokens, 16);
});

test("with tools the answer is text", async () => {
  const tools = {
    clock: tool({ description: "The time", inputSchema: jsonSchema({ type: "object", properties: {} }) }),
  };
  const whole = await generateText(request);
  const { text, toolCalls } = await generateText({ ...request, tools });
  assert.equal(text, whole.text);
  assert.deepEqual(toolCalls, []);
});

test("errors have status and message, and are not retryable", async () => {
  const wrong = { ...request, model: provider("gpt-4o") };
  await assert.rejects(generateText(wrong), (error) => {
    assert.ok(APICallError.isInstance(error));
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /No such model/);
    assert.equal(error.isRetryable, false);
    return true;
  });
  const errors = [];
  const result = streamText({ ...wrong, onError: ({ error }) => errors.push(error) });
  await result.consumeStream();
  assert.equal(errors[0].statusCode, 404);
});

test("aborting a stream releases its slot", async () => {
  const control = new AbortController();
  const result = streamText({
    ...request,
    maxOutputTokens: 2000,
    providerOptions: { "describe-anything": { ignore_eos: true } },
    abortSignal: control.signal,
  });
  for await (const piece of result.textStream) {
    if (piece) {
      control.abort();
    }
  }
  assert.ok(await idle());
});
