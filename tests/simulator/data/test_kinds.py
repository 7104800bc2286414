"""Which columns seem to be the pixels of a picture."""

import pytest

from simulator.data import open_dataset
from simulator.data.kinds import like_pixels


@pytest.mark.parametrize(
    ("names", "shape"),
    [
        ([f"p{row}{column}" for row in range(8) for column in range(8)], (8, 8)),
        ([f"column_{number}" for number in range(1, 785)], (28, 28)),
        ([f"x{number}" for number in range(63)], None),
        ([f"x{number}" for number in range(36)], None),
        ([f"x{number}" for number in range(63, -1, -1)], None),
        (["bias", *(f"x{number}" for number in range(63))], None),
        ([f"{'xy'[number % 2]}{number}" for number in range(64)], None),
        ([], None),
    ],
)
def test_numbered_columns_whose_number_is_a_square_seem_to_be_pixels(names, shape):
    assert like_pixels(names) == shape


def test_the_bundled_digits_are_pictures_and_penguins_are_not():
    assert open_dataset("digits").picture == (8, 8)
    assert open_dataset("penguins").picture is None
