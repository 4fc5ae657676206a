"""The HTTP half of the Open Inference Protocol; the workers speak the other half."""
