"""Makes the pictures that the reader's tests decode, each with the RGBA bytes it must give.

    pip install 'pillow>=11,<12.2' numpy  # 12.2 changed the order of the two passes of a resize
    python make_pictures.py

`NAME.<format>` is the file, `NAME.rgba` the pixels row by row. PNG is written by hand below, since Pillow cannot write
interlaced files or 16 bits per sample; if Pillow can read the result, its pixels are compared, too.
"""

import io
import itertools
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 13, 9
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
random = np.random.default_rng(7)


def save(name, data, rgba):
    (HERE / name).write_bytes(data)
    (HERE / name).with_suffix(".rgba").write_bytes(np.ascontiguousarray(rgba, dtype=np.uint8).tobytes())


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def filtered(rows, pixel_bytes):
    """Filters the rows with all five filters in turn."""
    out, above = b"", bytes(len(rows[0]))
    for row, kind in zip(rows, itertools.cycle([4, 3, 2, 1, 0])):
        line = bytearray([kind])
        for i, value in enumerate(row):
            left = row[i - pixel_bytes] if i >= pixel_bytes else 0
            corner = above[i - pixel_bytes] if i >= pixel_bytes else 0
            p = left + above[i] - corner
            paeth = min((left, above[i], corner), key=lambda v: abs(p - v))
            line.append((value - [0, left, above[i], (left + above[i]) // 2, paeth][kind]) & 255)
        out, above = out + bytes(line), row
    return out


def png(samples, depth, colour, interlaced=False, before=b"", after=b"", pieces=1):
    """samples: [height, width, n]"""
    height, width, n = samples.shape
    data = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y0::dy, x0::dx]
        if part.size == 0:
            continue
        rows = []
        for row in part:
            if depth == 16:
                rows.append(row.astype(">u2").tobytes())
            else:
                bits = np.unpackbits(row.reshape(-1, 1).astype(np.uint8), axis=1)[:, 8 - depth :]
                rows.append(np.packbits(bits.reshape(-1)).tobytes())
        data += filtered(rows, max(1, n * depth // 8))
    packed = zlib.compress(data)
    step = -(-len(packed) // pieces)
    idat = b"".join(chunk(b"IDAT", packed[i : i + step]) for i in range(0, len(packed), step))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + idat + after + chunk(b"IEND", b"")


def byte(samples, depth):
    return samples >> 8 if depth == 16 else samples * 255 // ((1 << depth) - 1)


def rgba(samples, depth, transparent=None):
    n = samples.shape[2]
    colours = byte(samples[..., : n - 1 if n in (2, 4) else n], depth)
    out = np.empty((*samples.shape[:2], 4), np.uint8)
    out[..., :3] = colours
    out[..., 3] = byte(samples[..., -1], depth) if n in (2, 4) else 255
    if transparent is not None:
        out[(samples == transparent).all(axis=2), 3] = 0
    return out


def pillow_agrees(data, expected, sixteen_bit_gray=False):
    picture = Image.open(io.BytesIO(data))
    if not sixteen_bit_gray:
        assert (np.asarray(picture.convert("RGBA")) == expected).all()


def pngs():
    for colour, n, depths in [(0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (4, 2, (8, 16)), (6, 4, (8, 16))]:
        for depth, interlaced in itertools.product(depths, (False, True)):
            samples = random.integers(0, 1 << depth, (HEIGHT, WIDTH, n))
            if n in (2, 4):
                samples[:, ::2, -1] = 0  # colours under alpha 0 must survive
            name = (
                f"png-{ {0: 'gray', 2: 'rgb', 4: 'gray-alpha', 6: 'rgba'}[colour] }-{depth}{'-adam7' * interlaced}.png"
            )
            data = png(samples, depth, colour, interlaced, pieces=3)
            expected = rgba(samples, depth)
            pillow_agrees(data, expected, sixteen_bit_gray=depth == 16 and n <= 2)
            save(name, data, expected)
            if n in (1, 3):
                key = samples[4, 5]
                samples[0, 0] = key
                if depth == 16:
                    samples[0, 1] = key ^ 1  # same high byte, different colour
                data = png(samples, depth, colour, interlaced, before=chunk(b"tRNS", key.astype(">u2").tobytes()))
                save(name.replace(".png", "-trns.png"), data, rgba(samples, depth, key))
    for depth, interlaced in itertools.product((1, 2, 4, 8), (False, True)):
        entries = min(1 << depth, 200)
        palette = random.integers(0, 256, (entries, 4), dtype=np.uint8)
        palette[entries - entries // 3 :, 3] = 255
        samples = random.integers(0, entries, (HEIGHT, WIDTH, 1))
        plte = chunk(b"PLTE", palette[:, :3].tobytes())
        trns = chunk(b"tRNS", palette[: entries - entries // 3, 3].tobytes())
        expected = palette[samples[..., 0]]
        opaque = expected.copy()
        opaque[..., 3] = 255
        name = f"png-palette-{depth}{'-adam7' * interlaced}"
        data = png(samples, depth, 3, interlaced, before=plte)
        pillow_agrees(data, opaque)
        save(name + ".png", data, opaque)
        data = png(samples, depth, 3, interlaced, before=plte + trns)
        pillow_agrees(data, expected)
        save(name + "-trns.png", data, expected)
    samples = random.integers(0, 256, (HEIGHT, WIDTH, 4))
    extras = (
        chunk(b"gAMA", struct.pack(">I", 100000))
        + chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(5000)))
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(5_000_000)))
        + chunk(b"acTL", struct.pack(">II", 2, 0))
        + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0))
    )
    data = png(samples, 8, 6, before=extras, after=chunk(b"fdAT", b"\0\0\0\1junk"))
    save("png-profile-text-animation.png", data, rgba(samples, 8))
    for size in [(1, 1), (1, 40), (40, 1), (3, 2)]:
        samples = random.integers(0, 256, (*size, 4))
        save(f"png-{size[1]}x{size[0]}-adam7.png", png(samples, 8, 6, True), rgba(samples, 8))


def smooth(width=48, height=40):
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 5, y * 6, (x + y) * 2, ((x - 20) ** 2 + (y - 20) ** 2 < 200) * 255], axis=2)
    return Image.fromarray(picture.astype(np.uint8), "RGBA")


def pillow(name, picture, **options):
    file = io.BytesIO()
    picture.save(file, name.rsplit(".")[-1].replace("jpg", "jpeg"), **options)
    save(name, file.getvalue(), np.asarray(Image.open(file).convert("RGBA")))


def others():
    rgba_picture, rgb, gray = smooth(), smooth().convert("RGB"), smooth().convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees, which must be ignored
    pillow("jpeg-444.jpg", rgb, quality=95, subsampling=0)
    pillow("jpeg-420-exif.jpg", rgb, quality=95, exif=exif, icc_profile=bytes(3000))
    pillow("jpeg-progressive.jpg", rgb, quality=95, progressive=True, subsampling=0)
    pillow("jpeg-gray.jpg", gray, quality=95)
    pillow("jpeg-rgb.jpg", rgb, quality=95, keep_rgb=True)
    pillow("jpeg-restarts.jpg", rgb, quality=95, subsampling=0, restart_marker_blocks=4)
    pillow("webp-lossless-alpha.webp", rgba_picture, lossless=True, exact=True)
    pillow("webp-lossless.webp", rgb, lossless=True)
    pillow("webp-lossy.webp", rgb, quality=95)
    pillow("webp-lossy-alpha-icc.webp", rgba_picture, quality=95, exact=True, exif=exif)
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        pillow(f"tiff-rgba-{compression}.tiff", rgba_picture, compression=compression)
        pillow(f"tiff-rgb-{compression}.tiff", rgb, compression=compression)
        pillow(f"tiff-gray-{compression}.tiff", gray, compression=compression)
    pillow("tiff-palette.tiff", rgb.quantize(32))
    pillow("tiff-bilevel.tiff", gray.point(lambda v: 255 * (v > 99)).convert("1"))
    sixteen = random.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
    file = io.BytesIO()
    Image.fromarray(sixteen).save(file, "tiff")
    save("tiff-gray-16.tiff", file.getvalue(), rgba(sixteen[..., None].astype(int), 16))
    webp()
    webp_lossless()


def webp_lossless():
    """Palettes packed 8, 4, 2 and 1 to a byte, with translucent colours; noise; a single row."""
    y, x = np.mgrid[:37, :43]
    for entries in (2, 3, 13, 200):
        own = np.random.default_rng(entries)
        palette = own.integers(0, 256, (entries, 4), dtype=np.uint8)
        palette[: entries // 2 + 1, 3] = 0
        palette[-1, 3] = 255
        cells = own.integers(0, entries, (8, 9))[y // 5, x // 5]
        pillow(
            f"webp-lossless-palette-{entries}-alpha.webp", Image.fromarray(palette[cells]), lossless=True, exact=True
        )
    pillow("webp-lossless-28x1.webp", Image.new("RGB", (28, 1), (7, 8, 9)), lossless=True)
    noise = np.random.default_rng(10).integers(0, 256, (24, 60, 4), dtype=np.uint8)
    noise[:, 20:] = np.asarray(smooth(40, 24))
    pillow("webp-lossless-noise-alpha.webp", Image.fromarray(noise), lossless=True, exact=True, quality=100, method=6)
    feather = np.clip(255 - 12 * abs(np.hypot(x - 20, y - 18) - 6), 0, 255).astype(np.uint8)
    feathered = np.dstack([np.asarray(smooth(43, 37))[..., :3], feather])
    pillow("webp-lossy-alpha-feather.webp", Image.fromarray(feathered), quality=95, exact=True)


def webp():
    """Lossy WebP of flat saturated shapes, a ramp and noise, at several qualities; and every way to pack alpha."""
    y, x = np.mgrid[:80, :96]
    scene = np.stack([x * 2, y * 3, 255 - x], -1).astype(np.uint8)
    scene[10:40, 10:40], scene[30:70, 50:90] = (230, 20, 40), (20, 60, 240)
    scene[55:75, 5:45] = np.random.default_rng(8).integers(0, 256, (20, 40, 3))
    for quality in (20, 75):
        for method in (0, 4):
            pillow(f"webp-lossy-q{quality}-m{method}.webp", Image.fromarray(scene), quality=quality, method=method)
    matte = np.where(
        (x - 60) ** 2 + (y - 40) ** 2 < 900, 255, np.random.default_rng(9).integers(0, 3, x.shape) // 2 * 90
    )
    both = Image.fromarray(np.dstack([scene, matte.astype(np.uint8)]))
    for method in (0, 4, 6):
        pillow(f"webp-lossy-alpha-m{method}.webp", both, quality=80, method=method, exact=True)
    file = io.BytesIO()
    both.save(file, "webp", quality=80, exact=True)
    for filtering, name in enumerate(("none", "left", "above", "plane")):
        body = bytes([filtering << 2]) + differences(matte.astype(int), filtering).tobytes()
        data = with_chunk(file.getvalue(), b"ALPH", body)
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        assert (pixels[..., 3] == matte).all()
        save(f"webp-lossy-alpha-plain-{name}.webp", data, pixels)


def differences(values, filtering):
    """Differences from the neighbours, by the filtering methods of the WebP container."""
    padded = np.pad(values, ((1, 0), (1, 0)))
    left, above, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    predicted = (0 * values, left, above, np.clip(left + above - corner, 0, 255))[filtering].copy()
    if filtering:
        predicted[0, 1:], predicted[1:, 0] = values[0, :-1], values[:-1, 0]
    return (values - predicted).astype(np.uint8)


def with_chunk(data, kind, body):
    """The WebP with the body of one chunk replaced."""
    chunks, at = b"", 12
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        old = data[at + 8 : at + 8 + size]
        new = body if data[at : at + 4] == kind else old
        chunks += data[at : at + 4] + len(new).to_bytes(4, "little") + new + b"\0" * (len(new) % 2)
        at += 8 + size + size % 2
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + chunks


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    pngs()
    others()
