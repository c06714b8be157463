"""Masked pictures for requests: drawn, or read from a folder."""

import base64
import random
from collections.abc import Callable
from pathlib import Path

from .png import RGBA, encode

PictureSource = Callable[[int], str]  # serial number -> data URL


def drawn(width: int, height: int, seed: int, distinct: int) -> PictureSource:
    """Draws pictures from a seed and a serial number. They repeat after `distinct` pictures; 0 means never."""

    def picture(serial: int) -> str:
        number = serial % distinct if distinct else serial
        return data_url(masked_png(width, height, random.Random(f"{seed}:{number}")), "image/png")

    return picture


def from_folder(folder: Path) -> PictureSource:
    """Cycles through the folder's PNG and WebP files in order of name. Their alpha channel is the mask."""
    kinds = {".png": "image/png", ".webp": "image/webp"}
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in kinds)
    if not files:
        raise SystemExit(f"{folder} has no .png or .webp file")
    urls = [data_url(file.read_bytes(), kinds[file.suffix.lower()]) for file in files]
    return lambda serial: urls[serial % len(urls)]


def data_url(encoded: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(encoded).decode('ascii')}"


def masked_png(width: int, height: int, chance: random.Random) -> bytes:
    """Draws two gradients and a coloured ellipse. Alpha is 255 inside the ellipse and 0 elsewhere."""
    slope, shift = chance.randrange(1, 6), chance.randrange(256)
    ramp = bytes((i * slope // 2 + shift) % 256 for i in range(width + height))
    wave = bytes(128 + (i * 7 + shift * 3) % 97 for i in range(width + height))
    grain = chance.randbytes(width)
    colour = [chance.randrange(256) for _ in range(3)]
    centre_x, centre_y = width * chance.uniform(0.3, 0.7), height * chance.uniform(0.3, 0.7)
    radius_x, radius_y = width * chance.uniform(0.1, 0.28), height * chance.uniform(0.1, 0.28)

    rows = bytearray()
    for y in range(height):
        row = bytearray(4 * width)
        row[0::4], row[1::4], row[2::4] = ramp[y : y + width], wave[height - y : height - y + width], grain
        inside = 1 - ((y + 0.5 - centre_y) / radius_y) ** 2
        if inside > 0:
            half = radius_x * inside**0.5
            left, right = max(0, int(centre_x - half)), min(width, int(centre_x + half) + 1)
            row[4 * left : 4 * right] = bytes((*colour, 255)) * (right - left)
        rows += b"\0" + row
    return encode(width, height, RGBA, bytes(rows))
