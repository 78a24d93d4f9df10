"""What the tests of the doctor's rules share."""


def found(diagnosis, rule):
    """Return the findings of a rule."""
    return [each for each in diagnosis.findings if each.rule == rule]
