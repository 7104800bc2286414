import platform

from simulator.benchmarks import machine
from simulator.engines.threads import available


def test_the_machine_is_described_with_the_versions_of_what_is_installed():
    about = machine.describe(["pytest", "no-such-package"])
    assert about["processor"]
    assert about["cores"] == available()
    assert about["load"] >= 0
    assert about["python"] == platform.python_version()
    assert about["versions"]["numpy"][0].isdigit()
    assert about["versions"]["pytest"]
    assert about["versions"]["no-such-package"] is None
