"""Everything that can be done, in one table: what it is called, its keys, what it does."""

import dataclasses
import functools
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from ui.theme import Theme, icon


@dataclasses.dataclass(frozen=True)
class ActionRow:
    """A row of the table of actions.

    Attributes
    ----------
    text
        In its menu, with the key that is underlined.
    keys
        Its shortcuts; the first is the one that is shown.
    help
        One sentence for the tooltip, to which the shortcut is added.
    slot
        The method of the window that does it; a checkable action hands on whether it is on.
    icon
        A bundled icon, or nothing.
    menu
        In which menu it stands.
    checkable, group
        Whether it is on or off; one of a group is on.
    refusal
        Why it is disabled at the start; empty when it is enabled.
    starts_group
        Whether a line stands before it in its menu.
    argument
        What the slot is given; None for nothing.
    """

    text: str
    keys: tuple[str, ...]
    help: str
    slot: str
    icon: str = ""
    menu: str = ""
    checkable: bool = False
    group: str = ""
    refusal: str = ""
    starts_group: bool = False
    argument: int | str | None = None


_WAIT = "A data set has to be loaded first."
AT_START = "This is the start."

ACTIONS: dict[str, ActionRow] = {
    "open": ActionRow("&Open a data set …", ("Ctrl+O",), "Read a table from a file", "open_dataset", "open", "File"),
    "generate": ActionRow("&Generate data …", ("Ctrl+Shift+G",), "Make points of a chosen shape, or draw them by mouse:"
                          " the panel Points", "generate", "points", "File"),
    "open_session": ActionRow("Open a sess&ion …", ("Ctrl+Shift+O",), "Go on where a session was saved: its data, its"
                              " timeline, its window", "open_session", "open", "File"),
    "import": ActionRow("I&mport a model …", ("Ctrl+I",), "Open a network that was saved here or in another program, to"
                        " predict and train on", "import_model", "import", "File"),
    "save": ActionRow("&Save", ("Ctrl+S",), "Write the session to its file: network, data, settings, timeline", "save",
                      "save", "File", refusal=_WAIT, starts_group=True),
    "save_as": ActionRow("Save &as …", ("Ctrl+Shift+S",), "Write the session to another file, with its data inside or"
                         " without", "save_as", "save", "File", refusal=_WAIT),
    "export": ActionRow("&Export the model …", ("Ctrl+E",), "Write the network, with all that predictions need, in a"
                        " format of your choice", "export", "export", "File", refusal=_WAIT, starts_group=True),
    "picture": ActionRow("Save a &picture …", ("Ctrl+P", "Ctrl+Alt+P"), "Make a picture of the network, of a panel or"
                         " of the window: PNG, SVG or PDF", "picture", "picture", "File", refusal=_WAIT),
    "film": ActionRow("Save a &film …", ("Ctrl+Alt+F",), "Make a film of the training: GIF, WebP or MP4, of the"
                      " network, a panel or the window", "make_film", "film", "File", refusal=_WAIT),
    "numbers": ActionRow("Save &numbers …", ("Ctrl+Alt+N",), "Write the curves, activations, predictions or the next"
                         " update as CSV", "numbers", "numbers", "File", refusal=_WAIT),
    "report": ActionRow("Save a repor&t …", ("Ctrl+Alt+R",), "Write all of it down in one HTML file: data, network,"
                        " settings, curves, results, how to repeat it", "report", "report", "File", refusal=_WAIT),
    "quit": ActionRow("&Quit", ("Ctrl+Q",), "Close the window", "close", "quit", "File", starts_group=True),
    "undo": ActionRow("&Undo", ("Ctrl+Z",), "Take the last change of the network or its settings back", "undo", "undo",
                      "Edit", refusal="There is nothing to undo."),
    "redo": ActionRow("&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Make the change that was taken back again", "redo", "redo",
                      "Edit", refusal="There is nothing to redo."),
    "add_layer": ActionRow("&Add a layer", ("Ctrl+L",), "Add a hidden layer before the outputs: a new network",
                           "add_layer", "layer", "Network", refusal=_WAIT),
    "remove_layer": ActionRow("&Remove the last layer", ("Ctrl+Shift+L",),
                              "Remove the last hidden layer: a new network", "remove_layer", "minus",
                              "Network", refusal=_WAIT),
    "previous_row": ActionRow("&Previous row", ("Ctrl+Up",), "Send the row before through the network", "previous_row",
                              "previous", "Network", refusal=_WAIT, starts_group=True),
    "next_row": ActionRow("&Next row", ("Ctrl+Down",), "Send the next row through the network", "next_row", "next",
                          "Network", refusal=_WAIT),
    "play": ActionRow("&Play", ("Space",), "Train on, or pause", "play_or_pause", "play", "Train", refusal=_WAIT),
    "advance": ActionRow("&Advance", ("Right", "Ctrl+Right"),
                         "Pause, and go on by the chosen number of rows, batches or epochs", "advance", "advance",
                         "Train", refusal=_WAIT),
    "back": ActionRow("&Back", ("Left", "Ctrl+Left"), "Undo the chosen number of rows, batches or epochs; they stay on"
                      " the timeline", "back", "back", "Train", refusal=AT_START),
    "reset": ActionRow("&Reset", ("Ctrl+R",), "Go back to where this run began, with the same weights", "reset",
                       "reset", "Train", refusal=_WAIT),
    "new_weights": ActionRow("&New weights", ("Ctrl+Shift+R",), "Go to epoch 0 with other start weights",
                             "new_weights", "new_weights", "Train", refusal=_WAIT),
    "first": ActionRow("To the s&tart", ("Ctrl+Home",), "Go to the start of this branch; what was trained stays on the"
                       " timeline", "go_to_start", "first", "Train", refusal=AT_START, starts_group=True),
    "live": ActionRow("To the &newest moment", ("Ctrl+End",), "Go to the end of this branch, where training makes new"
                      " numbers", "go_live", "last", "Train", refusal="This is the newest moment."),
    "fork": ActionRow("&Continue from here", ("Ctrl+K",), "Begin a branch at this moment; the future that is known"
                      " stays", "fork", "fork", "Train", refusal=_WAIT),
    "keep_moment": ActionRow("&Keep this moment", ("Ctrl+Shift+K",), "Keep the network as it is now, to compare with it"
                             " later", "keep_moment", "keep", "Train", refusal=_WAIT),
    "limit_timeline": ActionRow("Memory of the &timeline …", ("Ctrl+Shift+M",), "Say how much memory the keyframes of"
                                " the timeline may take", "limit_timeline", "", "Train"),
    "device": ActionRow("&Device …", ("Ctrl+Shift+J",), "Choose where the numbers are computed: CPU, GPU, or whichever"
                        " is faster", "choose_device", "device", "Train", refusal=_WAIT, starts_group=True),
    "device_memory": ActionRow("Memory of the &GPU …", ("Ctrl+Alt+G",), "Say how much of a GPU's memory the program may"
                               " hold", "limit_device", "", "Train", refusal=_WAIT),
    "unit_phase": ActionRow("Advance by a &phase: slow motion", ("Ctrl+4",), "Go through the next update phase by"
                            " phase: forward, output, loss, backward, update; Play goes on by itself",
                            "choose_phase", "", "Train", True, "unit", refusal=_WAIT, starts_group=True),
    "unit_row": ActionRow("Advance by a &row", ("Ctrl+1",), "Advance goes on by single rows; weights change at the end"
                          " of each batch", "choose_row", "", "Train", True, "unit"),
    "unit_batch": ActionRow("Advance by a &batch", ("Ctrl+2",), "Advance goes on by batches: one update each",
                            "choose_batch", "", "Train", True, "unit"),
    "unit_epoch": ActionRow("Advance by an &epoch", ("Ctrl+3",), "Advance goes on by epochs: every training row once",
                            "choose_epoch", "", "Train", True, "unit"),
    "slower": ActionRow("&Slower", ("Ctrl+[",), "Show fewer epochs a second", "slower", "", "Train", starts_group=True),
    "faster": ActionRow("&Faster", ("Ctrl+]",), "Show more epochs a second, up to as many as there are", "faster", "",
                        "Train"),
    "theme": ActionRow("&Dark or light", ("Ctrl+T",), "Change between the dark and the light theme", "toggle_theme",
                       "theme", "View"),
    "dashed": ActionRow("Dash &negative weights", ("Ctrl+D",), "Tell negative weights by dashes, not by colour alone",
                        "dash", "", "View", True),
    "heat_maps": ActionRow("&Maps in the neurons", ("Ctrl+M",), "Show in every neuron what it answers at every place of"
                           " the decision map", "map_neurons", "", "View", True),
    "narrator_line": ActionRow("&Narrator's line", ("Ctrl+Shift+N",), "Show the newest sentence about the"
                               " training, below the network", "show_narrator_line", "", "View", True),
    "widths": ActionRow("&Wide where strong", ("Ctrl+Shift+W",), "Draw edges as wide as their values are large, or all"
                        " thin", "choose_look", "", "View", True, argument="widths"),
    "curved": ActionRow("&Curved edges", ("Ctrl+Shift+C",), "Draw edges as curves, or as straight lines", "choose_look",
                        "", "View", True, argument="curved"),
    "edge_numbers": ActionRow("Numbers on &edges", ("Ctrl+Shift+D",), "Write values on edges where there is room",
                              "choose_look", "", "View", True, argument="edge_numbers"),
    "node_numbers": ActionRow("Numbers in &neurons", ("Ctrl+Shift+A",), "Write values into neurons where there is room",
                              "choose_look", "", "View", True, argument="node_numbers"),
    "upright": ActionRow("From top to &bottom", ("Ctrl+Shift+U",), "Let layers run from top to bottom, or from left to"
                         " right", "choose_look", "", "View", True, argument="upright"),
    "look": ActionRow("&Look of the network …", ("Ctrl+J",), "Hide weak edges, and choose how edges, neurons and layers"
                      " are drawn", "look", "settings", "View"),
    "fit": ActionRow("&Fit the network", ("Ctrl+0",), "Show the whole network again", "fit", "fit", "View",
                     starts_group=True),
    "zoom_in": ActionRow("Zoom &in", ("Ctrl++", "Ctrl+="), "Come closer to the network", "zoom_in", "zoom_in", "View"),
    "zoom_out": ActionRow("Zoom &out", ("Ctrl+-",), "See more of the network", "zoom_out", "zoom_out", "View"),
    "first_screen": ActionRow("&Back to the first screen", ("Ctrl+Shift+0",),
                              "Put all panels where they were at the first start", "first_screen", "", "View",
                              starts_group=True),
    "lesson_1": ActionRow("&1  Training and test rows", ("Ctrl+Shift+1",),
                          "The rows that the network learns from, and those that it is tested on",
                          "teach", "", "Lesson", refusal=_WAIT, argument=1),
    "lesson_2": ActionRow("&2  The features go forward", ("Ctrl+Shift+2",),
                          "The features go through weights that start random",
                          "teach", "", "Lesson", refusal=_WAIT, argument=2),
    "lesson_3": ActionRow("&3  The output ŷ", ("Ctrl+Shift+3",),
                          "What comes out at the end: a probability for every class, or a value",
                          "teach", "", "Lesson", refusal=_WAIT, argument=3),
    "lesson_4": ActionRow("&4  The loss", ("Ctrl+Shift+4",),
                          "ŷ is compared with y; the losses of a batch are summed up",
                          "teach", "", "Lesson", refusal=_WAIT, argument=4),
    "lesson_5": ActionRow("&5  The influence of each weight", ("Ctrl+Shift+5",),
                          "Calculus finds how much each weight moves the loss: the gradient",
                          "teach", "", "Lesson", refusal=_WAIT, argument=5),
    "lesson_6": ActionRow("&6  The weights are replaced", ("Ctrl+Shift+6",),
                          "The changes are carried back, and new weights take the places of the old ones",
                          "teach", "", "Lesson", refusal=_WAIT, argument=6),
    "lesson_7": ActionRow("&7  Again, for many epochs", ("Ctrl+Shift+7",),
                          "Batch after batch, epoch after epoch, the loss falls; a batch is a matrix",
                          "teach", "", "Lesson", refusal=_WAIT, argument=7),
    "lesson_bird": ActionRow("The lesson's &bird", ("Ctrl+B",), "Send the penguin of the lesson through the network:"
                             " bill 37.3 mm × 16.8 mm, flipper 192 mm, 3,000 g", "choose_bird", "", "Lesson",
                             refusal="This data set does not have the penguin.", starts_group=True),
    "check_gradients": ActionRow("&Check all gradients …", ("Ctrl+G",), "Prove every gradient: move each weight a"
                                 " little, and see the loss change as the gradient says", "check_gradients", "check",
                                 "Lesson", refusal=_WAIT, starts_group=True),
    "compare_with_torch": ActionRow("Compare with &PyTorch …", ("Ctrl+Shift+P",), "Train the next epochs with PyTorch,"
                                    " too, and compare the losses", "compare_with_torch", "", "Lesson", refusal=_WAIT),
    "ask_loss": ActionRow("Explain the &loss", ("Ctrl+Shift+E",), "Show in the inspector where the loss of the batch"
                          " comes from", "ask_loss", "", "Lesson", refusal=_WAIT),
    "help": ActionRow("&Help", ("F1",), "What can be done here, and with which keys", "help", "help", "Help"),
    "about": ActionRow("&About Nodeglow", ("Shift+F1",), "Its version and licences", "about", "info", "Help"),
}  # fmt: skip
"""Every action by its id, in the order of the menus."""

MENUS = {
    "File": "&File",
    "Edit": "&Edit",
    "Network": "&Network",
    "Train": "&Train",
    "View": "&View",
    "Lesson": "&Lesson",
    "Help": "&Help",
}
"""Every menu by the name that the rows use."""


def make_actions(window: QObject, theme: Theme) -> dict[str, QAction]:
    """Return a `QAction` for every row, whose slots are methods of the window."""
    groups: dict[str, QActionGroup] = {}
    made: dict[str, QAction] = {}
    for name, row in ACTIONS.items():
        action = QAction(row.text, window)
        action.setObjectName(f"action.{name}")
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setIconText(plain(row.text))
        action.setCheckable(row.checkable)
        slot: Any = getattr(window, row.slot)
        if row.argument is not None:
            slot = functools.partial(slot, row.argument)
        if row.checkable and not row.group:
            action.toggled.connect(slot)
        else:
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
        if row.group:
            groups.setdefault(row.group, QActionGroup(window)).addAction(action)
        refuse(action, row.refusal, row)
        made[name] = action
    tint(made, theme)
    return made


def refuse(action: QAction, reason: str, row: ActionRow | None = None) -> None:
    """Disable an action and say why in its tooltip; an empty reason enables it."""
    row = row or ACTIONS[action.objectName().removeprefix("action.")]
    action.setEnabled(not reason)
    keys = QKeySequence(row.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
    text = f"{plain(row.text)} ({keys})\n{row.help}."
    action.setToolTip(f"{text}\n{reason}" if reason else text)
    action.setStatusTip(reason or row.help)
    action.setWhatsThis(action.toolTip())


def tint(actions: dict[str, QAction], theme: Theme) -> None:
    """Give all actions their icons in the colours of a theme."""
    for name, action in actions.items():
        if ACTIONS[name].icon:
            action.setIcon(icon(ACTIONS[name].icon, theme))


def plain(text: str) -> str:
    """Return a menu text without its mark of the underlined key."""
    return text.replace("&", "").removesuffix(" …")
