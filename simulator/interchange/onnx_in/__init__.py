"""A chain of layers from an ONNX graph that another program wrote: bounds, tensors, and the walk through its nodes."""
