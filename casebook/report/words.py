"""The sentences that the page itself says, in one place; what notebooks and claims say is theirs.

They are told in the case's language (`casebook.language`). What holds a number is said where the
number is known.
"""

from __future__ import annotations

from casebook.language import spoken, word

WORDS: dict[str, str] = {
    "kicker": "Casebook report",
    "skip": "Skip to the report",
    "state": "State of this report",
    "draft": "DRAFT",
    "final": "FINAL",
    "incomplete": "INCOMPLETE",
    "draft_ribbon": "Draft. Not for publication.",
    "incomplete_ribbon": "Incomplete. Not a finding.",
    "synthetic_ribbon": "Synthetic data: no person, account or post in it is real.",
    "synthetic_mark": "Synthetic data",
    "case": "Case",
    "edition": "Edition",
    "version": "Version",
    "see": "See",
    "platforms": "Platforms",
    "period": "Period",
    "investigators": "Investigators",
    "run": "Run",
    "glance": "At a glance",
    "no_claim": "This case makes no claim yet. The chapters below show what was collected and "
    "computed; no sentence in them says who an account is or who is behind it.",
    "brief": "The finding in brief",
    "what": "What was looked at",
    "who": "Who is named",
    "not_claimed": "What is not claimed",
    "reach": "Reach",
    "ladder_note": "No answer follows from another. Where no claim is made, the answer is "
    "undetermined, and this report must not be read as saying more.",
    "why_draft": "Why this is a draft",
    "draft_by_choice": "The case is marked as a draft in case.yaml. No rule is broken.",
    "why_incomplete": "This report is incomplete",
    "incomplete_why": "The chain of steps did not come to its end. What follows is what there "
    "is; nothing in it is a finding.",
    "not_ended": "This step did not come to its end.",
    "contents": "Contents",
    "reading": "How to read this report",
    "reading_likelihood": "Likelihood says how probable a statement is; one row of words is used "
    "throughout, each with its band. Confidence says how good the evidence and the argument are: "
    "low, moderate or high. A statement can be very likely with low confidence.",
    "reading_table": "Words of likelihood with their bands",
    "reading_word": "word",
    "reading_chance": "chance, %",
    "reading_accounts": "Accounts under review are those the case asks about. Reference accounts "
    "are ordinary accounts that show how common a trait is. Known accounts were attributed earlier "
    "by others, who are named. Bystanders were merely mentioned or reposted; nothing is asked of "
    "them. Undetermined and not assessable are results.",
    "reading_steps": "The report is made from the notebooks in which the work was done: 1 "
    "collection, 2 persona review, 3 network map, 3b narratives and reach, 4 attribution, 5 case "
    "report. Where the text says step 3, it means the one with that number. Under each figure and "
    "table stands the notebook and the cell that made it.",
    "register": "Evidence register",
    "register_why": "Each file was hashed when it was collected. A reference such as E0001:12 "
    "is line, row or item 12 of that file. Every id in this report leads here, and each entry "
    "leads back to where it is cited.",
    "no_evidence": "No evidence has been collected yet.",
    "cited": "Cited in:",
    "selections": "Selections",
    "selections_why": "A number in a claim is counted by the program from a named set of rows, "
    "so that text and tables cannot drift apart.",
    "no_row": "No single row is named.",
    "facts": "Published facts",
    "no_source": "no source is named",
    "according": "According to:",
    "sources": "Published sources",
    "sources_why": "What others have published stands apart from what this case observed. "
    "Addresses are printed so that they cannot be followed by accident.",
    "corrections": "Corrections",
    "corrections_why": "What an earlier edition said, and was wrong.",
    "was": "Was:",
    "now": "Is:",
    "redactions": "Withdrawn, redacted and deleted items",
    "no_redactions": "No item of evidence was withdrawn, redacted or deleted.",
    "indicators": "Indicators",
    "indicators_why": "What others can look for in their own records. Accounts are those that a "
    "person judged suspected or inauthentic; the rest was carried by two of them or more and by no "
    "reference account here. To match an indicator is a lead, and makes nobody part of anything.",
    "glossary": "Glossary",
    "record": "Run record, and how to check this report",
    "record_same": "The same case gives the same report, byte for byte, under the same versions. "
    "The run id is the hash of everything that went in: evidence log, judgements, claims, "
    "settings, notebooks, parameters, versions. Clock times are only in run.json, beside this "
    "file.",
    "record_check": "Anybody with Python, and nothing else, can check that the files of this "
    "report are whole, and with the case folder that the evidence is as it was collected:",
    "record_limit": "A hash shows that a file is the same as when it was collected. It does not "
    "show that what it says is true.",
    "record_figures": "The figures lie as files in the folder figures beside this page, with a "
    "list of them (index.csv). They are part of the same check.",
    "steps": "Steps",
    "steps_table": "Steps with their parameters",
    "step": "step",
    "result": "result",
    "parameters": "parameters",
    "inputs": "Inputs",
    "inputs_table": "Inputs with their hashes",
    "input": "input",
    "versions": "Versions",
    "footer": "Made with Casebook. Nothing on this page was loaded from elsewhere, and no link "
    "on it leaves this report.",
}
"""Key -> what the page says, in English."""

GLOSSARY: dict[str, str] = {
    "account under review": "An account that the case asks about. Also called a persona. It says "
    "nothing yet about who is behind it.",
    "reference account": "An ordinary account that shows how common a trait is.",
    "known account": "An account that somebody else has attributed before, with the source named.",
    "bystander": "An account that was merely mentioned or reposted.",
    "signal": "Something an account shows. It is printed with the share of ordinary accounts that "
    "show it too, and says nothing alone.",
    "verdict": "What a reviewer decided about an account, with a reason. A program gives none.",
    "line-up": "Accounts under review among as many ordinary ones, who is who hidden, to learn how "
    "often a reviewer suspects somebody without reason.",
    "look-alike": "Accounts that act together or resemble each other for innocent reasons: a fan "
    "club, a newsroom, activists.",
    "object": "What two accounts can share: a link, a text, a picture, a repost, a set "
    "of hashtags.",
    "co-action": "Two accounts act on one object within the time window.",
    "synchrony": "A pair that meets within thirty minutes more often than chance and shared taste "
    "explain.",
    "shared attention": "A pair that meets more often than chance explains, and not closer in time "
    "than others who share the same things.",
    "cluster": "Accounts that are tied to each other by such pairs.",
    "rung": "One of four questions, each answered by itself: inauthentic, coordinated, linked to a "
    "named network, directed by somebody.",
    "likelihood": "How probable a statement is, in one row of words with bands.",
    "confidence": "How good the evidence and the argument are: low, moderate or high.",
    "claim": "A sentence of the finding, with its evidence and what speaks against it.",
    "evidence item": "A file as it was collected, with its hash.",
    "origin": "Where items go back to; ten articles that repeat one report are one origin.",
    "selection": "A named set of rows that a number in a claim is counted from.",
    "undetermined": "Asked, and not answered by the evidence. It is a result.",
    "not assessable": "Not asked, because the collection cannot show it. Its absence says nothing "
    "about anybody.",
    "hash": "A short number computed from a file; any change of the file changes it.",
}
"""Term -> what it means here."""


def words() -> dict[str, str]:
    """Return what the page says, in the case's language."""
    return {"language": spoken(), **{key: word(text) for key, text in WORDS.items()}}


def glossary() -> list[tuple[str, str]]:
    """Return the terms with their meanings in the case's language, in its alphabetical order."""
    told = [(word(term), word(meaning)) for term, meaning in GLOSSARY.items()]
    return sorted(told, key=lambda pair: _plain(pair[0]))


def _plain(text: str) -> str:
    """Return a word as dictionaries sort it: accents do not count."""
    import unicodedata

    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in split if not unicodedata.combining(c))
