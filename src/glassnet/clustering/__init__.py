"""Training on several machines: their addresses, their sums of gradients, and the steps that they share."""
