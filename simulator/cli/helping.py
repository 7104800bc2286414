"""How a command explains itself: what it does, examples, and its options under headings."""

import inspect
from typing import Any

from typer.core import TyperCommand

_ARGUMENTS, _OTHERS = "Arguments", "Options"
_EXAMPLES = "\n\nExamples\n--------\n"


class Explained(TyperCommand):
    """A command whose help shows the examples of its docstring, and its options under their headings."""

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the first paragraph, whole: half a sentence tells nobody which command to take."""
        return " ".join(_parted(self.help)[0].split("\n\n")[0].split())

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does; examples come next, since the options fill more than a screen."""
        said, examples = _parted(self.help)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(said)
        if examples:
            with formatter.section("Examples"):
                for line in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, the options under their headings, and last those that stand under none."""
        records: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                argument = parameter.param_type_name == "argument"
                heading = _ARGUMENTS if argument else getattr(parameter, "rich_help_panel", None) or _OTHERS
                records.setdefault(heading, []).append(record)
        for heading in sorted(records, key=lambda each: (each != _ARGUMENTS, each == _OTHERS)):
            with formatter.section(heading):
                formatter.write_dl(records[heading])


def _parted(text: str | None) -> tuple[str, list[str]]:
    """Return what a docstring says, and the lines of its examples."""
    said, _, examples = inspect.cleandoc(text or "").partition(_EXAMPLES)
    return said, examples.splitlines()
