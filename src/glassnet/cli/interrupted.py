"""What every command says when Ctrl-C ends it before anything is written."""

INTERRUPTED = "interrupted; no file is half-written."
