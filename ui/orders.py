"""What the window can ask of the simulator, a method a command; the answers come up through the bridge."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ui.whereabouts import Whereabouts

if TYPE_CHECKING:
    from simulator.data import Dataset
    from simulator.spec import NetworkSpec, TrainingConfig
    from simulator.training.commands import Save, Take


class Orders(Whereabouts):
    """Gives orders by name; `send` takes them down."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sent_dataset: Dataset | None = None
        self._budget: int | None = None
        self._explaining = False

    def play(self) -> None:
        """Train on, at the chosen speed."""
        from simulator.training.commands import Play

        self.send(Play())

    def pause(self) -> None:
        """Stop training."""
        from simulator.training.commands import Pause

        self.send(Pause())

    def advance(self, n: int = 1, unit: str = "epoch") -> None:
        """Stop playing and go on by so many rows, batches or epochs."""
        from simulator.training.commands import Advance

        self.send(Advance(n, unit))

    def reset(self) -> None:
        """Go back to where the run began, with the same weights."""
        from simulator.training.commands import Reset

        self.send(Reset())

    def new_weights(self, seed: int | None = None) -> None:
        """Go to epoch 0 with other start weights."""
        from simulator.training.commands import NewWeights

        self.send(NewWeights(seed))

    def go_to(self, epoch: int, item: int = 0) -> None:
        """Go to a moment of the branch: so many complete epochs, and so many batches of the next one."""
        from simulator.training.commands import GoTo

        self.send(GoTo(epoch, item))

    def back(self, n: int = 1, unit: str = "epoch") -> None:
        """Undo so many rows, batches or epochs."""
        from simulator.training.commands import Back

        self.send(Back(n, unit))

    def fork(self, name: str = "") -> None:
        """Begin a branch at this moment; the future that is known stays."""
        from simulator.training.commands import Fork

        self.send(Fork(name))

    def switch(self, branch: int) -> None:
        """Look at the end of another branch, by its number."""
        from simulator.training.commands import Switch

        self.send(Switch(branch))

    def rename(self, branch: int, name: str) -> None:
        """Give a branch another name."""
        from simulator.training.commands import Rename

        self.send(Rename(branch, name))

    def configure(self, config: "TrainingConfig | None" = None, network: "NetworkSpec | None" = None) -> None:
        """Change settings while the run goes on."""
        from simulator.training.commands import Configure

        self.send(Configure(config, network))

    def change_data(self, dataset: "Dataset") -> None:
        """Train on other data from the next epoch on; what runs goes on, and so do parameters and settings."""
        from simulator.training.commands import ChangeData

        self._sent_dataset = dataset
        self.send(ChangeData(dataset))

    def save(self, path: Path | None = None, layout: Mapping[str, Any] | None = None, purpose: str = "") -> "Save":
        """Ask for all that the session is at this moment; the answer is `saving`, and names the command returned."""
        from simulator.training.commands import Save

        command = Save(path, layout, purpose)
        self.send(command)
        return command

    def take(self) -> "Take":
        """Ask for the network of this moment as a model; the answer is `taken`, and names the command returned."""
        from simulator.training.commands import Take

        command = Take()
        self.send(command)
        return command

    def explain(self) -> bool:
        """Ask for the moment before the next update, and return whether that was done: one question at a time.

        The answer is `explained`. A question is never answered late: it is obeyed before what is sent after it.
        """
        if self._explaining or self._closed or self.snapshot is None:
            return False
        from simulator.training.commands import Explain

        self._explaining = True
        self.send(Explain())
        return True

    def limit(self, budget: int) -> None:
        """Let the keyframes of the timeline take so many bytes at most."""
        self._budget = budget
        if self._runner is not None:
            from simulator.training.commands import Limit

            self.send(Limit(budget))

    def follow(self, places: tuple[int, ...]) -> None:
        """Ask how parameters, by their places in the flat vector, went along the branch; the answer is `traced`."""
        from simulator.training.commands import Follow

        self.send(Follow(places))

    def survey(self, most: int = 60) -> None:
        """Ask for the whole network at about so many moments along the branch; the answer is `surveyed`."""
        from simulator.training.commands import Survey

        self.send(Survey(most))

    def peek(self, branch: int, epoch: int | None = None, item: int = 0) -> None:
        """Ask for another moment of a branch, its end without an epoch; the answer is `peeked`. What runs goes on."""
        from simulator.training.commands import Peek

        self.send(Peek(branch, epoch, item))
