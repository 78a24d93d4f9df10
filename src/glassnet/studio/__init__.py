"""What a browser shows of a training. Floor 8: reads the records of lower floors and has no mathematics of its own.

`recording` writes one training into a single page that needs no server; `page` holds the components of every page.
"""
