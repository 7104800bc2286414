"""The report: whole, honest, and nothing in it can break it or reach into the network."""

import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.offscreen import offscreen
from ui.rendering import Request, draw
from ui.reporting.markup import inline, table, tag, text
from ui.reporting.sections import SECTIONS

VOID = {"meta", "br", "img", "link", "input"}
HOSTILE = ['<script>alert("x")</script>', "a & b", '"onload="x', "</td></table>", "Ω\u202e\x00", "']]>"]


class Reader(HTMLParser):
    """Reads a page, and complains of what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.found, self.links, self.words = [], [], [], []

    def handle_starttag(self, name, attributes):
        self.found.append((name, dict(attributes)))
        self.links += [value for key, value in attributes if key in ("href", "src", "xlink:href", "action", "data")]
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.found.append((name, dict(attributes)))
        self.links += [value for key, value in attributes if key in ("href", "src", "xlink:href")]

    def handle_endtag(self, name):
        assert self.open, f"</{name}> closes nothing"
        assert self.open.pop() == name

    def handle_data(self, data):
        self.words.append(data)

    def named(self, name):
        return [attributes for each, attributes in self.found if each == name]


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


@given(st.text())
def test_any_text_stands_in_the_page_as_it_is_and_as_nothing_else(words):
    reader = read(tag("p", words, title=words))
    assert [name for name, _ in reader.found] == ["p"]
    shown = "".join(each for each in words if each in "\n\t\u2007" or each.isprintable())
    assert "".join(reader.words) == shown.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE)), min_size=1))
def test_a_table_of_hostile_names_is_a_table(rows):
    reader = read(table(rows[0][0], ("one", rows[0][1]), rows))
    assert {name for name, _ in reader.found} <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert len(reader.named("tr")) == len(rows) + 1


def test_pictures_in_one_page_do_not_mix_their_names():
    svg = '<?xml version="1.0"?><svg viewBox="0 0 4 3" xmlns="http://www.w3.org/2000/svg"><title>N</title><g id="a"/>'
    svg += '<rect fill="url(#a)"/><use xlink:href="#a"/></svg>'
    made = inline(svg, "one", 'a "drawing"')
    assert 'id="one-a"' in made
    assert "url(#one-a)" in made
    assert '"#one-a"' in made
    assert "http" not in made
    assert text("<b>") == "&lt;b&gt;"


@pytest.fixture(scope="module")
def page(qapp, kernels, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "penguins.html"
    draw(Request(out, "penguins", epochs=12))
    return out.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_report_is_one_file_that_wants_nothing_from_the_network(page):
    reader = read(page)
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    assert not reader.named("script")
    assert not reader.named("link")
    assert not re.search(r"https?:|url\((?!#|\"data:)|@import", page)
    anchors = {each["id"] for _, each in reader.found if "id" in each}
    ids = [each["id"] for _, each in reader.found if "id" in each]
    assert len(ids) == len(anchors)
    assert all(link[1:] in anchors for link in reader.links if link.startswith("#"))


@pytest.mark.slow
def test_the_report_can_be_read_by_whoever_does_not_see_it(page):
    reader = read(page)
    headings = [int(name[1]) for name, _ in reader.found if re.fullmatch(r"h[1-6]", name)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    assert len(reader.named("table")) == len(reader.named("caption"))
    assert all(each.get("aria-label") for each in reader.named("svg"))
    assert reader.named("html")[0]["lang"] == "en"
    assert all(f">{heading}</h2>" in page for heading in SECTIONS)


@pytest.mark.slow
def test_the_report_says_what_the_run_is(page):
    for words in ("nodeglow train penguins --epochs 12", "CC0", "Adelie", "(bill_length_mm − 43.91)/5.411", "139",
                  "adam", "Confusion matrix", "2 of 344 rows were dropped", "compiled", "Numba"):  # fmt: skip
        assert words in page, words
    assert page.count("<figure>") == 4
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


@pytest.mark.slow
def test_the_report_of_a_value_tells_how_far_it_is_off(qapp, kernels, tmp_path):
    out = draw(Request(tmp_path / "value.html", "diabetes", epochs=3))
    page = out.read_text(encoding="utf-8")
    read(page)
    assert "RMSE" in page
    assert "R²" in page
    assert page.count("<figure>") == 5


@pytest.mark.slow
def test_a_table_of_hostile_names_makes_a_report_and_changed_settings_are_told(qapp, kernels, tmp_path):
    import dataclasses

    from ui.reports import report

    names = [*HOSTILE[:3], "answer"]
    generator = np.random.default_rng(0)
    rows = [[*(f"{each:.3f}" for each in generator.normal(size=3)), HOSTILE[nth % 3]] for nth in range(60)]
    quoted = ["\t".join('"' + each.replace('"', '""') + '"' for each in line) for line in (names, *rows)]
    path = tmp_path / "hostile.tsv"
    path.write_text("\n".join(quoted), encoding="utf-8")
    with offscreen("light") as scene:
        scene.open(str(path), 0)
        scene.go_to(2)
        config = scene.window.bridge.config
        scene.window.bridge.configure(dataclasses.replace(config, l2=0.125))
        scene.go_to(4)
        page = report(scene, 4, scene._progress)
    reader = read(page)
    assert not reader.named("script")
    assert "&lt;script&gt;" in page
    assert "What was changed on the way" in page
    assert "0 → 0.125" in page
    assert "with those of the start" in page
