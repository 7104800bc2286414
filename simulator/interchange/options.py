"""What can be chosen when a model is written: one declaration for the dialog, the command line and Python."""

import dataclasses

from simulator import fields
from simulator.fields import setting

RAW, PREPARED = "raw", "prepared"


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """How a model is written, as far as a format leaves a choice (see `Format.options`).

    Raises
    ------
    ConfigError
        For a value that is refused.
    """

    inputs: str = setting(
        RAW,
        "Inputs",
        "What the written network is given: the raw columns of a row, prepared inside (scaling, categories, missing "
        "values), or the numbers that are prepared already.",
        choices=(RAW, PREPARED),
    )

    def __post_init__(self) -> None:
        fields.check(self)
