"""The picture of a network, in SVG that is written here: what to show, where it stands, how it is drawn."""
