"""Machine code for the steps of training and prediction, named like the files of core that they equal."""
