"""The focal window and the eight channels."""

import numpy as np
import pytest
from PIL import Image

from dam_mini.focal import LEVELS, FocalWindow, focal_window, pixel_bytes


def mask_of(h: int, w: int, *points: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((h, w), bool)
    for y, x in points:
        mask[y, x] = True
    return mask


def test_one_pixel_in_the_corner_gives_a_clipped_window() -> None:
    assert focal_window(mask_of(300, 400, (0, 0))) == FocalWindow(0, 0, 73, 73)


def test_one_pixel_in_the_middle_gives_the_minimum_three_times() -> None:
    assert focal_window(mask_of(300, 400, (150, 200))) == FocalWindow(128, 78, 272, 222)


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        focal_window(np.zeros((8, 8), bool))


def test_the_channels_are_picture_mask_crop_and_crop_mask() -> None:
    picture = Image.new("RGB", (200, 100), (10, 20, 30))
    mask = np.zeros((100, 200), bool)
    mask[40:60, 90:110] = True
    planes = pixel_bytes(picture, mask, 24)
    assert planes.shape == (8, 24, 24) and planes.dtype == np.uint8
    assert (planes[:3, 0, 0] == (10, 20, 30)).all() and (planes[4:7, 0, 0] == (10, 20, 30)).all()
    assert planes[3].max() > 200 and planes[7].astype(int).sum() > planes[3].astype(int).sum()


def test_values_are_rounded_to_half_precision() -> None:
    assert LEVELS[0] == -1 and LEVELS[255] == 1
    assert (LEVELS.astype(np.float16) == LEVELS).all()
