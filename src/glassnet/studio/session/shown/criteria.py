"""The stop criteria of a run as bars."""

from glassnet.studio.messages import Criterion
from glassnet.studio.session.courses.course import Course
from glassnet.wording import counted


def criteria_of(course: Course, until: int | None) -> tuple[Criterion, ...]:
    """Return the criteria that can end a run, and how near it is to each; `until` is the epoch to pause at."""
    plan, progress = course.plan, course.progress
    n = progress.n_epochs
    found = [Criterion("epochs", f"{n:,} of {plan.epochs:,} epochs", n / plan.epochs)]
    if until is not None and until > 0:
        found.append(Criterion("until", f"pause after epoch {until:,}", min(1.0, n / until)))
    if plan.patience is not None:
        what = str(plan.monitor).replace("_", " ")
        words = f"{progress.waited:,} of {counted(plan.patience, 'epoch')} in which the {what} has not improved"
        found.append(Criterion("patience", words, min(1.0, progress.waited / plan.patience)))
    return tuple(found)
