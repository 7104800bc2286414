"""Format, options and folder of the last export, as the preferences remember them."""

import dataclasses
from pathlib import Path

from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.interchange import FORMATS, ExportOptions
from ui.preferences import Preferences

_DIALOG = "export"


def recall(preferences: Preferences | None) -> tuple[str, ExportOptions, Path]:
    """Return what was chosen last; what makes no sense any more is as it is at first."""
    first = next(iter(FORMATS))
    if preferences is None:
        return first, ExportOptions(), Path.home()
    answers = preferences.answers(_DIALOG)
    options = ExportOptions()
    for setting in settings_of(ExportOptions):
        text = answers.get(setting.name, "")
        if text:
            try:
                options = dataclasses.replace(options, **{setting.name: setting.parse(text)})
            except ConfigError:
                continue
    name = answers.get("format", "")
    return name if name in FORMATS else first, options, preferences.folder("model")


def remember(preferences: Preferences | None, name: str, options: ExportOptions, path: Path) -> None:
    """Remember what was chosen."""
    if preferences is None:
        return
    values = {setting.name: getattr(options, setting.name) for setting in settings_of(ExportOptions)}
    texts = {setting: "none" if value is None else str(value) for setting, value in values.items()}
    preferences.set_answers(_DIALOG, {"format": name, **texts})
    preferences.set_folder("model", path)
