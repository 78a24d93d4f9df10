"""Small plots beside a sentence: plain numbers, drawn as SVG or as a line of block characters."""
