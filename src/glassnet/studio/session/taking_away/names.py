"""Names of files in programs and downloads."""

from glassnet.studio.session.opened.projects import Origin


def table_name(origin: Origin) -> str:
    """Return the name of the file with the table: the reader's own, or that of the download.

    >>> table_name(Origin("file", "my data.csv")), table_name(Origin("example", "spirals"))
    ('my data.csv', 'spirals.csv')
    """
    return origin.name if origin.kind == "file" else f"{origin.name or 'table'}.csv"
