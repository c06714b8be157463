"""Describes a thing in a video segment by segment, and prints each caption as it comes.

python docs/streams/feed.py VIDEO X0 Y0 X1 Y1      the box marks the thing on the first frame

VIDEO is a file, which ffmpeg must decode, or a folder of frames, PNG or JPEG, in the order of their names.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

LEAST = 16  # frames of a segment
ENDINGS = (".png", ".jpg", ".jpeg")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("box", type=float, nargs=4, metavar=("X0", "Y0", "X1", "Y1"))
    parser.add_argument("--fps", type=float, default=4, help="frames a second of a video file")
    parser.add_argument("--segment", type=int, default=32, help="frames of a segment, 16 or more")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--model", help="a name of /v1/models; default: the server's first")
    parser.add_argument("--key", default="none", help="API key")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server")
    parser.add_argument("--ffmpeg", default="ffmpeg", help="the program")
    return parser.parse_args()


def decode(video, fps, ffmpeg, folder):
    """Writes a video's frames into a folder."""
    command = [ffmpeg, "-v", "error", "-i", video, "-vf", f"fps={fps}", "-q:v", "2", Path(folder, "%06d.jpg")]
    try:
        subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"There is no program {ffmpeg}: install ffmpeg, name one with --ffmpeg, or send a folder of frames")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{video} cannot be decoded: {error.stderr.strip()}")


def segments(frames, size):
    """Frames of each segment. What is left over belongs to the last one, if it is too short for one more."""
    while frames:
        count = size if len(frames) - size >= LEAST else len(frames)
        yield frames[:count]
        frames = frames[count:]


def data_url(file):
    kind = "png" if file.suffix == ".png" else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(file.read_bytes()).decode()


def request(url, key, body=None, method="POST"):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    data = None if body is None else json.dumps(body).encode()
    try:
        return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["error"]["message"])
    except urllib.error.URLError as error:
        sys.exit(f"{url}: {error.reason}")


def events(answer):
    """The events of a segment's answer."""
    for line in answer:
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])


def feed(frames, args):
    url = f"{args.url}/v1/video/streams"
    stream = None
    body = {"region": {"box": args.box}, "language": args.language, "model": args.model}
    for segment in segments(frames, args.segment):
        body["frames"] = [data_url(it) for it in segment]
        with request(f"{url}/{stream}" if stream else url, args.key, body) as answer:
            for event in events(answer):
                if "error" in event:
                    sys.exit(event["error"]["message"])
                if event["type"] == "segment.started":
                    stream, body = event["stream"], {}
                    print(f"{segment[0].stem} to {segment[-1].stem}: ", end="", flush=True)
                elif event["type"] == "segment.delta":
                    print(event["text"], end="", flush=True)
                elif event["type"] == "segment.done":
                    print(f" {event.get('box', 'lost')}")
                elif event["type"] == "stream.ended":
                    return
    if stream:
        request(f"{url}/{stream}", args.key, method="DELETE").close()


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        if args.video.is_file():
            decode(args.video, args.fps, args.ffmpeg, folder)
        source = Path(folder) if args.video.is_file() else args.video
        frames = sorted(it for it in source.glob("*") if it.suffix.lower() in ENDINGS)
        if len(frames) < LEAST:
            sys.exit(f"{args.video} has {len(frames)} frames; a segment needs {LEAST} or more (--fps)")
        feed(frames, args)


if __name__ == "__main__":
    main()
