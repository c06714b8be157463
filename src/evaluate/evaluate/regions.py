"""Regions of pictures: masks from annotations, and the RGBA PNG that carries both."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from .problem import Problem

Mask = NDArray[np.uint8]
"""[height, width], 1 inside."""


@dataclass(frozen=True)
class Region:
    """A region of a picture file. The mask is made from `segmentation` or `boxes` when it is needed."""

    id: str
    picture: Path
    segmentation: Any = None
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    """x, y, width, height; filled."""

    def png(self) -> str:
        """The picture with the mask in its alpha channel, as a data URL."""
        try:
            with Image.open(self.picture) as opened:
                image = opened.convert("RGB")
        except FileNotFoundError as error:
            raise Problem(f"region {self.id}: there is no picture {self.picture}") from error
        except OSError as error:
            raise Problem(f"region {self.id}: {self.picture} is not a picture that can be read") from error
        mask = self.mask(image.height, image.width)
        if not mask.any():
            raise Problem(f"region {self.id}: its mask is empty")
        image.putalpha(Image.fromarray(mask * 255))
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"

    def mask(self, height: int, width: int) -> Mask:
        if self.segmentation is None:
            return filled(self.boxes, height, width)
        try:
            mask = decoded(self.segmentation, height, width)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise Problem(f"region {self.id}: its segmentation is neither polygons nor run lengths") from error
        if mask.shape != (height, width):
            raise Problem(
                f"region {self.id}: its mask is {mask.shape[1]} x {mask.shape[0]}, "
                f"its picture {self.picture} {width} x {height}"
            )
        return mask


def decoded(segmentation: Any, height: int, width: int) -> Mask:
    """The mask of COCO polygons, run lengths, or compressed run lengths."""
    if isinstance(segmentation, dict):
        counts = segmentation["counts"]
        lengths = segmentation if isinstance(counts, str | bytes) else coco.frPyObjects(segmentation, height, width)
    elif segmentation and isinstance(segmentation[0], dict):
        lengths = coco.merge(segmentation)
    else:
        polygons = [segmentation] if segmentation and not isinstance(segmentation[0], list) else segmentation
        lengths = coco.merge(coco.frPyObjects(polygons, height, width))
    mask: Mask = coco.decode(lengths)
    return mask


def filled(boxes: Sequence[tuple[int, int, int, int]], height: int, width: int) -> Mask:
    mask: Mask = np.zeros((height, width), np.uint8)
    for x, y, w, h in boxes:
        mask[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = 1
    return mask


def find_picture(name: str, folders: Sequence[Path]) -> Path:
    """The file of that name, in a folder, or by its last part; the first place if there is none."""
    places = [folder / part for folder in folders for part in dict.fromkeys((name, Path(name).name))]
    return next((place for place in places if place.is_file()), places[0])
