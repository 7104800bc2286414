import pytest

from ui.dialogs.wording import count, sentence, size


@pytest.mark.parametrize(
    ("text", "said"),
    [("the file is empty", "The file is empty."), ("Is it?", "Is it?"), (" a … ", "A …"), ("", ""), ("é", "É.")],
)
def test_a_message_becomes_a_sentence(text, said):
    assert sentence(text) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (12_345, "12.3 kB"), (999_600, "1 MB"),
     (5 * 10**9, "5 GB")],
)  # fmt: skip
def test_a_size_is_said_in_units_of_a_thousand(number, said):
    assert size(number) == said


def test_one_has_no_plural():
    assert (count(1, "row"), count(1000, "row"), count(2, "class", "classes")) == ("1 row", "1,000 rows", "2 classes")
