"""What is said of a file that nobody can read."""

import io
import zipfile

import pytest

from simulator.interchange import FORMATS, content_of
from simulator.interchange.outline import MOST_PARTS, outline

BINARY = [name for name, row in FORMATS.items() if not row.text]


@pytest.mark.parametrize("name", BINARY)
def test_every_binary_format_names_its_parts_and_all_weights_are_among_them(make_model, name):
    model = make_model()
    content = content_of(model, FORMATS[name])
    parts = outline(content)
    assert parts
    assert all(part.name and part.what for part in parts)
    sized = sum(part.size for part in parts if part.size is not None)
    assert sized >= model.parameters.nbytes


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.text])
def test_a_file_of_text_has_no_parts(make_model, name):
    assert outline(content_of(make_model(), FORMATS[name])) == ()


def test_a_file_of_many_parts_is_not_listed_to_its_end():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MOST_PARTS + 5):
            archive.writestr(f"{number}.bin", b"")
    assert len(outline(file.getvalue())) == MOST_PARTS
