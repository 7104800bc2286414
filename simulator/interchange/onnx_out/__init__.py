"""A model as ONNX operators: the graph while it is written, activations, and the preparation of raw rows."""
