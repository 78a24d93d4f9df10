"""Training on rows that do not fit into the memory: a window of them at a time."""
