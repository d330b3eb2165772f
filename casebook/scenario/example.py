"""The example case: a synthetic world, collected and reviewed as a real one would be.

What people write by hand (case.yaml, claims.yaml, replies.jsonl, published/) is kept in the case
folder. What tools and clicks make (evidence, its log, the judgements) is made here, with a clock
that ticks the same way each time, so that making it again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from casebook.case import CLONE, Case
from casebook.collection import build_tables, collect
from casebook.scenario import clock, files
from casebook.scenario.cast import END, World, example_world
from casebook.widgets.board import ReviewBoard, line_up_board

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

NAME = "spamouflage-2024"
FOLDER = CLONE / "data" / NAME
BY_HAND = (
    "case.yaml", "claims.yaml", "codebook.yaml", "replies.jsonl", "README.md", "published",
)  # fmt: skip
MADE = ("evidence", "evidence.jsonl", "judgements")
COLLECTED = END + 2 * clock.DAY
ZONE = timezone(timedelta(hours=2))
REVIEWERS = ("reviewer-a", "reviewer-b")

STRATA = (
    ("ordinary", "accounts drawn at random from users of the same topics (synthetic)"),
    ("fans", "two fan clubs, drawn as look-alikes (synthetic)"),
    ("partisans", "followers of the same influencers, drawn as look-alikes (synthetic)"),
    ("diaspora", "bilingual users abroad, drawn as look-alikes (synthetic)"),
    ("newsroom", "local desks of one news company, drawn as look-alikes (synthetic)"),
)


def ticking() -> Callable[[], datetime]:
    """Return a clock that starts on the day of collection and moves a minute a look."""
    moment = datetime(2024, 9, 5, 9, 0, tzinfo=ZONE)

    def tick() -> datetime:
        nonlocal moment
        moment += timedelta(minutes=1)
        return moment

    return tick


def write_example(folder: Path, *, seed: int = 2024) -> Case:
    """Make evidence, log and judgements of the example case in a folder that has a case.yaml."""
    for name in MADE:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    case = Case(folder, clock=ticking())
    world = example_world(seed)
    with tempfile.TemporaryDirectory() as drafts:
        _collect(case, world, Path(drafts))
    build_tables(case)
    _judge(case)
    return case


def differences(folder: Path = FOLDER, *, seed: int = 2024) -> list[str]:
    """Return which files of the example case differ from those made anew."""
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary) / NAME
        fresh.mkdir()
        for name in BY_HAND:
            source = folder / name
            if source.is_dir():
                shutil.copytree(source, fresh / name)
            elif source.is_file():
                shutil.copyfile(source, fresh / name)
        write_example(fresh, seed=seed)
        kept, made = _files(folder), _files(fresh)
    return sorted(n for n in kept.keys() | made.keys() if kept.get(n) != made.get(n))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in MADE
        for path in [folder / name, *(folder / name).rglob("*")]
        if path.is_file() and not path.name.endswith(".lock")
    }


def _collect(case: Case, world: World, drafts: Path) -> None:
    """Write the export files and collect each as its own item."""

    def put(name: str, content: bytes) -> Path:
        path = drafts / name
        path.write_bytes(content)
        return path

    found_by = "named in the published report of 3 Sept 2024 (synthetic stand-ins)"
    collect(
        case,
        put(
            "SYNTHETIC-x-personas.ndjson",
            files.zeeschuimer(world.of("persona", "outlet"), collected=COLLECTED),
        ),
        role="persona",
        found_by=found_by,
        selected_on=["patriotic-tokens"],
        title="X posts of the accounts under review, captured with Zeeschuimer (synthetic)",
        kind="behavioural",
        access="open",
    )
    collect(
        case,
        put(
            "SYNTHETIC-tiktok-personas.csv",
            files.fourcat_tiktok(world.of("outlet", "video", platform="tiktok")),
        ),
        role="persona",
        found_by=found_by,
        title="TikTok posts of two accounts under review, exported with 4CAT (synthetic)",
        kind="behavioural",
        access="open",
    )
    collect(
        case,
        put("SYNTHETIC-profile-sheet.csv", files.profile_sheet(world.looks)),
        role="persona",
        found_by=found_by,
        title="What the profiles said on dated days (synthetic)",
        kind="behavioural",
        access="open",
    )
    known = [p for p in world.people if p.stratum == "known"]
    collect(
        case,
        put("SYNTHETIC-known-accounts-posts.csv", files.fourcat_x(world.of("known"))),
        role="known",
        found_by="listed in SYNTHETIC-known-accounts.csv",
        title="X posts of accounts attributed earlier by others, exported with 4CAT (synthetic)",
        kind="behavioural",
        access="open",
        derives_from=["known-list"],
    )
    collect(
        case,
        put("SYNTHETIC-known-accounts.csv", files.indicator_list(known)),
        role="known",
        found_by="a published indicator list (synthetic)",
        title="List of accounts attributed earlier by others (synthetic)",
        kind="contextual",
        access="open",
        derives_from=["known-list"],
    )
    for stratum, how in STRATA:
        collect(
            case,
            put(f"SYNTHETIC-reference-{stratum}.csv", files.fourcat_x(world.of(stratum))),
            role="reference",
            stratum=stratum,
            found_by=how,
            title=f"X posts of reference accounts: {stratum} (synthetic)",
            kind="behavioural",
            access="open",
        )
    names = sorted({p.avatar for p in world.people if p.avatar})
    collect(
        case,
        *(put(name, files.avatar(int(name[7:9]))) for name in names),
        reader="document",
        together=True,
        title="Profile pictures of the accounts under review (synthetic, abstract)",
        capture="saved page",
        kind="behavioural",
        access="open",
    )


# -- what two reviewers decided -------------------------------------------------------------------


def _judge(case: Case) -> None:
    """Record what two reviewers said: in the line-up, and then knowing who is who."""
    accounts, posts, snapshots = (case.read(t) for t in ("accounts", "posts", "snapshots"))
    personas = accounts[accounts["role"] == "persona"].sort_values("account")
    for reviewer in REVIEWERS:
        _line_up(case, accounts, posts, snapshots, reviewer)
    for reviewer in REVIEWERS:
        for index, account in enumerate(personas["account"]):
            seen = snapshots[snapshots["account"] == account]
            typed = seen[seen["reader"] == "profile-sheet"]
            rows = [f"{r.evidence_id}:{r.source_line}" for r in typed.head(2).itertuples()]
            answer, reason = _decision(index, reviewer, contradicts=_contradicts(seen))
            case.judge(account, "verdict", answer, reason=reason, evidence=rows, reviewer=reviewer)
            case.judge(
                account,
                "real-person-check",
                "done",
                reason="No real person of this name, picture or history was found (synthetic).",
                evidence=rows[:1],
                reviewer=reviewer,
            )
    for subject, answer, reason in MATRIX:
        case.judge(
            subject, "hypotheses", answer, reason=reason, evidence=[subject], reviewer="reviewer-a"
        )


def _line_up(
    case: Case,
    accounts: pd.DataFrame,
    posts: pd.DataFrame,
    snapshots: pd.DataFrame,
    reviewer: str,
) -> None:
    """Answer the line-up on the board, as people would: with a mistake, and doubts."""
    board = line_up_board(case, accounts, posts, snapshots, reviewer=reviewer)
    if not isinstance(board, ReviewBoard):
        raise TypeError("the example has too few reference accounts for a line-up")
    stratum = accounts.set_index("account")["stratum"].fillna("").to_dict()
    abroad = next(a for a in board.order if stratum[a] == "diaspora")
    for account in list(board.order):
        index = int(hashlib.sha256(account.encode()).hexdigest(), 16)
        board.go_to.value = account
        if not stratum[account]:
            answer, reason = _decision(index, reviewer, contradicts=False)
        elif account == abroad and reviewer == REVIEWERS[0]:
            answer, reason = "suspected", "Writes of elections abroad at all hours of the day."
        elif index % 6 == 1:
            answer, reason = "undetermined", "Posts little that is their own."
        else:
            answer, reason = "authentic", "Talks with others, makes jokes, and the hours wander."
        board.answer.value, board.reason.value = answer, f"{reason} (synthetic)"
        board.save.click()
    board.lock.click()


def _contradicts(seen: pd.DataFrame) -> bool:
    return any(
        len(seen[c].dropna().drop_duplicates()) > 1
        for c in ("claimed_age", "claimed_place", "claimed_occupation", "claimed_service")
    )


def _decision(index: int, reviewer: str, *, contradicts: bool) -> tuple[str, str]:
    if contradicts:
        return "assessed inauthentic", "The profile claimed different things on different days."
    if index % 7 == 3:
        if reviewer == "reviewer-a":
            return "suspected", "The posting hours fit an office and not the claimed place."
        return "undetermined", "The hours fit an office, and a shift worker could keep them too."
    if index % 5 == 4:
        return "undetermined", "Too little was captured of this account to decide."
    return "suspected", "The posting hours and the shared texts fit the group."


MATRIX = (
    (
        "selection:persona_pairs",
        "H0 II, H1 N, H2 N, H3 C, H4 C, H5 C, H6 N; relevance high",
        "Ordinary users do not keep this timing; any organised group would.",
    ),
    (
        "selection:signals_shown",
        "H0 I, H1 N, H2 N, H3 C, H4 N, H5 N, H6 I; relevance medium",
        (
            "Several signals at once are rare among ordinary users; hijacked accounts would not "
            "have been made in the same weeks."
        ),
    ),
    (
        "selection:known_ties",
        "H0 I, H1 N, H2 I, H3 C, H4 N, H5 I, H6 N; relevance medium",
        (
            "Accounts that others attributed come after these as often as before; an imitator "
            "follows and does not lead."
        ),
    ),
    (
        "fact:G06",
        "H0 I, H1 I, H2 I, H3 C, H4 I, H5 N, H6 N; relevance medium",
        "A named organisation attributes the published accounts; its data is not open.",
    ),
    (
        "fact:E05",
        "H0 N, H1 N, H2 N, H3 I, H4 N, H5 N, H6 N; relevance low",
        "The embassy denies it, as it would in either case.",
    ),
)
