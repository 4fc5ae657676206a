"""tflite in, ONNX out: opset 17, IR version 8, any batch size, the same bytes every time."""
