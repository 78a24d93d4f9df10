"""`glassnet.blame`: attributes the error to neurons, columns, classes and rows."""
