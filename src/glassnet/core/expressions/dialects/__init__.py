"""Notations of formulas, one file each: text, LaTeX, MathML and spreadsheet cells.

They belong to core because they depend only on the tree, and several floors write formulas: the tables of core,
explanations, drawings, exports.
"""
