"""From what was measured to what is said about it: baseline, filter, state, reasons. Pure."""
