"""Format, options and folder of the last export, as the preferences remember them."""

import dataclasses
from pathlib import Path

from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.interchange import FORMATS, ExportOptions
from ui.preferences import Preferences


def recall(preferences: Preferences | None) -> tuple[str, ExportOptions, Path]:
    """Return what was chosen last; what makes no sense any more is as it is at first."""
    first = next(iter(FORMATS))
    if preferences is None:
        return first, ExportOptions(), Path.home()
    name = preferences.note("export/format")
    options = ExportOptions()
    for setting in settings_of(ExportOptions):
        text = preferences.note(f"export/{setting.name}")
        if text:
            try:
                options = dataclasses.replace(options, **{setting.name: setting.parse(text)})
            except ConfigError:
                continue
    return name if name in FORMATS else first, options, preferences.folder("model")


def remember(preferences: Preferences | None, name: str, options: ExportOptions, path: Path) -> None:
    """Remember what was chosen."""
    if preferences is None:
        return
    preferences.set_note("export/format", name)
    for setting in settings_of(ExportOptions):
        value = getattr(options, setting.name)
        preferences.set_note(f"export/{setting.name}", "none" if value is None else str(value))
    preferences.set_folder("model", path)
