"""Ways of writing a formula, one file each: text, LaTeX, MathML and a spreadsheet's cells.

They stand here, and not where each is used, because all that they need is the tree, and because more than one floor
writes formulas: the tables of core, explanations, drawings, exports.
"""
