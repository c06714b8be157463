"""Draws the pictures of docs/regions.md: the sample picture as a JPEG, a mask for it, and each form of a region on it.

    pip install pillow
    python docs/regions/draw.py

The numbers are those of the document's examples.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance

HERE = Path(__file__).parent
BOX = (460, 34, 596, 170)
POLYGON = (320, 316, 348, 352, 360, 396, 398, 436, 380, 462, 340, 452, 288, 470, 264, 444, 276, 396, 304, 384, 306, 334)
SCRIBBLE = [(90, 130), (150, 90), (190, 150), (120, 180), (205, 205)]
PEN = 36
RLE_ROWS, RLE_COLUMNS = (345, 426), (514, 566)
INK = (20, 90, 255)
YELLOW = (255, 225, 60)

Ink = int | tuple[int, int, int]


def clock(draw: ImageDraw.ImageDraw, fill: Ink) -> None:
    draw.ellipse((324, 208, 393, 277), fill=fill)
    draw.ellipse((323, 198, 353, 222), fill=fill)
    draw.ellipse((364, 198, 394, 222), fill=fill)


def overlay(picture: Image.Image, name: str, paint, outline) -> None:
    """The region in its colours, the rest dimmed, and the outline in blue."""
    mask = Image.new("L", picture.size, 0)
    paint(ImageDraw.Draw(mask))
    dim = ImageEnhance.Brightness(ImageEnhance.Color(picture).enhance(0.4)).enhance(0.6)
    shown = Image.composite(picture, dim, mask)
    outline(ImageDraw.Draw(shown))
    shown.resize((320, 240), Image.Resampling.LANCZOS).save(HERE / f"{name}.jpg", quality=84, optimize=True)


def strokes(draw: ImageDraw.ImageDraw, fill: Ink, width: int) -> None:
    draw.line(SCRIBBLE, fill=fill, width=width, joint="curve")
    for x, y in SCRIBBLE:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=fill)


def main() -> None:
    picture = Image.open(HERE.parent / "sample" / "sample.png").convert("RGB")
    picture.save(HERE / "table.jpg", quality=90, optimize=True)
    mask = Image.new("L", picture.size, 0)
    clock(ImageDraw.Draw(mask), 255)
    mask.convert("1").save(HERE / "clock.png", optimize=True)

    (top, bottom), (left, right) = RLE_ROWS, RLE_COLUMNS
    block = (left, top, right - 1, bottom - 1)
    overlay(picture, "box", lambda d: d.rectangle(BOX, fill=255), lambda d: d.rectangle(BOX, outline=INK, width=5))
    overlay(
        picture,
        "polygon",
        lambda d: d.polygon(POLYGON, fill=255),
        lambda d: d.line(POLYGON + POLYGON[:2], fill=INK, width=5, joint="curve"),
    )
    overlay(
        picture,
        "rle",
        lambda d: d.rectangle(block, fill=255),
        lambda d: [d.line((x, top, x, bottom - 1), fill=YELLOW, width=1) for x in range(left, right + 1, 5)],
    )
    overlay(picture, "scribble", lambda d: strokes(d, 255, PEN), lambda d: strokes(d, INK, 6))
    overlay(picture, "mask", lambda d: clock(d, 255), lambda d: None)


if __name__ == "__main__":
    main()
