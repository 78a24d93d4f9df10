"""The message of every command after Ctrl-C."""

INTERRUPTED = "interrupted; no file is half-written."
