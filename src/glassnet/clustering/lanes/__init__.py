"""Lanes: the fixed number of streams into which the rows of each epoch are dealt, whatever the number of processes."""
