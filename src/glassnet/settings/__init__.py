"""Every setting, declared once: its names, defaults, allowed values and documentation."""
