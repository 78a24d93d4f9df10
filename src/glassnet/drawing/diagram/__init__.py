"""The diagram of a network in SVG: selection, layout and rendering."""
