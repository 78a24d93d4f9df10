"""Ray starts the processes of a training, and starts them again after one was lost."""
