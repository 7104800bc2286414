from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import ValueInfoProto, helper, numpy_helper

from simulator.interchange import read_model

onnxruntime.set_default_logger_severity(3)


class Made:
    """A graph of another program while it is made: nodes that follow one another, and its weights."""

    def __init__(self, width: int | None = 4, dtype: Any = np.float32, opset: int = 17, name: str = "x") -> None:
        self.dtype, self.opset = np.dtype(dtype), opset
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.metadata: dict[str, str] = {}
        self.kind = helper.np_dtype_to_tensor_dtype(self.dtype)
        self.inputs = [helper.make_tensor_value_info(name, self.kind, ["n", width])]
        self.draw = np.random.default_rng(3)
        self.at = name

    def tensor(self, value: Any, dtype: Any = None) -> str:
        name = f"t{len(self.tensors)}"
        array = np.asarray(value, dtype or self.dtype)
        self.tensors.append(numpy_helper.from_array(array, name))
        return name

    def normal(self, *shape: int) -> np.ndarray:
        return self.draw.normal(size=shape).astype(self.dtype)

    def node(self, operator: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> str:
        names = [f"{operator.lower()}{len(self.nodes)}_{place}" for place in range(outputs)]
        given = inputs or (self.at,)
        self.nodes.append(
            helper.make_node(operator, given, names, f"the {operator} {len(self.nodes)}", domain=domain, **attributes)
        )
        self.at = names[0]
        return self.at

    def gemm(self, fan_in: int, fan_out: int) -> "Made":
        self.node(
            "Gemm", self.at, self.tensor(self.normal(fan_out, fan_in)), self.tensor(self.normal(fan_out)), transB=1
        )
        return self

    def proto(self, *outputs: str) -> Any:
        names = outputs or (self.at,)
        ends = [ValueInfoProto(name=name) for name in names[:-1]]  # a label's kind is found by the runtime
        ends.append(helper.make_tensor_value_info(names[-1], self.kind, None))
        graph = helper.make_graph(self.nodes, "g", self.inputs, ends, self.tensors)
        imports = [helper.make_opsetid("", self.opset), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=8)
        helper.set_model_props(model, self.metadata)
        return model

    def bytes(self, *outputs: str) -> bytes:
        return self.proto(*outputs).SerializeToString()


@pytest.fixture
def made() -> Callable[..., Made]:
    return Made


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Any]:
    def call(data: bytes) -> Any:
        path = tmp_path / "m.onnx"
        path.write_bytes(data)
        return read_model(path)

    return call


@pytest.fixture
def outputs() -> Callable[..., Any]:
    """The last output of a graph, run by onnxruntime."""

    def call(data: bytes, feed: dict[str, Any]) -> Any:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        return session.run(None, feed)[-1]

    return call
