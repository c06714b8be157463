"""The schedule: kinds of steps and the learning rate."""

from dam_mini import schedule


def test_the_rate_rises_stays_and_falls() -> None:
    assert schedule.rate(0, 0) < 0.02 and schedule.rate(0.1, 1000) == 1.0 == schedule.rate(schedule.FLAT, 1000)
    falling = [schedule.rate(p / 100, 1000) for p in range(40, 101)]
    assert falling == sorted(falling, reverse=True) and abs(falling[-1] - 0.02) < 1e-9
    assert schedule.rate(1.2, 1000) == falling[-1]


def test_a_run_from_nothing_begins_with_looks() -> None:
    first = {schedule.kind(0.05, step, words=False, from_weights=False) for step in range(20)}
    assert first == {"look"}
    assert "clip" not in {schedule.kind(0.2, step, words=False, from_weights=False) for step in range(20)}
    assert {schedule.kind(0.5, step, words=False, from_weights=False) for step in range(20)} == set(schedule.CYCLE)


def test_a_run_from_weights_shows_everything_at_once_and_looks_no_more_at_the_end() -> None:
    assert {schedule.kind(0, step, words=False, from_weights=True) for step in range(20)} == set(schedule.CYCLE)
    assert "look" not in {schedule.kind(0.9, step, words=False, from_weights=True) for step in range(20)}


def test_frozen_encoders_take_no_looks() -> None:
    assert {schedule.kind(0.5, step, words=True, from_weights=True) for step in range(20)} == {"text", "long", "clip"}
