"""The generator: the same seed draws the same scene, and masks are what can be seen."""

import random

import numpy as np
from conftest import needs_art
from PIL import Image

from dam_mini import (
    answers,
    art,
    backgrounds,
    clip,
    drawn_mask,
    example,
    facts,
    focal,
    palette,
    scene as scenes,
    shapes,
    thing as things,
    vocabulary,
)

pytestmark = needs_art


def test_a_seed_draws_the_same_scene_twice() -> None:
    for draw in (scenes.ordinary, scenes.card, scenes.nested, scenes.halves):
        one, two = draw(random.Random(5)), draw(random.Random(5))
        assert one.picture.tobytes() == two.picture.tobytes()
        assert [t.phrase for t in one.things] == [t.phrase for t in two.things]


def test_masks_of_one_scene_never_overlap() -> None:
    for seed in range(25):
        scene = scenes.ordinary(random.Random(seed))
        assert np.sum([t.mask.astype(int) for t in scene.things], axis=0).max() <= 1


def test_a_mask_covers_what_changed_in_the_picture() -> None:
    rng = random.Random(3)
    for _ in range(10):
        c = clip.draw_clip(rng, motion="right")
        first, last = np.asarray(c.pictures[0]).astype(int), np.asarray(c.pictures[-1]).astype(int)
        changed = np.abs(first - last).sum(-1) > 60
        either = c.masks[0] | c.masks[-1]
        assert (changed & either).sum() > 0.5 * (c.masks[0] ^ c.masks[-1]).sum() * 0.5


def test_drawn_masks_lie_on_the_thing() -> None:
    rng = random.Random(4)
    for style in drawn_mask.STYLES:
        scene = scenes.ordinary(rng, most=1)
        exact = scene.things[0].mask
        drawn = drawn_mask.draw_mask(exact, rng, True, style)
        assert (drawn & exact).sum() > 0.2 * drawn.sum(), style
        assert drawn.any()


def test_two_halves_share_their_box_and_every_byte_of_the_crop() -> None:
    for draw in (scenes.nested, scenes.halves):
        for seed in range(8):
            scene = draw(random.Random(seed))
            one, two = (focal.focal_window(t.mask) for t in scene.things)
            assert max(abs(a - b) for a, b in zip(vars(one).values(), vars(two).values(), strict=True)) <= 4


def test_the_card_makes_the_crop_independent_of_the_ground() -> None:
    crops = []
    for ground in ("meadow", "brick wall"):
        scene = scenes.card(random.Random(11), True, ground)
        crops.append(focal.pixel_bytes(scene.picture, scene.things[0].mask, 48)[4:])
    assert (crops[0] == crops[1]).all()


def test_training_never_shows_held_out_combinations() -> None:
    rng = random.Random(6)
    for _ in range(2000):
        t = things.draw_lots(rng, True)
        assert (t.name, t.colour, t.texture) not in things.held_out()


def test_training_paints_shapes_in_any_shade_and_says_what_it_is_called() -> None:
    rng = random.Random(2)
    shapes_ = [t for t in (things.draw_lots(rng, True) for _ in range(2000)) if t.kind == "shape"]
    painted = [t for t in shapes_ if t.paint]
    assert 0.25 < len(painted) / len(shapes_) < 0.45
    for t in painted:
        assert palette.NAMES[int(palette.classify(np.array(t.paint)))] == t.colour
    assert {palette.any_shade(rng)[0] for _ in range(3000)} == set(palette.NAMES)
    assert any(t.shade for t in shapes_)
    assert not any(t.paint or t.shade for t in (things.draw_lots(rng, False) for _ in range(500)))


def test_light_from_one_side_leaves_the_middle_as_it_was() -> None:
    tile = Image.new("RGB", (41, 41), (100, 150, 60))
    lit = np.asarray(shapes.shade(tile, 0.3, random.Random(1))).astype(int)
    assert abs(lit[20, 20] - (100, 150, 60)).max() <= 1
    light = lit[..., 1] / 150
    assert 0.2 < light.max() - light.min() < 0.5


def test_a_clip_moves_the_way_it_says() -> None:
    rng = random.Random(8)
    for motion in facts.MOTIONS:
        c = clip.draw_clip(rng, motion=motion)
        (x0, y0), (x1, y1) = ((np.argwhere(m).mean(0)[::-1]) for m in (c.masks[0], c.masks[-1]))
        moved = {"left": x0 - x1, "right": x1 - x0, "up": y0 - y1, "down": y1 - y0}
        if motion in moved:
            assert moved[motion] > 20
        if motion == "approaching":
            assert c.masks[-1].sum() > 2 * c.masks[0].sum()


def test_each_thing_has_one_centre_and_letters_lie_in_the_middle() -> None:
    rng, lettered = random.Random(3), 0
    for _ in range(120):
        scene = scenes.ordinary(rng)
        names, colours, textures, centres, letters = example.patch_labels(scene, scene.things[0].mask, 16)[0]
        assert names.shape == colours.shape == textures.shape == (256,)
        columns = {(int(t.centre[1] * 16 / scene.size[1]), int(t.centre[0] * 16 / scene.size[0])) for t in scene.things}
        assert {divmod(int(k), 16) for k in np.flatnonzero(centres)} == columns
        seen = {example.PATCH_LETTERS[k] for k in letters} - {""}
        assert seen <= {t.letter for t in scene.things}
        for t in scene.things:
            if t.letter and t.size == "large" and all(o is t or not o.letter for o in scene.things):
                lettered += 1
                assert seen == {t.letter}
                patches = int(np.count_nonzero(names == example.PATCH_NAMES.index(t.name)))
                share = int(np.count_nonzero(letters)) / max(1, patches)
                assert 0.1 < share < 0.7
    assert lettered >= 3


def test_training_turns_hues_and_things_and_evaluation_does_not() -> None:
    rng = random.Random(4)
    drawn = [t for _ in range(150) for t in scenes.ordinary(rng).things if t.kind != "shape"]
    kept = [t for _ in range(60) for t in scenes.ordinary(rng, training=False).things if t.kind != "shape"]
    assert {bool(t.hue) for t in drawn} == {bool(t.turn) for t in drawn} == {True, False}
    assert not any(t.hue or t.turn for t in kept)
    apple = vocabulary.THINGS["apple"]
    assert art.tinted(apple, "noto", 0) is art.sprites(apple)["noto"]
    assert (art.tinted(apple, "noto", 0).colour, art.tinted(apple, "noto", 120).colour) == ("red", "green")


def test_training_draws_things_in_other_manners_and_on_other_grounds() -> None:
    rng = random.Random(9)
    drawn = [scenes.ordinary(rng) for _ in range(120)]
    emoji = [t for s in drawn for t in s.things if t.kind != "shape"]
    restyled = [t for t in emoji if t.sprite]
    assert 0.15 < len(restyled) / len(emoji) < 0.45
    assert all(t.colour == art.colour_of(t.sprite) for t in restyled if t.sprite)
    assert 0.1 < sum(s.background == backgrounds.UNKNOWN for s in drawn) / len(drawn) < 0.32
    kept = [scenes.ordinary(rng, training=False) for _ in range(20)]
    assert all(s.background for s in kept) and not any(t.sprite for s in kept for t in s.things)


def test_a_region_of_a_photograph_has_a_colour_and_a_place_but_no_name() -> None:
    rng = random.Random(10)
    for _ in range(10):
        scene = scenes.photographed(rng)
        for t in scene.things:
            f = facts.facts_of(scene, t)
            assert (f.kind, f.background, f.count) == ("unknown", "", 0) and f.colour and f.position
            text = answers.detail(f, rng)
            assert "recognise" in text and "picture" in text


def test_brightness_and_size_are_compared_only_where_it_is_plain() -> None:
    ground = Image.new("RGB", (200, 200), (90, 90, 90))
    scene = scenes.Scene(ground, "meadow")
    for side, grey, at in ((60, 250, (5, 5)), (30, 100, (120, 120))):
        tile = Image.new("RGBA", (side, side), (grey, grey, grey, 255))
        scenes.place(scene, things.Thing("shape", "square", "small", 0.2, "grey", "plain"), tile, *at)
    scenes.finish(scene, random.Random(1), clean=True)
    large, small = (facts.facts_of(scene, t) for t in scene.things)
    assert (large.brightness, small.brightness) == ("brighter", "")
    assert (large.largest, small.largest) == ("yes", "no")
    assert facts.compared(30, 60) == "smaller" and facts.compared(60, 58) == ""


def test_some_unknown_things_are_crossed_from_two_known_ones() -> None:
    rng = random.Random(12)
    lots = [things.draw_lots(rng, True) for _ in range(1500)]
    unknown = [t for t in lots if t.kind == "unknown"]
    crossed = [t for t in unknown if not t.code]
    assert 0.2 < len(crossed) / len(unknown) < 0.5 and all(t.name == things.UNKNOWN_NAME for t in crossed)
    assert all(t.sprite and np.asarray(t.sprite)[..., 3].max() > 110 for t in crossed)
    assert all(t.code for t in (things.draw_lots(rng, False) for _ in range(500)) if t.kind == "unknown")
