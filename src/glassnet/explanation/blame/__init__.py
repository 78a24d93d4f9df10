"""`glassnet.blame`: which neurons, columns, classes and rows the error comes from."""
