"""What a session computes with: on which device, by which engine, with how many threads, and why there."""

import dataclasses

from simulator.engines import Engine, TrainingData, choose, devices
from simulator.engines.choosing import AUTO, decide
from simulator.engines.threads import thread_count
from simulator.errors import ConfigError, DeviceError
from simulator.progress import Progress
from simulator.spec import NetworkSpec, TrainingConfig


@dataclasses.dataclass(frozen=True)
class Computing:
    """What a session computes with.

    Attributes
    ----------
    engine, device
        A name of `simulator.engines.ENGINES` or "auto", and one that `simulator.engines.devices.resolve` returned.
    threads
        How many; None for what suits the work.
    reason
        Why on this device, in a sentence; empty where there is nothing to be said.
    automatic
        Whether nobody named the device, so that the CPU steps in where it cannot be used.
    """

    engine: str
    device: str
    threads: int | None = None
    reason: str = ""
    automatic: bool = False


def computing(
    device: str,
    engine: str,
    threads: int | None,
    work: tuple[NetworkSpec, TrainingConfig, int],
    progress: Progress | None = None,
    spare: int = 0,
) -> Computing:
    """Return what a session computes with that was told these names, any of which can be "auto".

    Parameters
    ----------
    work
        The network, its settings, and the number of training rows.

    Raises
    ------
    ConfigError
        When there is no such device, engine or number of threads.
    DeviceError
        When the device that is named cannot be used.
    Cancelled
        When the progress was cancelled.
    """
    if threads is not None and threads < 1:
        raise ConfigError(f"threads cannot be {threads}", "Give a whole number from 1 on.")
    choice = decide(device, *work, engine, progress, spare)
    return Computing(engine, choice.device, threads, choice.reason, automatic=device == AUTO)


def begin(
    wanted: Computing, network: NetworkSpec, config: TrainingConfig, data: TrainingData, spare: int = 0
) -> tuple[Engine, Computing]:
    """Return an engine, and what it is: names without "auto".

    Raises
    ------
    ConfigError
        When the engine does not run on the device.
    DeviceError
        When the device cannot be used, or has no room.
    """
    try:
        row = choose(wanted.engine, network, wanted.device)
        threads = wanted.threads or thread_count(network, config, wanted.device, spare)
        engine = row(network, config, data, wanted.device, threads)
    except DeviceError as error:
        if not wanted.automatic or wanted.device == devices.CPU:
            raise
        reason = f"cpu, since {wanted.device} cannot be used: {error.message}"
        return begin(Computing(AUTO, devices.CPU, wanted.threads, reason), network, config, data, spare)
    if wanted.device != devices.CPU:
        devices.describe(wanted.device)  # which nobody can ask it any more when it has failed
    return engine, dataclasses.replace(wanted, engine=row.name, threads=threads)
