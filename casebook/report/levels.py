"""How far a report can be checked, as the page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping


def levels(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the name, the introduction and the items of the list of levels.

    Parameters
    ----------
    run : mapping
        The run record; its ``edition`` decides what lies beside the page.
    """
    second = (
        say(
            "The numbers are right: python verify.py computes the numbers of claims, figures, "
            "tables and summaries again from the tables of this package, and looks for each "
            "sentence in the page. It says how many of how many it could, and names the others: "
            "those that fewer than three accounts stand behind, and those that are no count."
        )
        if run.get("edition") == "public"
        else say(
            "The numbers are right: a number in a sentence is counted by the program from a table, "
            "and never typed. The public edition holds what python verify.py needs to count it "
            "again, and says which numbers only the evidence gives."
        )
    )
    return {
        "name": say("Three levels of checking"),
        "intro": say(
            "This report can be checked at three levels. Each check says which one it reached."
        ),
        "items": [
            say(
                "The files are whole: none was changed, lost or added since. Python is enough: "
                "python verify.py."
            ),
            second,
            say(
                "Everything is made again from the evidence, byte for byte, by somebody whom the "
                "authors give it to, and who is named: casebook verify with --full and --by."
            ),
        ],
    }
