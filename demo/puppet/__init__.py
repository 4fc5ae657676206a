"""Students made of a portrait: a real face mesh, drawn at any head pose, gaze and lids."""
