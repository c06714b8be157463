"""Makes coco-regions.txt: random polygons and run lengths with the pixels that pycocotools gives them.

    pip install numpy pycocotools
    python make_regions.py

Each line is `width height kind region pixels`, with kind `polygon` (parts split by `;`, numbers by `,`), `string`
(compressed counts) or `counts` (split by `,`), and pixels as bits in Base64, row by row from the top.
"""

import base64
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

random = np.random.default_rng(11)


def line(width, height, kind, region, pixels):
    bits = base64.b64encode(np.packbits(pixels.astype(bool).reshape(-1)).tobytes()).decode()
    return f"{width} {height} {kind} {region} {bits}\n"


def corners(width, height, kind):
    count = int(random.integers(3, 12))
    if kind == 0:  # arbitrary, self-intersecting
        points = random.uniform(0, 1, (count, 2))
    elif kind == 1:  # round
        angles = np.sort(random.uniform(0, 2 * np.pi, count))
        radii = random.uniform(0.1, 0.5, count)
        points = 0.5 + np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None]
    elif kind == 2:  # thin
        start, step = random.uniform(0, 1, 2), random.normal(0, 0.3, 2)
        points = np.array([start, start + step, start + step + random.normal(0, 0.02, 2), start + 0.01])
    else:  # integers, repeated corners, vertical edges
        points = random.integers(0, 9, (count, 2)) / 8
        points = np.concatenate([points, points[-1:]])
    points = np.clip(points, 0, 1) * [width, height]
    if kind == 3:
        points = np.round(points)
    return np.round(points, int(random.integers(1, 4))).reshape(-1)


def outside():
    """Polygons that leave the picture by up to 2 % of a side or 2 pixels, which pycocotools clips."""
    own = np.random.default_rng(12)
    out = ""
    for i in range(120):
        width, height = (int(v) for v in own.integers(*((1, 45) if i % 2 else (150, 260)), 2))
        beyond = np.maximum(2, 0.02 * np.array([width, height]))
        size = np.array([width, height])
        points = own.uniform(-beyond, size + beyond, (int(own.integers(3, 9)), 2))
        edges = own.integers(0, 4, points.shape)
        points = np.where(edges == 0, -beyond, np.where(edges == 1, size + beyond, points)).round(1).reshape(-1)
        points = np.clip(points, -np.tile(beyond, len(points) // 2), np.tile(size + beyond, len(points) // 2))
        pixels = coco.decode(coco.merge(coco.frPyObjects([points.tolist()], height, width)))
        if pixels.any():
            out += line(width, height, "polygon", ",".join(repr(float(v)) for v in points), pixels)
    return out


def main():
    out = ""
    made = {"polygon": 0, "string": 0, "counts": 0}
    while min(made.values()) < 240:
        width, height = (int(v) for v in random.integers(1, 45, 2))
        if made["polygon"] % 40 == 7:
            width, height = (int(v) for v in random.integers(150, 260, 2))
        parts = [corners(width, height, int(random.integers(0, 4))) for _ in range(int(random.integers(1, 4)))]
        parts = [part for part in parts if len(part) > 4]
        merged = coco.merge(coco.frPyObjects([part.tolist() for part in parts], height, width))
        pixels = coco.decode(merged)
        if not pixels.any():
            continue
        text = ";".join(",".join(repr(float(v)) for v in part) for part in parts)
        out += line(width, height, "polygon", text, pixels)
        made["polygon"] += 1

        width, height = (int(v) for v in random.integers(1, 40, 2))
        pixels = random.uniform(0, 1, (height, width)) < random.uniform(0.02, 0.98)
        if random.integers(0, 2):
            pixels = np.zeros((height, width), bool)
            y, x = random.integers(0, height), random.integers(0, width)
            pixels[y : y + 1 + random.integers(0, height), x : x + 1 + random.integers(0, width)] = True
        if not pixels.any():
            continue
        packed = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
        out += line(width, height, "string", packed["counts"].decode(), pixels)
        made["string"] += 1
        flat = pixels.reshape(-1, order="F")
        edges = np.flatnonzero(np.diff(flat)) + 1
        runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
        counts = [0, *runs] if flat[0] else runs
        back = coco.decode(coco.frPyObjects({"size": [height, width], "counts": counts}, height, width))
        assert (back == pixels).all()
        out += line(width, height, "counts", ",".join(map(str, counts)), pixels)
        made["counts"] += 1
    out += outside()
    (Path(__file__).parent / "coco-regions.txt").write_text(out)
    print(made)


if __name__ == "__main__":
    main()
