"""Ray starts the processes of a training, starts them again after a failure, and fits their number to the cluster."""
