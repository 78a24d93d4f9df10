"""One page's work without the web: commands in, messages out."""
