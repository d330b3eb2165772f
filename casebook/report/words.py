"""The sentences that the page itself says, in one catalogue.

What notebooks and claims say is theirs. A language that is not here is printed in English, and the
page says of itself that it is English.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "language": "en",
        "kicker": "Casebook report",
        "skip": "Skip to the report",
        "draft_ribbon": "Draft. Not for publication.",
        "incomplete_ribbon": "Incomplete. Not a finding.",
        "synthetic_ribbon": "Synthetic data: no person, account or post in it is real.",
        "synthetic_mark": "Synthetic data",
        "glance": "At a glance",
        "no_claim": "This case makes no claim yet. The chapters below show what was collected and "
        "computed; no sentence in them says who an account is or who is behind it.",
        "ladder": "Four questions, each answered by itself",
        "ladder_note": "No answer follows from another. Where no claim is made, the answer is "
        "undetermined, and this report must not be read as saying more.",
        "draft": "Why this is a draft",
        "draft_by_choice": "The case is marked as a draft in case.yaml. No rule is broken.",
        "incomplete": "This report is incomplete",
        "incomplete_why": "The chain of steps did not come to its end. What follows is what there "
        "is; nothing in it is a finding.",
        "contents": "Contents",
        "reading": "How to read this report",
        "register": "Evidence register",
        "register_why": "Each file was hashed when it was collected. A reference such as E0001:12 "
        "is line, row or item 12 of that file. Every id in this report leads here, and each entry "
        "leads back to where it is cited.",
        "selections": "Selections",
        "selections_why": "A number in a claim is counted by the program from a named set of rows, "
        "so that text and tables cannot drift apart.",
        "facts": "Published facts",
        "sources": "Published sources",
        "sources_why": "What others have published stands apart from what this case observed. "
        "Addresses are printed so that they cannot be followed by accident.",
        "corrections": "Corrections",
        "corrections_why": "What an earlier edition said, and was wrong.",
        "record": "Run record, and how to check this report",
        "footer": "Made with Casebook. Nothing on this page was loaded from elsewhere, and no link "
        "on it leaves it.",
    }
}


def words(language: str) -> dict[str, str]:
    """Return the catalogue of a language; English where there is none."""
    return WORDS.get(language, WORDS["en"])
