"""What a person sees while the steps run: the step, its cells, the time so far."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

TERMINAL_SECONDS = 1.0
ELSEWHERE_SECONDS = 5.0
"""A log file is read later: a sign of life is enough."""


class Progress:
    """One line that is redrawn on a terminal; a line every few seconds elsewhere.

    Parameters
    ----------
    stream : TextIO or None
        Where to write; None is silence.
    seconds : float, optional
        Time between two signs of life.
    """

    def __init__(self, stream: TextIO | None, seconds: float | None = None) -> None:
        self._stream = stream
        self._live = bool(stream and stream.isatty())
        self._seconds = seconds or (TERMINAL_SECONDS if self._live else ELSEWHERE_SECONDS)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._name, self._cells, self._at, self._began, self._said = "", 0, 0, 0.0, 0.0
        self._width = 0

    def __enter__(self) -> Self:
        if self._stream is not None:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        with self._lock:
            self._name = ""
            if self._live and self._width and self._stream is not None:
                self._stream.write("\n")
                self._width = 0

    def begin(self, name: str, cells: int) -> None:
        """Say that a step starts, with so many code cells."""
        with self._lock:
            self._name, self._cells, self._at = name, cells, 0
            self._began = self._said = time.monotonic()
            self._line(f"{name}: {cells} cells" if cells else name)

    def cell(self, number: int) -> None:
        """Note that the step is at its cell ``number``, from 1."""
        with self._lock:
            self._at = number
            if self._live:
                self._say()

    def end(self, name: str, words: str) -> None:
        """Say how a step ended; the line stays."""
        with self._lock:
            self._line(f"{name}: {words}", last=True)
            self._name = ""

    def _tick(self) -> None:
        while not self._over.wait(self._seconds / 4):
            with self._lock:
                if self._name and time.monotonic() - self._said >= self._seconds:
                    self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        where = f": cell {self._at} of {self._cells}" if self._cells else ""
        self._line(f"{self._name}{where}, {self._elapsed()}")

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._began:.0f} s"

    def _line(self, text: str, *, last: bool = False) -> None:
        if self._stream is None:
            return
        if self._live:
            self._stream.write(f"\r{text.ljust(self._width)}" + ("\n" if last else ""))
            self._width = 0 if last else len(text)
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
