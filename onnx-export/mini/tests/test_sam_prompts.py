"""Clicks, boxes, scenes and clips that the segmenter is trained on, and how it is measured. Needs no torch."""

import random

import numpy as np
import pytest
from conftest import needs_art

from sam_mini import case as cases, clicks, clips, pictures, rle


@pytest.fixture()
def disc() -> np.ndarray:
    y, x = np.mgrid[:256, :256]
    return (x - 90) ** 2 + (y - 130) ** 2 < 40**2


@pytest.mark.parametrize("kind", clicks.MARKS)
def test_first_prompts_end_with_the_token_that_says_so(disc: np.ndarray, kind: str) -> None:
    for seed in range(30):
        points, labels = clicks.first_prompt(disc, random.Random(seed), kind)
        count = int(np.flatnonzero(labels == clicks.NO_POINT)[0])
        assert (labels[:count] >= 0).all()
        assert (labels[count + 1 :] == clicks.SURPLUS).all()
        assert len(labels) - count > 2, "there is room for two corrections"
        for (x, y), label in zip(points[:count], labels[:count], strict=True):
            if label == clicks.IN:
                assert disc[int(y), int(x)]


def test_a_prompt_by_mask_has_two_tokens_without_a_point(disc: np.ndarray) -> None:
    _, labels = clicks.first_prompt(disc, random.Random(1), "mask")
    assert labels.tolist() == [clicks.NO_POINT] * 2 + [clicks.SURPLUS] * (clicks.PLACES - 2)


def test_a_box_is_that_of_the_mask_and_a_loose_one_is_near_it(disc: np.ndarray) -> None:
    assert clicks.box(disc) == (51.0, 91.0, 130.0, 170.0)
    for seed in range(30):
        loose = clicks.loose_box(disc, random.Random(seed))
        assert np.abs(np.array(loose) - clicks.box(disc)).max() <= 0.1 * 79


def test_the_middle_is_far_from_the_edge_even_in_a_corner(disc: np.ndarray) -> None:
    assert clicks.middle(disc) == (90.0, 130.0)
    corner = np.zeros((40, 60), bool)
    corner[:21, :21] = True
    assert clicks.middle(corner) == (10.0, 10.0)


def test_the_next_click_is_in_what_is_missing_or_too_much(disc: np.ndarray) -> None:
    first = cases.next_click(disc, None)
    assert first == cases.Click(90.0, 130.0, True)
    half = disc.copy()
    half[:, 90:] = False
    missing = cases.next_click(disc, half)
    assert missing.inside and missing.x > 90
    more = disc.copy()
    more[200:230, 200:230] = True
    extra = cases.next_click(disc, more)
    assert not extra.inside and 200 <= extra.x < 230 and 200 <= extra.y < 230


def test_the_ceiling_of_a_coarse_mask_is_itself(disc: np.ndarray) -> None:
    coarse = np.kron(np.random.default_rng(1).random((64, 64)) < 0.5, np.ones((4, 4))) > 0
    assert cases.overlap(coarse, cases.through_grid(coarse)) > 0.7
    assert cases.overlap(disc, cases.through_grid(disc)) > 0.98


def test_enlarging_is_bilinear_with_half_pixel_centres() -> None:
    assert cases.enlarged(np.array([[0.0, 4.0]] * 2), 2, 4)[0].tolist() == [0.0, 1.0, 3.0, 4.0]


def test_run_lengths_are_cocos() -> None:
    """As pycocotools writes them; the fourth run and later ones are differences."""
    wanted = np.zeros((5, 7), bool)
    wanted[1:4, 1:3] = wanted[2, 4] = wanted[:, 6] = True
    assert (rle.decoded({"size": [5, 7], "counts": "63206NO4"}) == wanted).all()


@needs_art
def test_samples_hold_the_thing_under_the_click() -> None:
    for seed in range(6):
        rng = random.Random(seed)
        drawn = pictures.drawn(rng, 0.5)
        made = pictures.sample(drawn.mirrored() if seed % 2 else drawn, rng, 4)
        assert made.pixels.shape == (3, 256, 256) and made.masks.shape == (4, 128, 128)
        for covered, points, labels in zip(made.masks, made.points, made.labels, strict=True):
            assert (covered > 127).sum() > 5
            for (x, y), label in zip(points, labels, strict=True):
                if label == clicks.IN:
                    assert covered[int(y) // 2, int(x) // 2] > 0


@needs_art
def test_mirrored_pictures_have_mirrored_masks() -> None:
    drawn = pictures.drawn(random.Random(2), 0.5)
    mirrored = drawn.mirrored()
    assert (mirrored.pixels[:, 7, 10] == drawn.pixels[:, 7, 245]).all()
    assert (mirrored.masks[0, :, :40] == drawn.masks[0, :, :-41:-1]).all()
    assert not (mirrored.masks == drawn.masks).all()


@needs_art
def test_things_in_clips_are_hidden_and_seen_again() -> None:
    hidden = 0
    for seed in range(40):
        made = clips.frames(random.Random(seed), 2)
        assert made.pixels.shape == (clips.LEARNED, 3, 256, 256)
        assert made.covered.shape == (clips.LEARNED, 2, 128, 128)
        assert (made.masks.sum((1, 2)) >= clips.LEAST).all(), "seen where it is marked"
        hidden += int((made.covered.max((2, 3)) == 0).any())
    assert 0 < hidden < 40


@needs_art
def test_evaluation_things_are_the_same_each_time() -> None:
    first, second = (list(cases.things(5, 3)) for _ in range(2))
    assert [it.mask.sum() for it in first] == [it.mask.sum() for it in second]
    assert all((a.mask == b.mask).all() for a, b in zip(first, second, strict=True))
