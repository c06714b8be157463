package io.github.describeanything.server.page;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** A video that the browser records: a red square moves from left to right for 1.6 seconds. */
final class Clip {
    private Clip() {}

    static Path record(Page page, Path folder) throws IOException {
        String video = (String) page.evaluate("""
                async () => {
                  const canvas = document.createElement("canvas");
                  Object.assign(canvas, { width: 320, height: 240 });
                  const context = canvas.getContext("2d");
                  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
                  const parts = [];
                  recorder.ondataavailable = (event) => parts.push(event.data);
                  recorder.start();
                  for (let i = 0; i < 40; i++) {
                    context.fillStyle = "#ccc";
                    context.fillRect(0, 0, 320, 240);
                    context.fillStyle = "#f00";
                    context.fillRect(5 * i, 90, 60, 60);
                    await new Promise((done) => setTimeout(done, 40));
                  }
                  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
                  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
                  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
                }""");
        return Files.write(folder.resolve("square.webm"), Base64.getDecoder().decode(video));
    }
}
