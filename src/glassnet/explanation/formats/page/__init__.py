"""The content of a page, independent of the output format."""
