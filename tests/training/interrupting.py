"""An interrupt at a chosen line of chosen modules."""


class InterruptAt:
    """Raises KeyboardInterrupt before the nth line of `files` that is run in this thread."""

    def __init__(self, n, files):
        self.left, self._files = n, files

    def __call__(self, frame, event, _):
        return self._line if frame.f_code.co_filename in self._files else None

    def _line(self, frame, event, _):
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self._line
