import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from onnx.reference import ReferenceEvaluator

from simulator.interchange import FORMATS, ExportOptions, Model

onnxruntime.set_default_logger_severity(3)
RUNTIMES = ("onnxruntime", "reference")
_NUMBERS = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.DOUBLE: np.float64}


def write(model: Model, inputs: str = "raw") -> bytes:
    data = FORMATS["onnx"].save(model, ExportOptions(inputs=inputs))
    onnx.checker.check_model(onnx.load_model_from_string(data), full_check=True)
    return data


def run(data: bytes, feed: dict[str, Any], runtime: str = "onnxruntime") -> dict[str, Any]:
    with warnings.catch_warnings():  # NumPy's about NaN, in the reference
        warnings.simplefilter("ignore")
        if runtime == "reference":
            session: Any = ReferenceEvaluator(onnx.load_model_from_string(data))
            return dict(zip(session.output_names, session.run(None, feed), strict=True))
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        return dict(zip([each.name for each in session.get_outputs()], session.run(None, feed), strict=True))


def feed_of(data: bytes, table: pd.DataFrame) -> dict[str, Any]:
    """Raw columns as the inputs of a graph, each in the number format that it asks for."""
    graph = onnx.load_model_from_string(data).graph
    feed = {}
    for each, column in zip(graph.input, table, strict=True):
        number = _NUMBERS.get(each.type.tensor_type.elem_type)
        cells = table[column].to_numpy(object if number is None else number)
        feed[each.name] = cells[:, None]
    return feed


@pytest.fixture(scope="session")
def write_onnx() -> Callable[..., bytes]:
    return write


@pytest.fixture(scope="session")
def run_onnx() -> Callable[..., dict[str, Any]]:
    return run


@pytest.fixture(scope="session")
def run_raw() -> Callable[..., dict[str, Any]]:
    return lambda data, table, runtime="onnxruntime": run(data, feed_of(data, table), runtime)
