"""What step 3 takes on the example case, with the full and with the light preset.

The cells of notebook 3 are run one after the other in this process; seconds of processor count,
imports and drawing included. Step 1 has to have been run.

    python -m benchmarks.bench_example
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "03-network-map.ipynb"
TARGETS = {"light": 5.0, "full": 25.0}


def step(*, light: bool) -> dict[str, float]:
    """Return the seconds that each cell takes."""
    names: dict[str, Any] = {}
    took = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        start = time.process_time()
        exec("".join(cell["source"]), names)  # noqa: S102 - the notebook of this repository
        took[cell["id"]] = time.process_time() - start
        if cell["id"] == "parameters":
            names["light"] = light
    return took


def main(_: list[str]) -> int:
    """Print the dearest cells and the sums; the exit code says whether both are within target."""
    good = True
    for name, target in TARGETS.items():
        took = step(light=name == "light")
        dearest = sorted(took.items(), key=lambda item: -item[1])[:4]
        total = sum(took.values())
        good &= total <= target
        print(f"{name} preset: {total:.1f} s of processor (target <= {target:g}); most of it:")
        print("  " + ", ".join(f"{cell} {seconds:.1f}" for cell, seconds in dearest))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
