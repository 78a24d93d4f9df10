"""The parts of the training loop, each usable alone."""
