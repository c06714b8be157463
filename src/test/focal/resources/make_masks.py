"""Makes mask pictures in every way that tools write them, and pictures in all eight orientations.

    pip install 'pillow>=11,<12.2' numpy tifffile
    python make_masks.py

`mask-*` has `NAME.mask` beside it, one byte per pixel: 1 inside. `refused-mask-*` is ambiguous. `turned-N.*` has
orientation N, and beside it the pixels that Pillow's `exif_transpose` gives.
"""

import io

import numpy as np
import tifffile
from make_pictures import HERE, chunk, png, save
from PIL import Image, ImageOps

WIDTH, HEIGHT = 20, 12
random = np.random.default_rng(31)
y, x = np.mgrid[:HEIGHT, :WIDTH]
INSIDE = (x - 12) ** 2 + (y - 5) ** 2 < 20
WHITE, BLACK, RED, GREEN = (255, 255, 255), (0, 0, 0), (220, 30, 40), (20, 200, 90)


def mask(name, data, inside=INSIDE):
    (HERE / f"mask-{name}").write_bytes(data)
    (HERE / f"mask-{name}").with_suffix(".mask").write_bytes(inside.astype(np.uint8).tobytes())


def refused(name, data):
    (HERE / f"refused-mask-{name}").write_bytes(data)


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def palette(colours, entries=INSIDE, alphas=None, depth=8):
    before = chunk(b"PLTE", np.array(colours, np.uint8).tobytes())
    if alphas is not None:
        before += chunk(b"tRNS", bytes(alphas))
    return png(entries.astype(int)[..., None], depth, 3, before=before)


def grays():
    mask("gray-1.png", png(INSIDE.astype(int)[..., None], 1, 0))
    mask("gray-1-of-255.png", encoded(Image.fromarray(INSIDE.astype(np.uint8)), "png"))
    mask("gray-255.png", encoded(Image.fromarray(255 * INSIDE.astype(np.uint8)), "png"))
    mask("gray-16.png", png(INSIDE.astype(int)[..., None], 16, 0))
    mask("rgb.png", encoded(Image.fromarray(np.where(INSIDE[..., None], RED, BLACK).astype(np.uint8)), "png"))
    mask("lossless.webp", encoded(Image.fromarray(255 * INSIDE.astype(np.uint8)).convert("RGB"), "webp", lossless=True))


def tiffs():
    for photometric in ("miniswhite", "minisblack"):
        mask(f"{photometric}-1.tiff", tiff(INSIDE, photometric=photometric))
        mask(f"{photometric}-8.tiff", tiff(255 * INSIDE.astype(np.uint8), photometric=photometric, compression="lzw"))
        mask(f"{photometric}-16.tiff", tiff(INSIDE.astype(np.uint16), photometric=photometric))
    labels = np.where(INSIDE, 1 + x // 4, 0)
    for kind in ("int8", "int16", "int32", "uint32", "float16", "float32", "float64"):
        mask(f"label-{kind}.tiff", tiff(labels.astype(kind), compression="zlib", predictor=True))
    mask("negative.tiff", tiff(np.where(INSIDE, -1, 0).astype(np.int32)))
    mask("fraction.tiff", tiff(np.where(INSIDE, 0.001, 0).astype(np.float32)))
    refused("nan.tiff", tiff(np.where(INSIDE, np.nan, 0).astype(np.float32)))
    for compression in ("group3", "group4"):
        white = Image.fromarray(INSIDE)
        # Pillow writes black as 0.
        mask(f"{compression}.tiff", encoded(white, "tiff", compression=compression))
    colours = np.zeros((256, 3), int)
    colours[1] = [65535] * 3
    entries = INSIDE.astype(np.uint8)
    mask("palette-black-white.tiff", tiff(entries, photometric="palette", colormap=colours.T.astype(np.uint16)))
    swapped = colours[[1, 0, *range(2, 256)]].T.astype(np.uint16)
    refused("palette-white-black.tiff", tiff(1 - entries, photometric="palette", colormap=swapped))
    colours[0], colours[1] = (60000, 10, 10), (10, 60000, 10)
    mask("palette-red-green.tiff", tiff(entries, photometric="palette", colormap=colours.T.astype(np.uint16)))
    refused("cmyk.tiff", encoded(Image.fromarray(entries).convert("CMYK"), "tiff"))


def palettes():
    mask("palette-black-white.png", palette([BLACK, WHITE]))
    mask("palette-white-black.png", palette([WHITE, BLACK], ~INSIDE))
    mask("palette-white-black-1.png", palette([WHITE, BLACK], ~INSIDE, depth=1))
    mask("palette-unused-entries.png", palette([RED, GREEN, BLACK, WHITE], 2 + INSIDE))
    mask("palette-red-green.png", palette([RED, GREEN]))
    mask("palette-white-red.png", palette([WHITE, RED]))
    mask("palette-labels.png", palette([BLACK, RED, GREEN, WHITE], np.where(INSIDE, 1 + x % 3, 0)))
    mask("palette-labels-black-too.png", palette([(9, 9, 9), BLACK, (5, 5, 5)], np.where(INSIDE, 1 + x % 2, 0)))
    mask("palette-all-black.png", palette([BLACK, BLACK]))
    mask("palette-beyond.png", palette([BLACK], INSIDE * 3))
    refused("palette-red-black.png", palette([RED, BLACK]))
    refused("palette-first-unused.png", palette([WHITE, BLACK, RED], 1 + INSIDE))
    mask("palette-transparent.png", palette([BLACK, RED, GREEN], np.where(INSIDE, 1, 2), [255, 255, 0]))
    mask("palette-black-alpha.png", palette([BLACK, BLACK], ~INSIDE, [255, 0]))
    refused("palette-all-transparent.png", palette([BLACK, WHITE], INSIDE, [0, 0]))
    mask("still.gif", encoded(Image.fromarray(255 * INSIDE.astype(np.uint8)), "gif"))
    mask("1.bmp", encoded(Image.fromarray(INSIDE), "bmp"))
    mask("24.bmp", encoded(Image.fromarray(np.where(INSIDE[..., None], WHITE, BLACK).astype(np.uint8)), "bmp"))


def alphas():
    def rgba(inside, outside):
        return encoded(Image.fromarray(np.where(INSIDE[..., None], inside, outside).astype(np.uint8)), "png")

    mask("black-alpha.png", rgba((*BLACK, 255), (*BLACK, 0)))
    mask("black-feather.png", rgba((*BLACK, 1), (*BLACK, 0)))
    mask("black-on-hidden-white.png", rgba((*BLACK, 255), (*WHITE, 0)))
    mask("white-alpha.png", rgba((*WHITE, 255), (*BLACK, 0)))
    mask("white-hidden-white.png", rgba((*WHITE, 255), (*WHITE, 0)))
    mask("opaque.png", rgba((*RED, 255), (*BLACK, 255)))
    mask(
        "alpha.webp",
        encoded(Image.open(io.BytesIO(rgba((*BLACK, 255), (*BLACK, 0)))), "webp", lossless=True, exact=True),
    )
    border = np.where((x < 2)[..., None], (*WHITE, 0), np.where(INSIDE[..., None], (*WHITE, 255), (*BLACK, 255)))
    mask("colours-and-border.png", encoded(Image.fromarray(border.astype(np.uint8)), "png"), INSIDE & (x >= 2))
    refused("all-transparent.png", rgba((*WHITE, 0), (*BLACK, 0)))
    mask("nothing.png", rgba((*BLACK, 255), (*BLACK, 255)), INSIDE & False)
    mask("nothing-transparent.png", rgba((*BLACK, 0), (*BLACK, 0)), INSIDE & False)


def turned():
    picture = Image.fromarray(random.integers(0, 256, (7, 11, 3), dtype=np.uint8)).resize((22, 14))
    bits = Image.fromarray(INSIDE)
    for value in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = value
        for kind in ("jpg", "png", "webp", "tiff"):
            options = {"lossless": True} if kind == "webp" else {"tiffinfo": {274: value}} if kind == "tiff" else {}
            data = encoded(
                picture, kind.replace("jpg", "jpeg"), **(options if kind == "tiff" else options | {"exif": exif})
            )
            stored = Image.open(io.BytesIO(data))
            assert kind == "tiff" or stored.size == picture.size
            shown = ImageOps.exif_transpose(stored)
            assert shown.size == (picture.size if value < 5 else picture.size[::-1])
            save(f"turned-{value}.{kind}", data, np.asarray(shown.convert("RGBA")))
            (HERE / f"turned-{value}.rgba").rename(HERE / f"turned-{value}-{kind}.rgba")
        mask_shown = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(bits, "png", exif=exif))))
        (HERE / f"turned-mask-{value}.png").write_bytes(encoded(bits, "png", exif=exif))
        (HERE / f"turned-mask-{value}.mask").write_bytes(np.asarray(mask_shown).astype(np.uint8).tobytes())


if __name__ == "__main__":
    for make in (grays, tiffs, palettes, alphas, turned):
        make()
