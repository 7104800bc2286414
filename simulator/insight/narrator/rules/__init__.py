"""The rules of the narrator: each a pure function from `Evidence` to sentences, its thresholds in its docstring."""
