"""`nodeglow devices`: what there is to compute on, why there is no GPU, and what `auto` would choose."""

import json
import sys
from typing import Any

from simulator.cli.listing import print_rows
from simulator.cli.terminal import Json, job
from simulator.data import open_dataset
from simulator.engines import devices as there
from simulator.engines.choosing import AUTO, Choice, decide
from simulator.engines.cuda.machine import Device
from simulator.engines.threads import available
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig
from simulator.training.defaults import default_config, default_network

_COLUMNS = ("device", "name", "memory", "free", "driver", "capability")
_NUMBERS = ("memory", "free")
_WIDE = (784, 2048, 2048, 10)
_WIDE_ROWS, _WIDE_BATCH = 8192, 512


def devices(as_json: Json = False) -> int:
    """List the processor and the GPUs, or why there is none, and what --device auto would choose.

    Where there is a GPU, some updates are measured on it and on the processor the first time, which takes about a
    second; what was found is kept.
    """
    found = there.survey()
    with job() as progress:
        choices = _choices(progress)
    if as_json:
        sys.stdout.write(json.dumps(_result(found, choices)) + "\n")
        return 0
    rows = [("cpu", f"{there.processor()}, {_cores()}", "", "", "", "")]
    print_rows(_COLUMNS, [*rows, *map(_row, found.devices)], _NUMBERS)
    lines = [f"\nNo GPU: {found.trouble}. {found.hint}"] if found.trouble else [""]
    lines += [f"{work}: --device auto takes {choice.reason}." for work, choice in choices.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _choices(progress: Progress) -> dict[str, Choice]:
    penguins = open_dataset("penguins")
    network, config = default_network(penguins), default_config(penguins)
    hidden = tuple(LayerSpec(units, "relu") for units in _WIDE[1:-1])
    wide = NetworkSpec(_WIDE[0], hidden, _WIDE[-1])
    batches = TrainingConfig(batch_size=_WIDE_BATCH)
    works = {
        f"penguins, {_sizes(network)}, batches of {config.batch_size}": (network, config, len(penguins.X_train)),
        f"a wide network, {_sizes(wide)}, batches of {_WIDE_BATCH}": (wide, batches, _WIDE_ROWS),
    }
    return {name: decide(AUTO, *work, progress=progress) for name, work in works.items()}


def _sizes(network: NetworkSpec) -> str:
    return "-".join(map(str, network.sizes))


def _cores() -> str:
    cores = available()
    return f"{cores} core{'' if cores == 1 else 's'}"


def _row(device: Device) -> tuple[str, ...]:
    driver = f"CUDA {device.driver}"
    return device.name, device.title, _gigabytes(device.total), _gigabytes(device.free), driver, device.capability


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _result(found: there.Survey, choices: dict[str, Choice]) -> dict[str, Any]:
    return {
        "cpu": {"name": there.processor(), "cores": available()},
        "devices": [
            {
                "device": each.name,
                "name": each.title,
                "memory_bytes": each.total,
                "free_bytes": each.free,
                "driver": each.driver,
                "capability": each.capability,
            }
            for each in found.devices
        ],
        "reason": found.trouble or None,
        "hint": found.hint or None,
        "auto": [
            {"work": work, "device": choice.device, "reason": choice.reason, "update_seconds": dict(choice.seconds)}
            for work, choice in choices.items()
        ],
    }
