"""Which model files exist, where they come from, and how they become ONNX graphs we trust."""
