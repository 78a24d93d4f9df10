"""A page as Markdown, HTML or LaTeX."""
