"""A recording is known by its sound: quieter, with noise, from another start; another one is not."""

from __future__ import annotations

import numpy as np

from casebook.media.sound import RATE, frames, same_sound
from tests.media.made import tune


def at_rate(seed: int, seconds: float = 20.0) -> np.ndarray:
    return tune(seed, seconds, rate=RATE)


def test_quieter_noisier_and_from_a_later_start_it_is_the_same() -> None:
    whole = at_rate(1)
    noise = np.random.default_rng(0).normal(0, 0.02, len(whole)).astype(np.float32)
    later = (whole * 0.3 + noise)[int(3.7 * RATE) :]
    found = same_sound(frames(whole), frames(later))
    assert found is not None
    seconds, error = found
    assert 11 <= seconds <= 16.4
    assert error < 0.35


def test_other_tunes_are_others() -> None:
    made = [frames(at_rate(seed)) for seed in range(2, 14)]
    for n, one in enumerate(made):
        assert all(same_sound(one, other) is None for other in made[:n])


def test_silence_and_a_hum_are_like_nothing() -> None:
    silence = frames(np.zeros(20 * RATE, dtype=np.float32))
    moment = np.arange(20 * RATE) / RATE
    hum = frames(np.sin(2 * np.pi * 440 * moment).astype(np.float32))
    for one in (silence, hum):
        assert same_sound(one, one) is None


def test_too_short_a_recording_gives_no_frames() -> None:
    assert len(frames(np.zeros(100, dtype=np.float32))) == 0
    assert same_sound(frames(at_rate(1, 3)), frames(at_rate(1, 3))) is None
