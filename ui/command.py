"""The console script: the commands of the simulator, and two that need Qt: the window, and `render`."""

import ctypes.util
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from simulator.cli.terminal import Force, Json, importing, job, refuse
from simulator.fields import settings_of
from ui.films.film import Film

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libzstd.so.1": "libzstd1",
}
"""The Debian and Ubuntu package of each system library that Qt may miss."""

XCB = ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0", "libxcb-icccm.so.4", "libxcb-image.so.0", "libxcb-keysyms.so.1",
       "libxcb-render-util.so.0", "libxcb-xkb.so.1", "libxcb-randr.so.0", "libxcb-shape.so.0")  # fmt: skip
"""What Qt loads only when it opens a window under X11; without one of them it ends the process."""

_RUN, _SHOWN, _FILMED = "What is trained", "What is shown", "How a film goes (.gif, .webp, .mp4)"
_FILM = {row.name: row.help for row in settings_of(Film)}

HEADLESS = "Without a window: nodeglow train DATA, or nodeglow render OUT.png; nodeglow --help lists all commands."


def window(
    file: Annotated[Path | None, Argument(help="A data set, a session or a model to open.", show_default=False)] = None,
) -> int:
    """Open the window (also what nodeglow does without a command)."""
    if file is not None and not _exists(file):
        return refuse(f"there is no file {str(file)[:300]!r}", "Give the path of a data set, a session or a model.")
    trouble = without_display() or without_library()
    if trouble is not None:
        return refuse(*trouble)
    from ui.app import run

    return run(file)


def render(
    out: Annotated[Path, Argument(help="Ends in .png, .svg or .pdf; .gif, .webp or .mp4: a film; .html: a report.")],
    dataset: Annotated[
        str, Option(help="A file, the name of a bundled set, or a saved session.", rich_help_panel=_RUN)
    ] = "penguins",
    epochs: Annotated[
        int | None,
        Option(
            min=0,
            help="How long to train until the picture, or the film's end: 100, or where a saved session is.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    seed: Annotated[
        int, Option(help="The number from which start weights and row order follow.", rich_help_panel=_RUN)
    ] = 0,
    view: Annotated[
        str, Option(help="window, network, layers, or the name of a panel.", rich_help_panel=_SHOWN)
    ] = "window",
    theme: Annotated[str, Option(help="dark or light.", rich_help_panel=_SHOWN)] = "dark",
    size: Annotated[str, Option(help="Width and height in pixels.", rich_help_panel=_SHOWN)] = "1400x900",
    lesson: Annotated[
        int, Option(help="A step of the lesson, 1 to 7, that the window shows; 0 for none.", rich_help_panel=_SHOWN)
    ] = 0,
    scale: Annotated[
        float, Option(help="Pixels of a PNG for each pixel of the size, 0.5 to 8.", rich_help_panel=_SHOWN)
    ] = 1.0,
    transparent: Annotated[
        bool, Option("--transparent", help="Leave what is behind the view out.", rich_help_panel=_SHOWN)
    ] = False,
    first: Annotated[int, Option("--from", help=_FILM["first"], rich_help_panel=_FILMED)] = 0,
    step: Annotated[int | None, Option(help=_FILM["step"], show_default=False, rich_help_panel=_FILMED)] = None,
    even: Annotated[bool, Option("--even", help=_FILM["even"], rich_help_panel=_FILMED)] = False,
    fps: Annotated[float, Option(help=_FILM["fps"], rich_help_panel=_FILMED)] = 20.0,
    hold: Annotated[float, Option(help=_FILM["hold"], rich_help_panel=_FILMED)] = 2.0,
    loop: Annotated[bool, Option("--loop/--once", help=_FILM["loop"], rich_help_panel=_FILMED)] = True,
    quality: Annotated[int, Option(help=_FILM["quality"], rich_help_panel=_FILMED)] = 90,
    force: Force = False,
    as_json: Json = False,
    look: Annotated[Path | None, Option(hidden=True)] = None,
    progress: Annotated[str, Option(hidden=True)] = "",
) -> int:
    """Draw the real window, without a screen: a picture of a moment, a film of the training, or a report.

    Examples
    --------
    nodeglow render window.png --dataset penguins --epochs 60 --theme light
    nodeglow render network.svg --view network --size 900x600
    nodeglow render training.gif --view network --epochs 60 --fps 10
    nodeglow render report.html --dataset lesson.nodeglow
    """
    with importing():
        trouble = without_library(screen=False)
        if trouble is not None:
            return refuse(*trouble)
        from simulator.interchange.whole_files import printable
        from ui.errands import errand, tell
        from ui.rendering import Request, draw

    film = Film(first, step, even, fps, hold, loop, quality)
    asked = Request(
        out, dataset, epochs, seed, view, theme, size, lesson, film, force, look, scale=scale, transparent=transparent
    )
    if progress == "json":
        with errand() as told:
            tell(written=str(draw(asked, told)))
    else:
        with job() as told:
            written = draw(asked, told)
        sys.stdout.write(f"{json.dumps({'out': str(written)}) if as_json else printable(written)}\n")
    return 0


def main() -> None:
    """Run the command line of this process."""
    given = sys.argv[1:]
    if means_window(given):
        # The other commands need pandas, which takes longer to import than the first frame to be painted.
        sys.exit(window(Path(given[0]) if given else None))
    with importing():
        from simulator.cli.program import COMMANDS, application, run

    commands = {**COMMANDS, "window": window, "render": render}
    if len(given) == 1 and given[0] not in commands and _exists(given[0]):
        given = ["window", *given]
    sys.exit(run(application(commands), given))


def _exists(path: str | Path) -> bool:
    """Return whether there is a file; a name that no file can have, too long or with a zero byte, has none."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def means_window(given: Sequence[str]) -> bool:
    """Return whether a command line asks for the window at sight: it is empty, or one path."""
    if len(given) != 1:
        return not given
    return bool(re.search(r"[./\\]", given[0])) and not given[0].startswith("-")


def without_display() -> tuple[str, str] | None:
    """Return a message and a hint when no window can be opened here; None when one can."""
    import os

    if sys.platform in ("win32", "darwin"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in ("offscreen", "minimal", "vnc", "linuxfb", "eglfs"):
        return None
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    return "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set", HEADLESS


def without_library(*, screen: bool = True) -> tuple[str, str] | None:
    """Return a message and a hint when Qt or a library of the system is missing; None when all is there."""
    try:
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return explain(str(error))
    if screen and sys.platform.startswith("linux"):
        import os

        platform = os.environ.get("QT_QPA_PLATFORM", "")
        if os.environ.get("DISPLAY") and platform in ("", "xcb"):
            return cannot_connect(os.environ["DISPLAY"])
    return None


def cannot_connect(display: str) -> tuple[str, str] | None:
    """Return a message and a hint when the X11 display cannot be opened; Qt would end the process without a word."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return explain("libxcb.so.1: cannot open shared object file")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = (ctypes.c_void_p,)
    xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(display.encode(), None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if refused:
        return f"the display {display!r} cannot be opened", HEADLESS
    for library in XCB:
        try:
            ctypes.CDLL(library)
        except OSError:
            return explain(f"{library}: cannot open shared object file")
    return None


def explain(text: str) -> tuple[str, str]:
    """Return a message and a hint for the text of an import error."""
    found = re.search(r"(lib[\w.+-]+\.so[\w.]*)", text)
    if found is not None:
        library = found[1]
        package = PACKAGES.get(library)
        hint = f"Install it with: sudo apt install {package}" if package else "Install it with your package manager."
        return f"the system library {library} is missing", f"{hint} (on Debian and Ubuntu). {HEADLESS}"
    if "No module named" in text:
        return f"Qt is not installed: {text}", "Install it with: pip install PySide6-Essentials pyqtgraph"
    return f"Qt cannot be loaded: {text}", HEADLESS


if __name__ == "__main__":
    main()
