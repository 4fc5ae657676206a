"""The Open Inference Protocol: models by name, tensors in and out, as Triton's clients speak it."""
