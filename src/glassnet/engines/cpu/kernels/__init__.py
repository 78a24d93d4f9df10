"""Machine code of training and prediction steps, in files named like the core files they equal."""
