/**
 * Yields the data of each server-sent event in a stream of bytes.
 * @param comment called with each comment, such as one that keeps the connection alive
 */
export async function* events(stream, comment = () => {}) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(cut);
      if (done) return;
      text += value;
      for (let end; (end = text.search(/\r?\n\r?\n/)) >= 0; ) {
        const lines = text.slice(0, end).split(/\r?\n/);
        text = text.slice(end).replace(/^\r?\n\r?\n/, "");
        for (const line of lines) if (line.startsWith(":")) comment(line.slice(1).trim());
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, ""));
        if (data.length) yield data.join("\n");
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A broken connection ends the stream; an aborted one is an error. */
function cut(error) {
  if (error.name === "AbortError") throw error;
  return { done: true };
}
