"""A small invented case: four personas, two known accounts, ordinary accounts, graded evidence."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from casebook import schema
from casebook.attribution import check_claims, ladder, named_values, register

PERSONAS = [f"x:{n}" for n in range(101, 107)]
KNOWN = ["x:201", "x:202"]
REFERENCE = [f"x:{n}" for n in range(301, 331)]


def items() -> pd.DataFrame:
    """Return the evidence items."""
    columns = [
        "evidence_id", "title", "status", "reader", "capture", "sha256", "source_url", "kind",
        "access", "reliability", "credibility", "derives_from", "tlp", "confidential",
    ]  # fmt: skip
    rows = [
        ("E0001", "posts of the accounts under review", "live", "zeeschuimer-x", "platform export", "a1", "", "behavioural", "open", "B", "2", [], "", False),
        ("E0002", "profiles on dates", "live", "profile-sheet", "archive", "a2", "", "behavioural", "open", "B", "2", [], "", False),
        ("E0003", "posts of known accounts", "live", "fourcat", "platform export", "a3", "", "behavioural", "open", "B", "2", ["ORBIT"], "", False),
        ("E0004", "ordinary accounts", "live", "fourcat", "platform export", "a4", "", "behavioural", "open", "B", "2", [], "", False),
        ("E0005", "letter from the host", "live", "document", "screenshot", "a5", "", "technical", "proprietary", "B", "2", ["HOSTCO"], "AMBER", False),
        ("E0006", "note of a call", "live", "document", "typed", "a6", "", "contextual", "open", "C", "3", [], "", False),
        ("E0007", "anonymous paper", "live", "document", "screenshot", "a7", "", "contextual", "open", "F", "6", [], "", False),
        ("E0008", "withdrawn file", "withdrawn", "document", "screenshot", "a8", "", "", "", "", "", [], "", False),
        ("E0009", "register of payments", "live", "document", "screenshot", "a9", "", "contextual", "proprietary", "B", "2", ["BANK"], "AMBER", False),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def sources() -> pd.DataFrame:
    """Return published sources; LENS and WIRE repeat ORBIT, MERCURY has its own data."""
    rows = [
        (
            "ORBIT",
            "Report on the Lantern network",
            "Orbit Lab",
            "2023-05-02",
            "https://orbit.example/r",
        ),
        ("WIRE", "Lantern, says a report", "Wire", "2023-05-03", "https://wire.example/a"),
        ("LENS", "The Lantern story", "Lens", "2023-05-09", "https://lens.example/b"),
        ("MERCURY", "Takedown of spring", "Mercury", "2023-06-01", "https://mercury.example/c"),
        (
            "OTHER",
            "The Lamp network, another actor",
            "Mercury",
            "2023-07-01",
            "https://mercury.example/d",
        ),
    ]
    return pd.DataFrame(rows, columns=["source_id", "title", "publisher", "date", "url"])


GRADES = {
    "ORBIT": {"reliability": "B", "credibility": "2"},
    "WIRE": {"derives_from": ["ORBIT"], "reliability": "B", "credibility": "3"},
    "LENS": {"derives_from": ["WIRE"], "reliability": "C", "credibility": "3"},
    "MERCURY": {"reliability": "B", "credibility": "2"},
}


def facts() -> pd.DataFrame:
    """Return published facts."""
    rows = [
        ("F01", "report", "Orbit attributes the Lantern network to state-linked actors in China", "2023-05-02", "ORBIT;WIRE", "high"),
        ("F02", "takedown", "Mercury removed 7,704 accounts and 954 pages", "2023-06-01", "MERCURY", "high"),
        ("F03", "takedown", 'Mercury wrote of "links to individuals associated with law enforcement", NOT "backed by security agencies"', "2023-06-01", "MERCURY", "high"),
        ("F04", "report", "Orbit: no significant traction, with one exception, a video of July 2022 with 1.5 million views", "2022-07/2023-05", "ORBIT", "high"),
        ("F05", "report", "The Lamp network is a separate actor, kept apart from Lantern by Mercury", "2023-07-01", "OTHER", "high"),
        ("F06", "takedown", "Mercury describes the Lantern network as directed by a state office", "2023-06-01", "MERCURY", "medium"),
        ("F07", "report", "A minister said the campaign aims to divide voters", "2023-05-02", "WIRE", "high"),
        ("F08", "takedown", "Tok removed 284 accounts in Aug 2023 after a newspaper's questions", "2023-08-31", "LENS", "high"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["fact_id", "group", "statement", "date", "sources", "sure"])


def factcheck() -> pd.DataFrame:
    """Return three known overstatements."""
    rows = [
        ("S1", "backed by agencies", "overstated", "F03", "Mercury wrote of links to individuals, not of backing",
         "mercury & backed|sponsored|run & security|police|agencies|services"),
        ("S2", "284 accounts of 2024", "other event", "F08", "the 284 accounts were removed in August 2023",
         "tok & 284 & 2024|september|election"),
        ("S3", "no traction", "overstated", "F04", "there was one exception, a video with 1.5 million views",
         "orbit & no significant traction|aucun écho & !exception|except"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["id", "statement", "verdict", "facts", "published", "trap"])


def accounts() -> pd.DataFrame:
    """Return the accounts."""
    rows = []
    for role, keys, item in (
        ("persona", PERSONAS, "E0001"),
        ("known", KNOWN, "E0003"),
        ("reference", REFERENCE, "E0004"),
    ):
        rows += [
            {"account": k, "platform": "x", "account_id": k[2:], "handle": f"sample_{k[2:]}", "role": role,
             "found_by": "query", "seen_as": "author", "evidence_id": item, "source_line": n, "provenance": "synthetic"}
            for n, k in enumerate(keys, 1)
        ]  # fmt: skip
    return schema.check("accounts", pd.DataFrame(rows))


def posts() -> pd.DataFrame:
    """Return two posts an account."""
    rows = []
    for keys, item in ((PERSONAS, "E0001"), (KNOWN, "E0003"), (REFERENCE, "E0004")):
        for n, key in enumerate(keys * 2, 1):
            rows.append(
                {"post": f"x:{item}{n}", "platform": "x", "post_id": f"{n}", "account": key, "embedded": False,
                 "created_at": f"2024-0{1 + n % 6}-01T12:00:00Z", "text": f"Sample post {n}", "urls": [],
                 "evidence_id": item, "source_line": n}
            )  # fmt: skip
    return schema.check("posts", pd.DataFrame(rows))


def signals() -> pd.DataFrame:
    """Return signals: three set the personas apart, one is the mark of second-language writers."""
    rows = []
    for name, shown, rate in (
        ("contradiction-of-claims", 5, 0.0),
        ("reused-image", 4, 0.05),
        ("default-handle", 5, 0.2),
        ("bilingual", 6, 0.1),
    ):
        rows += [
            {"account": key, "episode": "all", "signal": name, "family": "identity", "value": 1.0,
             "shown": "shown" if n < shown else "not shown", "reference_rate": rate, "reference_n": 30,
             "worst_rate": rate, "counted": True, "evidence": [f"E0001:{n + 1}", f"E0002:{n + 1}"]}
            for n, key in enumerate(PERSONAS)
        ]  # fmt: skip
    return schema.check("signals", pd.DataFrame(rows))


def snapshots() -> pd.DataFrame:
    """Return one dated profile a persona."""
    rows = [
        {"account": k, "platform": "x", "handle": f"sample_{k[2:]}", "captured_at": "2024-01-05T00:00:00Z",
         "capture": "archive", "evidence_id": "E0002", "source_line": n}
        for n, k in enumerate(PERSONAS, 1)
    ]  # fmt: skip
    return schema.check("snapshots", pd.DataFrame(rows))


def verdicts() -> pd.DataFrame:
    """Return the verdicts."""
    rows = [
        {"account": k, "verdict": "suspected", "reviewers": ["aa", "bb"], "agreement": "unanimous",
         "real_person_check": "done" if k == "x:101" else "missing", "evidence": ["E0002:1"]}
        for k in PERSONAS
    ]  # fmt: skip
    return schema.check("verdicts", pd.DataFrame(rows))


def edges() -> pd.DataFrame:
    """Return co-actions: five personas with each other, two of them with both known accounts."""
    rows = []
    pairs = [(a, b) for i, a in enumerate(PERSONAS[:5]) for b in PERSONAS[i + 1 : 5]]
    pairs += [(p, k) for p in PERSONAS[:2] for k in KNOWN]
    for a, b in pairs:
        lines = {"x:2": "E0003", "x:1": "E0001"}
        rows.append(
            {"source": a, "target": b, "layer": "link", "time_window": 60.0, "co_actions": 4, "objects": 4,
             "finding": "synchrony", "evidence": [f"E0001:{int(a[2:]) - 100}", f"{lines[b[:3]]}:{int(b[4:])}"]}
        )  # fmt: skip
    rows.append({"source": "x:301", "target": "x:302", "layer": "link", "objects": 3,
                 "finding": "shared attention", "evidence": ["E0004:1", "E0004:2"]})  # fmt: skip
    return schema.check("edges", pd.DataFrame(rows))


def clusters() -> pd.DataFrame:
    """Return one group."""
    rows = [
        {"cluster": "C1", "account": k, "role": "amplifier", "label": "coordinated"}
        for k in [*PERSONAS[:5], *KNOWN]
    ]
    return schema.check("clusters", pd.DataFrame(rows))


NETWORKS = [
    {"name": "Lantern", "aliases": ["Paper Lantern"], "attributed_by": "ORBIT", "look_alikes": ["Lamp network"]},
]  # fmt: skip

LEGAL = {
    "basis": "journalism", "proportionality": "weighed", "real_person_check": "done",
    "right_of_reply": "asked", "retention": "two years", "signed_by": "aa", "signed_on": "2024-08-01",
}  # fmt: skip

HYPOTHESES = {f"H{n}": f"hypothesis {n} as it would look in this case" for n in range(7)}


def line_ups(tells_apart: bool = True) -> pd.DataFrame:
    """Return what one reviewer said in a line-up, and whether that tells the accounts apart."""
    called = 0 if tells_apart else 5
    row = {
        "reviewer": "aa", "locked": True, "under_review": 6, "called": 6, "fillers": 6,
        "fillers_called": called, "rate": called / 6, "low": 0.0, "high": 0.9,
        "p": 0.001 if tells_apart else 0.5, "tells_apart": tells_apart,
        "evidence": ["E0001:1", "E0004:1"],
    }  # fmt: skip
    return schema.check("line_ups", pd.DataFrame([row]))


def settings(language: str = "en", **other: object) -> SimpleNamespace:
    """Return settings whose gate is answered."""
    given = {"networks": NETWORKS, "legal": LEGAL, "hypotheses": HYPOTHESES, "language": language}
    return SimpleNamespace(**{**given, **other})


def all_tables() -> dict[str, pd.DataFrame]:
    """Return every table of the case."""
    return {
        "accounts": accounts(), "posts": posts(), "snapshots": snapshots(), "signals": signals(),
        "verdicts": verdicts(), "line_ups": line_ups(), "edges": edges(), "clusters": clusters(),
    }  # fmt: skip


def battery(signals: pd.DataFrame) -> SimpleNamespace:
    """Judge a group as simply as can be: three signals shown by half of it, and a contradiction."""
    part = signals[signals["signal"] != "bilingual"].groupby("signal")["shown"]
    shares = part.agg(lambda shown: (shown == "shown").mean())
    families = pd.DataFrame(
        [{"signal": n, "counts": s >= 0.5, "why": f"{100 * s:.0f} % of the group"} for n, s in shares.items()],
        columns=["signal", "counts", "why"],
    )  # fmt: skip
    counting = set(families.loc[families["counts"].astype(bool), "signal"])
    met = len(counting) >= 3 and "contradiction-of-claims" in counting
    return SimpleNamespace(
        families=families, inauthentic=met, reason=f"{len(counting)} of the 3 families needed"
    )


class World:
    """The case, and the check of a draft in it."""

    def __init__(self) -> None:
        self.tables = all_tables()
        self.register = register(items(), sources(), GRADES)
        self.facts, self.factcheck = facts(), factcheck()
        self.remake()

    def remake(self) -> None:
        """Compute what follows from the tables again."""
        self.values = named_values(self.tables)
        self.ladder = ladder(self.tables, self.register, self.values, group=battery)

    def check(self, *claims: dict, language: str = "en", **other):
        """Check drafts."""
        return check_claims(
            list(claims), self.register, self.values, tables=self.tables, ladder=self.ladder,
            facts=self.facts, factcheck=self.factcheck,
            settings=other.pop("settings", settings(language)), **other,
        )  # fmt: skip


@pytest.fixture
def world() -> World:
    """The small invented case."""
    return World()
