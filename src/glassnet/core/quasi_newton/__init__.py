"""L-BFGS: the direction of a step from the last steps, and the search for its length."""
