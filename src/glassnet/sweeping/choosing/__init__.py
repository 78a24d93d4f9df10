"""Which candidates a sweep trains: the default space, what to try next, and who goes on."""
