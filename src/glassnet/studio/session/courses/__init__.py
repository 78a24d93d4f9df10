"""A training of the page: any moment of it, weights set by hand, more epochs, and moments that are looked for."""
