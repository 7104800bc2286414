"""The preparation of raw inputs as C: numbers in real units and places of categories, NAN where one is missing."""

import dataclasses

from simulator.data.recipe import Recipe
from simulator.data.steps import Number, OneHot, Ordinal, Parts, Scaling, Step
from simulator.interchange.source.c_passes import names
from simulator.interchange.source.literals import c_comment, shown

_SHORTEST_RUN = 4


class CPreparation:
    """Writes what a recipe does to its columns.

    Parameters
    ----------
    recipe
        What is written; a derived column is an input of its own, and so is every part of a date or text.
    lower
        What all names begin with, in lower case.
    """

    def __init__(self, recipe: Recipe, lower: str) -> None:
        self._recipe, self._lower = recipe, lower

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the raw inputs."""
        return tuple(name for step in self._recipe.columns for name in _raw_names(step))

    def limits(self) -> list[str]:
        """Say what is otherwise than in a table."""
        sentences: list[str] = []
        columns = self._recipe.columns
        if any(isinstance(step, OneHot | Ordinal) for step in columns):
            sentences.append("A category is given as its place in a list of names that the file holds, not as a text.")
        if any(isinstance(step, Parts) for step in columns):
            sentences.append("Dates and texts are not read in it: their parts are inputs, such as year and month.")
        if self._recipe.derived:
            listed = ", ".join(shown(each.name) for each in self._recipe.derived)
            sentences.append(f"Derived columns are not calculated in it but are inputs: {listed}.")
        return sentences

    def categories(self) -> list[str]:
        """Return an array of names for every column of categories."""
        blocks: list[str] = []
        for place, step in enumerate(self._recipe.columns):
            if isinstance(step, OneHot | Ordinal):
                array = f"{self._lower.upper()}_CATEGORIES_{place}"
                head = f"/* The places of the categories of {c_comment(shown(step.column))}, from 0. */\n"
                blocks.append(head + names(array, str(len(step.categories)), step.categories))
        return blocks

    def function(self) -> str:
        """Return the function that prepares, with those that it calls."""
        body: list[str] = []
        raw = made = 0
        for run in _runs(self._recipe.columns):
            if len(run) > 1:
                body += self._run(run, raw, made)
            else:
                body += self._step(run[0], raw, made)
            raw += sum(len(_raw_names(step)) for step in run)
            made += sum(len(step.names) for step in run)
        upper = self._lower.upper()
        loops = ["    int i;"] if any("(i =" in line for line in body) else []
        place = ["    int place;"] if any("place =" in line for line in body) else []
        return "\n".join(
            [
                *self._helpers(body),
                f"/* From raw inputs raw[{upper}_INPUTS] to what the network is given, x[{upper}_PREPARED]. */",
                f"static inline void {self._lower}_prepare(const double *raw, double *x)",
                "{",
                *loops,
                *place,
                *body,
                "}",
            ]
        )

    def _helpers(self, body: list[str]) -> list[str]:
        text = "\n".join(body)
        lines: list[str] = []
        if "_stretched(" in text:
            lines += [
                f"static inline double {self._lower}_stretched(double value)",
                "{",
                "    return value < 0.0 ? -log1p(-value) : log1p(value);",
                "}",
                "",
            ]
        if "_filled(" in text:
            lines += [
                f"static inline double {self._lower}_filled(double value, double fill)",
                "{",
                "    return isnan(value) ? fill : value;",
                "}",
                "",
            ]
        if "_place(" in text:
            lines += [
                "/* The place of a category: `missing` for NAN, `unknown` for anything that is no place. */",
                f"static inline int {self._lower}_place(double value, int count, int missing, int unknown)",
                "{",
                "    if (isnan(value)) {",
                "        return missing;",
                "    }",
                "    return value >= 0.0 && value < (double)count && floor(value) == value ? (int)value : unknown;",
                "}",
                "",
            ]
        return lines

    def _run(self, run: list[Step], raw: int, made: int) -> list[str]:
        first = run[0]
        assert isinstance(first, Number)
        source = "raw[i]" if not raw else f"raw[i + {raw}]"
        target = "x[i]" if not made else f"x[i + {made}]"
        about = f"{c_comment(shown(first.column))} to {c_comment(shown(run[-1].column))}"
        return [
            f"    /* {about} */",
            f"    for (i = 0; i < {len(run)}; i++) {{",
            f"        {target} = {self._scaled(self._filled(source, first.fill), first.scaling)};",
            "    }",
        ]

    def _step(self, step: Step, raw: int, made: int) -> list[str]:
        lines = [f"    /* {c_comment(shown(step.column))} */"]
        if isinstance(step, Number):
            code = self._scaled(self._filled(f"raw[{raw}]", step.fill), step.scaling)
            lines.append(f"    x[{made}] = {code};")
            made += 1
        elif isinstance(step, Parts):
            for place, scaling in enumerate(step.scalings):
                fill = step.fills[place] if step.fills else None
                code = self._scaled(self._filled(f"raw[{raw + place}]", fill), scaling)
                lines.append(f"    x[{made + place}] = {code};")
            made += len(step.parts)
        else:
            assert isinstance(step, OneHot | Ordinal)
            lines += self._category(step, raw, made)
            made += len(step.names) - step.flag
        if step.flag:
            lines.append(f"    x[{made}] = isnan(raw[{raw}]) ? 1.0 : 0.0;")
        return lines

    def _category(self, step: OneHot | Ordinal, raw: int, made: int) -> list[str]:
        count = len(step.categories)
        missing = -1 if step.fill is None else step.categories.index(step.fill)
        unknown = -2
        if step.unknown == "most_frequent":
            unknown = step.categories.index(step.usual or step.categories[0])
        if step.unknown == "refuse":
            unknown = -1
        lines = [f"    place = {self._lower}_place(raw[{raw}], {count}, {missing}, {unknown});"]
        if isinstance(step, Ordinal):
            code = self._scaled("(place == -2 ? -1.0 : (double)place)", step.scaling)
            return [*lines, f"    x[{made}] = place == -1 ? NAN : {code};"]
        return [
            *lines,
            f"    for (i = 0; i < {count}; i++) {{",
            f"        x[{made} + i] = place == -1 ? NAN : (i == place ? 1.0 : 0.0);",
            "    }",
        ]

    def _filled(self, code: str, fill: float | None) -> str:
        return code if fill is None else f"{self._lower}_filled({code}, {fill!r})"

    def _scaled(self, code: str, scaling: Scaling) -> str:
        if scaling.way == "none":
            return code
        if scaling.way == "log":
            code = f"{self._lower}_stretched({code})"
        sign = "-" if scaling.centre >= 0 else "+"
        code = code if scaling.centre == 0 else f"({code} {sign} {abs(scaling.centre)!r})"
        return code if scaling.scale == 1 else f"{code} / {scaling.scale!r}"


def _raw_names(step: Step) -> tuple[str, ...]:
    return tuple(f"{step.column} {part}" for part in step.parts) if isinstance(step, Parts) else (step.column,)


def _runs(steps: tuple[Step, ...]) -> list[list[Step]]:
    runs: list[list[Step]] = []
    for step in steps:
        if runs and _alike(runs[-1][0], step):
            runs[-1].append(step)
        else:
            runs.append([step])
    return [part for run in runs for part in ([run] if len(run) >= _SHORTEST_RUN else [[each] for each in run])]


def _alike(one: Step, other: Step) -> bool:
    if not (isinstance(one, Number) and isinstance(other, Number)) or one.flag or other.flag:
        return False
    return dataclasses.replace(one, column="", pixel=False) == dataclasses.replace(other, column="", pixel=False)
