"""The formats of an explanation, one folder each; the shared selection of content is here."""
