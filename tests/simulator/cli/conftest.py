import pytest

from simulator.cli.program import COMMANDS, application, run
from simulator.engines import devices


@pytest.fixture
def nodeglow(capsys, monkeypatch):
    """Run a command in this process; return its exit status, output and errors."""
    monkeypatch.setattr(devices, "_limit", None)

    def call(*arguments: object) -> tuple[int, str, str]:
        status = run(application(COMMANDS), [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
