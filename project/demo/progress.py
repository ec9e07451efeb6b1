"""A progress bar for terminals, one plain line elsewhere."""

from typing import Any

WIDTH = 28


class ProgressBar:
    """Show how far one load has come, on the stream of a command."""

    def __init__(self, stream: Any, label: str, total: int) -> None:
        self.stream = stream
        self.label = label
        self.total = max(total, 1)
        self.live = stream.isatty()

    def __call__(self, count: int) -> None:
        """Redraw the bar; on anything but a terminal only the end is written."""
        if self.live:
            filled = WIDTH * min(count, self.total) // self.total
            bar = "█" * filled + "░" * (WIDTH - filled)
            self.stream.write(f"\r  {self.label:<10} {bar} {count:>7,}", ending="")
            self.stream.flush()

    def finish(self, count: int, seconds: float) -> None:
        """Write the final line."""
        self(count)
        if self.live:
            self.stream.write(f"  {seconds:.1f} s")
        else:
            self.stream.write(f"  {self.label:<10} {count:>7,} documents in {seconds:.1f} s")
        self.stream.flush()
