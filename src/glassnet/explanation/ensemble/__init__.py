"""An ensemble's answer for one row: its networks side by side, and their mean."""
