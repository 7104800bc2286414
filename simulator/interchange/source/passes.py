"""The forward pass as NumPy code, with the activations and the link that a network uses."""

from simulator.errors import ExportError
from simulator.spec import NetworkSpec

ACTIVATION_CODE: dict[str, str] = {
    "linear": "z",
    "relu": "np.maximum(z, 0.0)",
    "leaky_relu": "np.where(z > 0.0, z, 0.01 * z)",
    "elu": "np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0)))",
    "selu": "1.0507009873554805 * np.where(z > 0.0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0.0)))",
    "gelu": "0.5 * z * (1.0 + erf(z * 0.5**0.5))",
    "silu": "z * sigmoid(z)",
    "mish": "z * np.tanh(softplus(z))",
    "softplus": "np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))",
    "softsign": "z / (1.0 + np.abs(z))",
    "tanh": "np.tanh(z)",
    "sigmoid": "np.where(z >= 0.0, 1.0, np.exp(-np.abs(z))) / (1.0 + np.exp(-np.abs(z)))",
}
"""a of z, by the name of the activation."""

_NEEDS = {"gelu": ("erf",), "silu": ("sigmoid",), "mish": ("softplus",)}
_SOFTMAX = '''
def softmax(z):
    """Return the probabilities of the classes."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
'''
_ERF = '''
def erf(z):
    """Return the error function, which NumPy has not."""
    return np.frompyfunc(math.erf, 1, 1)(z).astype(np.float64)
'''


def modules(network: NetworkSpec) -> set[str]:
    """Return the modules that the functions need beside NumPy."""
    return {"math"} if any(layer.activation == "gelu" for layer in network.hidden) else set()


def functions(network: NetworkSpec) -> list[str]:
    """Return the functions that turn prepared inputs into outputs; the last one is ``network``.

    Raises
    ------
    ExportError
        When there is no NumPy code for an activation or the link.
    """
    used = {layer.activation for layer in network.hidden} | {network.link}
    for name in used - {*ACTIVATION_CODE, "softmax"}:
        raise ExportError(f"{name!r} cannot be written as NumPy code", "Choose another activation or another format.")
    used = used.union(*(_NEEDS.get(name, ()) for name in used)) - {"linear"}
    blocks = [_activation(name) for name in ACTIVATION_CODE if name in used - {"tanh"}]
    blocks += [_ERF.strip("\n")] * ("erf" in used)
    blocks += [_SOFTMAX.strip("\n")] * ("softmax" in used)
    return [*blocks, _network(network)]


def _activation(name: str) -> str:
    code = ACTIVATION_CODE[name]
    if name == "sigmoid":
        return (
            f'def {name}(z):\n    """Return 1/(1 + exp(-z)), without overflow."""\n'
            "    e = np.exp(-np.abs(z))\n    return np.where(z >= 0.0, 1.0, e) / (1.0 + e)"
        )
    if name == "selu":
        return (
            f'def {name}(z):\n    """Return the activation of weighted sums."""\n'
            "    below = 1.6732632423543772 * np.expm1(np.minimum(z, 0.0))\n"
            "    return 1.0507009873554805 * np.where(z > 0.0, z, below)"
        )
    return f'def {name}(z):\n    """Return the activation of weighted sums."""\n    return {code}'


def _network(network: NetworkSpec) -> str:
    lines = [
        "def network(x):",
        f'    """Return the outputs (rows, {network.outputs}) of prepared inputs (rows, {network.inputs})."""',
    ]
    for number, layer in enumerate(network.hidden, 1):
        inner = f"x @ W{number} + B{number}"
        lines.append(f"    x = {_called(layer.activation, inner)}")
    last = len(network.hidden) + 1
    inner = f"x @ W{last} + B{last}"
    return "\n".join([*lines, f"    return {_called(network.link, inner)}"])


def _called(name: str, inner: str) -> str:
    if name == "linear":
        return inner
    return f"{'np.tanh' if name == 'tanh' else name}({inner})"
