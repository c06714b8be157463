"""Feeds a folder of frames to a stream in segments, and prints each caption as it comes.

python docs/streams/feed.py FOLDER X0 Y0 X1 Y1 [URL]      the box marks the thing on the first frame
"""

import base64
import json
import sys
import urllib.request
from pathlib import Path

SEGMENT = 32
LEAST = 16


def data_url(file):
    kind = "png" if file.suffix == ".png" else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(file.read_bytes()).decode()


def events(url, body):
    """The events of a segment's answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])


def main(folder, box, server="http://127.0.0.1:8000"):
    frames = sorted(it for it in Path(folder).iterdir() if it.suffix in (".png", ".jpg", ".jpeg"))
    url, body = f"{server}/v1/video/streams", {"region": {"box": box}}
    for start in range(0, len(frames) - LEAST + 1, SEGMENT):
        body["frames"] = [data_url(it) for it in frames[start : start + SEGMENT]]
        for event in events(url, body):
            if "error" in event:
                sys.exit(event["error"]["message"])
            if event["type"] == "segment.started":
                url, body = f"{server}/v1/video/streams/{event['stream']}", {}
                print(f"frames {start} to {start + SEGMENT - 1}: ", end="")
            elif event["type"] == "segment.delta":
                print(event["text"], end="", flush=True)
            elif event["type"] == "segment.done":
                print(f" {event.get('box')}")
            else:
                print("the thing is lost")
                return


if __name__ == "__main__":
    main(sys.argv[1], [float(it) for it in sys.argv[2:6]], *sys.argv[6:7])
