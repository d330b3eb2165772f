"""Another process, asked a line at a time: what reads hostile evidence may crash, hang or lie."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from typing import Any


class Helper:
    """A module of this package that runs by itself, reads a JSON line and answers with a line.

    Parameters
    ----------
    module : str
        Run with ``python -I -m``: no variable of the surroundings and no folder of the user's
        changes what it loads.
    *what : str
        Its arguments.
    """

    def __init__(self, module: str, *what: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", module, *what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self.answers: queue.Queue[str] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None  # noqa: S101
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def ask(self, question: Any, patience: float) -> str | None:
        """Return the line that answers, or None where none comes within so many seconds."""
        assert self.process.stdin is not None  # noqa: S101
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            return self.answers.get(timeout=patience) or None
        except (OSError, queue.Empty):
            return None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
