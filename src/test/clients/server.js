// The server under test, and a request to it.
import { readFileSync } from "node:fs";

export const baseURL = process.env.BASE_URL;
export const picture = `data:image/png;base64,${readFileSync(process.env.PICTURE, "base64")}`;
export const model = "describe_anything_model";

/** Messages with a question about a picture's region. */
export function about(url = picture) {
  return [
    {
      role: "user",
      content: [
        { type: "image_url", image_url: { url } },
        { type: "text", text: "What is it?" },
      ],
    },
  ];
}

/** Waits until no request is running or waiting. Returns false after 20 seconds. */
export async function idle() {
  const metrics = new URL("/metrics", baseURL);
  for (const start = Date.now(); Date.now() - start < 20000; ) {
    const text = await (await fetch(metrics)).text();
    const busy = [...text.matchAll(/^dam_requests_(?:running|waiting)\{.*\} (\S+)$/gm)];
    if (busy.length === 2 && busy.every(([, value]) => Number(value) === 0)) {
      return true;
    }
  }
  return false;
}

/** The same question for the Responses API. */
export function asked(url = picture) {
  return [
    {
      role: "user",
      content: [
        { type: "input_image", image_url: url, detail: "auto" },
        { type: "input_text", text: "What is it?" },
      ],
    },
  ];
}

/** What chat completions answer to it. */
export async function answer() {
  const response = await fetch(`${baseURL}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: about(), temperature: 0, max_tokens: 16 }),
  });
  return (await response.json()).choices[0].message.content;
}
