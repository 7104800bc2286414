import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.nn import random

ALL = 0xFFFFFFFF
PUBLISHED = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ALL, ALL, ALL, ALL), (ALL, ALL), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
SEEDS = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_philox_gives_the_published_words(counter, key, words):
    assert random.philox(*counter, *key) == words


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_philox_gives_the_same_words_for_whole_arrays(counter, key, words):
    arrays = [np.full(3, word, dtype=np.uint64) for word in counter]
    for found, word in zip(random.philox(*arrays, *key), words, strict=True):
        assert found.tolist() == [word] * 3


@given(SEEDS, st.integers(0, 5000), st.integers(0, 400))
def test_a_permutation_holds_every_number_once_and_repeats(seed, epoch, count):
    order = random.permutation(seed, random.ORDER, epoch, count)
    assert sorted(order.tolist()) == list(range(count))
    assert np.array_equal(order, random.permutation(seed, random.ORDER, epoch, count))


def test_every_place_of_a_permutation_is_equally_likely():
    places = np.zeros((6, 6))
    for epoch in range(6000):
        places[np.arange(6), random.permutation(1, random.ORDER, epoch, 6)] += 1
    # 25 degrees of freedom: a chi-squared above 60 has a probability below 1e-4.
    assert ((places - 1000) ** 2 / 1000).sum() < 60


@pytest.mark.parametrize("other", [{"seed": 2}, {"stream": random.SPLIT}, {"epoch": 4}])
def test_another_seed_stream_or_epoch_gives_another_order(other):
    usual = {"seed": 1, "stream": random.ORDER, "epoch": 3, "count": 50}
    assert not np.array_equal(random.permutation(**usual), random.permutation(**(usual | other)))


def test_a_shorter_draw_is_the_beginning_of_a_longer_one():
    assert np.array_equal(random.uniforms(5, random.WEIGHTS, 0, 7), random.uniforms(5, random.WEIGHTS, 0, 20)[:7])


def test_uniforms_fill_the_open_interval_evenly():
    numbers = random.uniforms(3, random.WEIGHTS, 0, 100_000)
    assert numbers.min() > 0
    assert numbers.max() < 1
    counts = np.histogram(numbers, bins=20, range=(0, 1))[0]
    assert ((counts - 5000) ** 2 / 5000).sum() < 50  # 19 degrees of freedom, probability below 2e-4


def test_normals_have_the_moments_of_the_normal_distribution():
    numbers = random.normals(3, random.WEIGHTS, 0, 200_001)
    assert numbers.shape == (200_001,)
    assert abs(numbers.mean()) < 0.01
    assert abs(numbers.std() - 1) < 0.01
    assert abs((numbers**4).mean() - 3) < 0.1


@given(SEEDS, st.integers(1, 100), st.integers(1, 30), st.integers(1, 19), st.data())
def test_which_neurons_dropout_keeps_does_not_depend_on_the_batch(seed, epoch, rows, units, data):
    whole = random.kept(seed, epoch, 0, rows, 1, units, 0.4)
    assert whole.shape == (rows, units)
    first = data.draw(st.integers(0, rows - 1))
    assert np.array_equal(whole[first:], random.kept(seed, epoch, first, rows - first, 1, units, 0.4))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_dropout_leaves_out_the_wanted_fraction(rate):
    kept = random.kept(9, 1, 0, 500, 0, 200, rate)
    assert abs(kept.mean() - (1 - rate)) < 0.01


def test_layers_drop_different_neurons():
    assert not np.array_equal(random.kept(9, 1, 0, 8, 0, 16, 0.5), random.kept(9, 1, 0, 8, 1, 16, 0.5))
