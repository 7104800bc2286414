"""The phases of one update as an account tells them: what each is called, says and shows. No Qt."""

from typing import TYPE_CHECKING, Any

from ui.motion.phase import GRAINS, STEPS, Phase

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from ui.asking import Account

__all__ = ["GRAINS", "STEPS", "Phase", "phases_of"]


def phases_of(
    account: "Account", grain: str, records: Any = None, clamps: dict[str, float] | None = None
) -> tuple[Phase, ...]:
    """Return the phases of the next update, seen with the shown row.

    Parameters
    ----------
    account
        Of the moment before the update.
    grain
        One of `GRAINS`.
    records
        The run so far, rows of `simulator.snapshot.RECORD`; None where it does not matter.
    clamps
        At which sizes the colours of the update before reached their ends, by what they stood for. This update's are
        put in: they stay the same while that is not far off.
    """
    from ui.motion import backward, forward, loss, update
    from ui.motion.story import Story

    story = Story(account, {} if clamps is None else clamps)
    return (
        *forward.rows_phases(story),
        *forward.forward_phases(story, grain),
        *forward.output_phases(story),
        *loss.loss_phases(story),
        *backward.backward_phases(story, grain),
        *update.update_phases(story),
        *update.again_phases(story, records),
    )
