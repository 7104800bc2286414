"""Which epochs a film shows, and for how long."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigError
from ui.films.film import MOST_FRAMES, USUAL_FRAMES, Film


def test_a_short_training_is_shown_epoch_by_epoch():
    assert Film().epochs(5) == [0, 1, 2, 3, 4, 5]


def test_a_step_ends_with_the_last_epoch_in_any_case():
    assert Film(first=2, step=3).epochs(9) == [2, 5, 8, 9]


def test_a_film_of_one_epoch_is_one_frame():
    assert Film(first=7).epochs(7) == [7]


@given(st.integers(0, 1_000), st.integers(0, 2_000_000), st.booleans())
def test_without_a_step_there_are_few_frames_each_epoch_once_and_both_ends(first, span, even):
    epochs = Film(first=first, even=even).epochs(first + span)
    assert len(epochs) == min(span + 1, USUAL_FRAMES)
    assert (epochs[0], epochs[-1]) == (first, first + span)
    assert all(a < b for a, b in itertools.pairwise(epochs))


def test_more_frames_stand_at_the_start_unless_they_are_to_be_even():
    early, even = Film().epochs(10_000), Film(even=True).epochs(10_000)
    assert sum(epoch <= 1_000 for epoch in early) > 2 * sum(epoch <= 1_000 for epoch in even)


@given(
    st.floats(0.1, 60.0), st.floats(0.0, 60.0), st.integers(1, 2_000), st.sampled_from([0.01, 0.001]),
)  # fmt: skip
def test_times_in_whole_units_never_drift_from_the_speed(fps, hold, frames, unit):
    film = Film(fps=fps, hold=hold)
    durations = film.durations(frames, unit)
    assert len(durations) == frames
    for nth in (frames // 2, frames - 1):
        assert sum(durations[:nth]) * unit == pytest.approx(nth / fps, abs=0.51 * unit)
    assert sum(durations) * unit == pytest.approx(film.seconds(frames), abs=0.51 * unit)


def test_a_film_that_begins_behind_its_end_is_refused():
    with pytest.raises(ConfigError, match="from epoch 9 to 3 has no frames"):
        Film(first=9).epochs(3)


def test_a_film_of_too_many_frames_is_refused_with_a_step_that_will_do():
    with pytest.raises(ConfigError, match="too long") as found:
        Film(step=1).epochs(1_000_000)
    step = int(found.value.hint.split()[-3].replace(",", ""))
    assert len(Film(step=step).epochs(1_000_000)) <= MOST_FRAMES


@pytest.mark.parametrize("wrong", [{"fps": 0.0}, {"fps": 61.0}, {"hold": -1.0}, {"step": 0}, {"quality": 101}], ids=str)
def test_a_setting_out_of_bounds_is_refused(wrong):
    with pytest.raises(ConfigError):
        Film(**wrong)
