"""Makes the pictures of other programs that the reader's tests decode: JPEG, WebP, GIF, BMP, TIFF, broken PNG, masks.

    pip install 'pillow>=11,<12.2' numpy tifffile imagecodecs
    python make_formats.py

Each file has the pixels that Pillow decodes (`NAME.rgba`) or, for masks, the pixels inside (`NAME.mask`, one byte per
pixel). If Pillow refuses a file that libpng or libjpeg only warn about, the pixels are those it was made from.
"""

import io
import struct

import imagecodecs
import numpy as np
import tifffile
from make_pictures import HERE, chunk, png, save
from PIL import Image

WIDTH, HEIGHT = 29, 23
random = np.random.default_rng(21)


def scene():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    colours = np.stack([x * 8, y * 10, 255 - 4 * (x + y)], -1)
    colours[4:12, 3:13], colours[10:20, 15:27] = (230, 20, 40), (20, 60, 240)
    return colours.astype(np.uint8)


def disc():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return (x - 14) ** 2 + (y - 11) ** 2 < 64


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def as_pillow(name, data):
    save(name, data, np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")))


def opaque(colours):
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def without_segments(jpeg, marker):
    """The JPEG without the segments with this marker before its pixels."""
    out, at = jpeg[:2], 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        out += b"" if jpeg[at + 1] == marker else jpeg[at:end]
        at = end
    return out + jpeg[at:]


def jpegs():
    colours = scene()
    rgb = Image.fromarray(colours)
    plain = encoded(rgb, "jpeg", quality=80)
    as_pillow("jpeg-without-tables.jpg", without_segments(plain, 0xC4))
    after_jfif = 4 + int.from_bytes(plain[4:6], "big")
    as_pillow("jpeg-stray-bytes.jpg", plain[:after_jfif] + b"\0\x3f\x3e\xff\0" + plain[after_jfif:])
    for sampling in ("444", "422", "420", "411", "440"):
        as_pillow(f"jpeg-sampling-{sampling}.jpg", imagecodecs.jpeg8_encode(colours, 60, subsampling=sampling))
    scans = encoded(rgb, "jpeg", quality=40, progressive=True)
    as_pillow("jpeg-progressive-420.jpg", scans)
    for transform in (0, 1, 2):
        adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes([transform])
        as_pillow(f"jpeg-adobe-{transform}.jpg", without_segments(plain[:2] + adobe + plain[2:], 0xE0))
    inks = np.dstack([colours, colours[..., 0] // 2])
    as_pillow("jpeg-cmyk-adobe.jpg", encoded(Image.fromarray(inks, "CMYK"), "jpeg", quality=90))
    as_pillow("jpeg-cmyk.jpg", without_segments(encoded(Image.fromarray(inks, "CMYK"), "jpeg", quality=90), 0xEE))
    ycck = imagecodecs.jpeg8_encode(inks, 90, colorspace="CMYK", outcolorspace="YCCK", subsampling="420")
    as_pillow("jpeg-ycck.jpg", ycck)
    (HERE / "refused-12-bit.jpg").write_bytes(imagecodecs.jpeg_encode(colours.astype(np.uint16) * 16, bitspersample=12))
    (HERE / "refused-cut.jpg").write_bytes(plain[: len(plain) * 2 // 3])
    (HERE / "refused-cut-progressive.jpg").write_bytes(scans[: scans.rindex(b"\xff\xda")])
    save("jpeg-without-end.jpg", plain[:-2], np.asarray(Image.open(io.BytesIO(plain)).convert("RGBA")))


def webps():
    colours = scene()
    flat = Image.new("RGB", (33, 17), (83, 22, 157))
    for quality in (0, 3, 10, 50):
        as_pillow(f"webp-lossy-quality-{quality}.webp", encoded(Image.fromarray(colours), "webp", quality=quality))
    as_pillow("webp-lossy-flat.webp", encoded(flat, "webp", quality=0))
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 3)):
        part = Image.fromarray(colours[8 : 8 + height, 10 : 10 + width])
        as_pillow(f"webp-lossy-{width}x{height}.webp", encoded(part, "webp", quality=30))
    for lossless in (False, True):
        frames = [Image.fromarray(np.dstack([colours, 255 * (disc() ^ odd)]).astype(np.uint8)) for odd in (False, True)]
        options = {"save_all": True, "append_images": frames[1:], "lossless": lossless, "exact": True}
        as_pillow(f"webp-animated-alpha-{lossless}.webp", encoded(frames[0], "webp", **options))
    corner = Image.fromarray(np.dstack([colours, 255 * disc()]).astype(np.uint8))
    frame = encoded(corner, "webp", lossless=True, exact=True)[12:]
    size = [struct.pack("<I", value)[:3] for value in (2, 1, WIDTH - 1, HEIGHT - 1, 100)]
    body = b"".join(size) + b"\x02" + frame[frame.index(b"VP8L") :]
    canvas = b"\x12\0\0\0" + struct.pack("<I", WIDTH + 9)[:3] + struct.pack("<I", HEIGHT + 5)[:3]
    chunks = b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in ((b"VP8X", canvas), (b"ANIM", bytes(6)), (b"ANMF", body))
    )
    as_pillow("webp-animated-alpha-offset.webp", b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks)


def gifs():
    picture = Image.fromarray(scene()).quantize(40)
    as_pillow("gif-still.gif", encoded(picture, "gif", interlace=0))
    as_pillow("gif-interlaced.gif", encoded(picture, "gif", interlace=1))
    as_pillow("gif-alpha.gif", encoded(picture, "gif", transparency=3))
    noise = Image.fromarray(random.integers(0, 256, (90, 90), dtype=np.uint8))
    as_pillow("gif-noise.gif", encoded(noise, "gif"))
    frames = [Image.fromarray(np.roll(scene(), i, 1)).quantize(16) for i in range(3)]
    as_pillow("gif-animated.gif", encoded(frames[0], "gif", save_all=True, append_images=frames[1:]))
    gif = encoded(picture, "gif", interlace=0)
    larger = gif[:6] + struct.pack("<HH", WIDTH + 6, HEIGHT + 4) + gif[10:]
    at = larger.index(b"\x2c\0\0\0\0" + struct.pack("<HH", WIDTH, HEIGHT))
    as_pillow("gif-offset.gif", larger[: at + 1] + struct.pack("<HH", 2, 3) + larger[at + 5 :])
    as_pillow("gif-offset-alpha.gif", bytes(gif_with_transparency(larger, at)))
    (HERE / "refused-cut.gif").write_bytes(gif[:-30])
    colours = random.integers(0, 256, (4, 3), dtype=np.uint8)
    entries = random.integers(0, 7, (HEIGHT, WIDTH), dtype=np.uint8)
    shown = np.vstack([colours, np.zeros((3, 3), np.uint8)])[entries]
    save("gif-index-beyond.gif", gif_of_codes(entries.reshape(-1), colours), opaque(shown))
    (HERE / "refused-cut-codes.gif").write_bytes(gif_of_codes(entries.reshape(-1)[:300], colours))


def gif_with_transparency(gif, at):
    return gif[:at] + b"\x21\xf9\x04\x01\0\0\x05\0" + gif[at:]


def gif_of_codes(entries, colours):
    """A GIF of four colours with uncompressed nine-bit codes, one per pixel, and an end code."""
    codes = [code for i, entry in enumerate(entries) for code in ([256] * (i % 200 == 0) + [int(entry)])] + [257]
    bits = np.array([code >> bit & 1 for code in codes for bit in range(9)], np.uint8)
    data = np.packbits(bits, bitorder="little").tobytes()
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    size = struct.pack("<HH", WIDTH, HEIGHT)
    return b"GIF89a" + size + b"\x81\0\0" + colours.tobytes() + b"\x2c\0\0\0\0" + size + b"\0\x08" + blocks + b"\0\x3b"


def bmp(depth, rows, compression=0, palette=b"", masks=b"", header=40, height=HEIGHT):
    offset = 14 + max(header, 40 + len(masks)) + len(palette)
    info = struct.pack(
        "<IiiHHIIiiII", header, WIDTH, height, 1, depth, compression, len(rows), 0, 0, len(palette) // 4, 0
    )
    info += masks + bytes(max(0, header - 40 - len(masks)))
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + palette + rows


def padded(rows):
    return b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in rows)


def bmps():
    colours = scene()
    alpha = np.where(disc(), 255, 0).astype(np.uint8)
    as_pillow("bmp-24.bmp", encoded(Image.fromarray(colours), "bmp"))
    as_pillow("bmp-8.bmp", encoded(Image.fromarray(colours).quantize(77), "bmp"))
    as_pillow("bmp-1.bmp", encoded(Image.fromarray(disc()), "bmp"))
    bgra = np.dstack([colours[..., ::-1], alpha])
    as_pillow("bmp-32-padding.bmp", bmp(32, padded(bgra[::-1])))
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    as_pillow("bmp-32-alpha.bmp", bmp(32, padded(bgra[::-1]), 3, masks=masks, header=108))
    as_pillow("bmp-32-top-down.bmp", bmp(32, padded(bgra), 3, masks=masks[:12], height=-HEIGHT))
    small = colours.astype(np.uint16) >> 3
    fifteen = small[..., 0] << 10 | small[..., 1] << 5 | small[..., 2]
    as_pillow("bmp-16.bmp", bmp(16, padded(fifteen[::-1])))
    sixteen = small[..., 0] << 11 | colours[..., 1].astype(np.uint16) >> 2 << 5 | small[..., 2]
    as_pillow("bmp-16-fields.bmp", bmp(16, padded(sixteen[::-1]), 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
    palette = random.integers(0, 256, (16, 4), dtype=np.uint8).tobytes()
    entries = (np.mgrid[:HEIGHT, :WIDTH][1] // 3 + np.arange(HEIGHT)[:, None] // 5).astype(np.uint8) % 16
    as_pillow("bmp-4.bmp", bmp(4, padded([np.packbits(nibbles(row)) for row in entries[::-1]]), palette=palette))
    as_pillow("bmp-runs-8.bmp", bmp(8, runs(entries[::-1], 1), 1, palette=palette))
    as_pillow("bmp-runs-4.bmp", bmp(4, runs(entries[::-1], 17), 2, palette=palette))
    # Pillow 12.1 reads a jump's two bytes twice.
    jumped = entries.copy()
    jumped[-5] = 0
    colours = np.frombuffer(palette, np.uint8).reshape(16, 4)[:, 2::-1][jumped]
    save("bmp-runs-jump.bmp", bmp(8, runs(entries[::-1], 1, jump=4), 1, palette=palette), opaque(colours))
    (HERE / "refused-cut.bmp").write_bytes(encoded(Image.fromarray(scene()), "bmp")[:-9])


def nibbles(row):
    even = np.append(row, np.zeros(len(row) % 2, np.uint8))
    return np.unpackbits(even[:, None], axis=1)[:, 4:].reshape(-1)


def runs(rows, factor, jump=None):
    """Rows as runs of three pixels; the second row in absolute mode, row `jump` skipped."""
    out = b""
    for i, row in enumerate(rows):
        if i == jump:
            out += b"\0\2\0\1"
            continue
        if i == 1 and factor == 1:
            out += b"\0" + bytes([len(row)]) + row.tobytes() + bytes(len(row) % 2)
        else:
            for start in range(0, len(row), 3):
                out += bytes([min(3, len(row) - start), int(row[start]) * factor])
        out += b"\0\0"
    return out + b"\0\1"


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def shortened(file):
    """The TIFF of one strip with its declared length halved."""
    start = struct.unpack_from("<I", file, 4)[0]
    for at in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", file, start)[0], 12):
        tag, _, count, value = struct.unpack_from("<HHII", file, at)
        if tag == 279 and count == 1:
            return file[: at + 8] + struct.pack("<I", value // 2) + file[at + 12 :]
    raise ValueError("no single strip")


def tiffs():
    colours, alpha = scene(), np.clip(np.mgrid[:HEIGHT, :WIDTH][1] * 9, 0, 255).astype(np.uint8)
    rgb, gray, bits = Image.fromarray(colours), Image.fromarray(colours).convert("L"), Image.fromarray(disc())
    for compression in ("group3", "group4", "tiff_ccitt", "tiff_lzw", "packbits"):
        as_pillow(f"tiff-1-{compression}.tiff", encoded(bits, "tiff", compression=compression))
    for kind, picture in (("rgb", rgb), ("gray", gray), ("cmyk", rgb.convert("CMYK"))):
        as_pillow(f"tiff-{kind}-jpeg.tiff", encoded(picture, "tiff", compression="jpeg"))
    as_pillow(
        "tiff-ycbcr-jpeg.tiff",
        tiff(colours, photometric="ycbcr", subsampling=(2, 2), compression="jpeg", rowsperstrip=16),
    )
    as_pillow("tiff-tiles-jpeg.tiff", tiff(colours, photometric="rgb", compression="jpeg", tile=(16, 16)))
    as_pillow("tiff-cmyk-lzw.tiff", encoded(rgb.convert("CMYK"), "tiff", compression="tiff_lzw"))
    as_pillow("tiff-white-is-zero.tiff", tiff(colours[..., 0], photometric="miniswhite", compression="lzw"))
    both = np.dstack([colours, alpha])
    as_pillow("tiff-rgba-premultiplied.tiff", tiff(both, photometric="rgb", extrasamples=["assocalpha"]))
    deep = both.astype(np.uint16) * 257
    as_pillow("tiff-rgba-premultiplied-16.tiff", tiff(deep, photometric="rgb", extrasamples=["assocalpha"]))
    as_pillow("tiff-unknown-sample.tiff", tiff(both, photometric="rgb", extrasamples=["unspecified"]))
    save(
        "tiff-big.tiff",
        tiff(colours, photometric="rgb", bigtiff=True, compression="zlib", predictor=True),
        opaque(colours),
    )
    planar = np.ascontiguousarray(both.transpose(2, 0, 1))
    options = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["unassalpha"]}
    for tile in (None, (16, 16)):
        name = f"tiff-rgba-planar-{'tiles' if tile else 'strips'}.tiff"
        save(name, tiff(planar, compression="lzw", tile=tile, **options), both)
    for depth in (2, 4, 10, 12, 14):
        levels = random.integers(0, 1 << depth, (HEIGHT, WIDTH))
        samples = levels.astype(np.uint8 if depth < 8 else np.uint16)
        value = levels >> (depth - 8) if depth > 8 else levels * 255 // ((1 << depth) - 1)
        save(
            f"tiff-gray-{depth}.tiff",
            tiff(samples, bitspersample=depth),
            opaque(np.dstack([value] * 3).astype(np.uint8)),
        )
    (HERE / "refused-float.tiff").write_bytes(tiff(random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)))
    (HERE / "refused-cut.tiff").write_bytes(tiff(colours, photometric="rgb")[:-40])
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        (HERE / f"refused-cut-{compression}.tiff").write_bytes(shortened(encoded(rgb, "tiff", compression=compression)))


def pngs():
    """Files that libpng only warns about."""
    colours = scene()
    entries = random.integers(0, 4, (HEIGHT, WIDTH, 1))
    palette = np.array([[150, 140, 120], [200, 30, 30], [30, 60, 200], [0, 0, 0]], np.uint8)
    beyond = png(entries, 8, 3, before=chunk(b"PLTE", palette[:3].tobytes()))
    save("png-index-beyond.png", beyond, opaque(palette[entries[..., 0]]))
    wrong = bytearray(chunk(b"tEXt", b"Comment\0text"))
    wrong[-1] ^= 1
    save("png-wrong-text.png", png(colours, 8, 2, before=bytes(wrong)), opaque(colours))
    whole = png(colours, 8, 2)
    save("png-without-end.png", whole[:-12], opaque(colours))
    save("png-endless-text.png", whole[:-12] + struct.pack(">I", 1 << 30) + b"tEXtComment", opaque(colours))
    long = png(colours, 8, 2, before=chunk(b"tRNS", struct.pack(">HHHH", *colours[0, 0].tolist(), 7)))
    save("png-long-trns.png", long, np.dstack([colours, np.where((colours == colours[0, 0]).all(-1), 0, 255)]))
    (HERE / "refused-cut.png").write_bytes(whole[:-30])


if __name__ == "__main__":
    for make in (jpegs, webps, gifs, bmps, tiffs, pngs):
        make()
