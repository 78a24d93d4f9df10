"""deepchecks and cleanlab's Datalab beside the doctor, on the same injected faults of data."""
