"""The recording: a training as one self-contained page, which plays it back without a server."""
