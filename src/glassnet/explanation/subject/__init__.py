"""What is explained: one row on its way through one network, and what its parts are called."""
