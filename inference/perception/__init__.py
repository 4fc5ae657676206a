"""From one picture to what is measured in it: decode, detect, follow, mesh, pose, eyes, gaze."""
