"""OpenVINO IR version 11 in, ONNX out; OpenVINO itself is not needed."""
