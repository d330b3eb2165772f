"""Make the example case again, or check that making it again gives the same bytes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from casebook.scenario.example import FOLDER, differences, write_example


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m casebook.scenario", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the example case anew")
    parser.add_argument("--check", action="store_true", help="compare it with the one made anew")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the case folder")
    given = parser.parse_args()
    if given.write:
        case = write_example(given.folder)
        print(f"{case.name}: {len(case.evidence.items())} evidence items")
    if given.check:
        differing = differences(given.folder)
        for name in differing:
            print(f"differs: {name}")
        print("the same bytes" if not differing else f"{len(differing)} files differ")
        return 1 if differing else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
