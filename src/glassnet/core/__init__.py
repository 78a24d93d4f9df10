"""Pure mathematics on the Array API: no input or output, no state, no array library imported. Floor 1.

Written in the textbook's letters (`W`, `b`, `Z`, `A`, `delta`), one idea per file, so that it can be read beside one.
"""
