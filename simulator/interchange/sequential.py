"""The `torch.nn.Sequential` that a network is, and at which of its places the linear layers stand."""

from simulator.spec import NetworkSpec

ACTIVATIONS = {
    "linear": "nn.Identity()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "selu": "nn.SELU()",
    "gelu": "nn.GELU()",
    "silu": "nn.SiLU()",
    "mish": "nn.Mish()",
    "softplus": "nn.Softplus()",
    "softsign": "nn.Softsign()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
}
"""The module of every activation; each takes a place, also one that changes nothing."""

LINKS = {"softmax": "nn.Softmax(dim=1)", "sigmoid": "nn.Sigmoid()", "linear": ""}
"""The module of every output link; none for the linear one."""


def sequential(network: NetworkSpec, dtype: str = "float32") -> str:
    """Return the Python expression of the module that the names of the tensors fit."""
    double = ".double()" if dtype == "float64" else ""
    return f"nn.Sequential({', '.join(_modules(network))}){double}"


def linear_places(network: NetworkSpec) -> tuple[int, ...]:
    """Return at which places of the module the linear layers stand."""
    return tuple(place for place, module in enumerate(_modules(network)) if module.startswith("nn.Linear("))


def _modules(network: NetworkSpec) -> list[str]:
    modules: list[str] = []
    for hidden, (fan_in, fan_out) in zip(network.hidden, network.shapes[:-1], strict=True):
        modules += [f"nn.Linear({fan_in}, {fan_out})", ACTIVATIONS[hidden.activation]]
        if hidden.dropout:
            modules.append(f"nn.Dropout({hidden.dropout!r})")
    fan_in, fan_out = network.shapes[-1]
    modules.append(f"nn.Linear({fan_in}, {fan_out})")
    return [*modules, LINKS[network.link]] if LINKS[network.link] else modules
