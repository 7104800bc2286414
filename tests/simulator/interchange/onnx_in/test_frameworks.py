"""Files that PyTorch's own exporter writes."""

import io

import numpy as np
import pytest

from simulator.interchange import adopt

pytestmark = pytest.mark.frameworks
NAMES = {
    "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "ELU": "elu", "SELU": "selu", "LeakyReLU": "leaky_relu",
    "Softplus": "softplus", "Softsign": "softsign", "Tanh": "tanh", "ReLU": "relu", "Sigmoid": "sigmoid",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # PyTorch's own about its exporter
@pytest.mark.parametrize(("dtype", "opset"), [("float32", 9), ("float64", 17), ("float32", 20)])
@pytest.mark.parametrize("name", list(NAMES))
def test_a_module_that_pytorch_exports_is_read_with_the_same_outputs(read, name, dtype, opset):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    norms = [torch.nn.BatchNorm1d(5), torch.nn.BatchNorm1d(5)]
    for each in norms:
        each.running_mean.normal_()
        each.running_var.uniform_(0.5, 2.0)
        torch.nn.init.normal_(each.weight)
        torch.nn.init.normal_(each.bias)
    module = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(4, 5), norms[0], getattr(torch.nn, name)(), norms[1],
        torch.nn.Dropout(0.2), torch.nn.Linear(5, 3), torch.nn.Softmax(dim=1),
    ).eval().to(getattr(torch, dtype))  # fmt: skip
    file = io.BytesIO()
    X = torch.randn(20, 4, dtype=getattr(torch, dtype))
    torch.onnx.export(module, (X,), file, dynamo=False, opset_version=opset, dynamic_axes={"input.1": {0: "n"}})
    found = read(file.getvalue())
    assert (found.activations, found.link) == ((NAMES[name],), "softmax")
    assert found.layers[0].weight.dtype == dtype
    with torch.no_grad():
        np.testing.assert_allclose(adopt(found).outputs(X.numpy()), module(X).numpy(), atol=1e-6)


@pytest.mark.filterwarnings("ignore")  # PyTorch's own about its exporter
def test_a_module_exported_as_it_stands_for_the_rows_at_hand_is_read(read):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)

    class Own(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.randn(4))
            self.fc1, self.fc2 = torch.nn.Linear(4, 5), torch.nn.Linear(5, 3)

        def forward(self, x, z):
            both = torch.cat([x, z[:, 1:]], dim=1)
            both = (both.view(both.size(0), -1) - self.mean) / 2.5
            return torch.log_softmax(self.fc2(torch.relu(self.fc1(both))), dim=-1)

    module = Own().eval()
    x, z = torch.randn(20, 2), torch.randn(20, 3)
    file = io.BytesIO()
    torch.onnx.export(module, (x, z), file, dynamo=False)
    found = read(file.getvalue())
    assert (found.sizes, found.activations, found.link) == ((5, 5, 3), ("relu",), "softmax")
    with torch.no_grad():
        want = module(x, z).exp().numpy()
    np.testing.assert_allclose(adopt(found).outputs(torch.cat([x, z], dim=1).numpy()), want, atol=1e-6)
