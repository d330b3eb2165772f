"""A new case: a folder that already runs, as a draft that says what is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from casebook.case import Case, home, is_path
from casebook.errors import CaseError
from casebook.log import write_atomically
from casebook.settings import MAPPINGS_MARK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")

CASE_YAML = """\
# What this case is about. Unknown keys are errors; identifiers stay in quotes.
schema_version: 1
title: "{title}"
question: "Which of these accounts are not what they claim to be, and do they act together?"
language: en            # en or fr
status: draft           # draft or final

scope:
  platforms: []         # x, tiktok, instagram, ...
  from: ""              # "2024-01-01"
  to: ""
  query_terms: []       # words you searched for: they are never counted as shared content
  note: ""

investigators: []       # aliases in lower case, never real names

legal:                  # the gate before a final report
  basis: ""             # on what ground is this data processed
  proportionality: ""   # why this is not more than the public interest needs
  real_person_check: "" # how you checked that no real person is taken for a fake one
  right_of_reply: ""    # who was asked, and how
  retention: ""         # until when raw data is kept
  signed_by: ""
  signed_on: ""

hypotheses:             # all seven belong to every case; say why one does not apply
  H0: "Authentic users, or coincidence"
  H1: "Commercial spam or an engagement farm"
  H2: "A domestic political actor"
  H3: "The actor that is suspected"
  H4: "Another state actor"
  H5: "Mimicry: somebody imitates the suspected actor"
  H6: "Authentic accounts, hijacked or bought"

roles:                  # only where the role given with --role at collection is not enough
  persona: []
  known: []
  reference: []
  bystander: []

corrections: []         # what an earlier edition said wrongly: date, claim, was, now, why
reach: {{}}               # Breakout Scale; several_platforms: {{answer: shown, evidence: [E0001]}}
cleared: []             # who may be named in the public edition; all others are masked
parameters: {{}}          # per notebook: 03-network-map: {{time_window: "60s"}}

"""

CLAIMS_YAML = """\
# The sentences of the finding. Each needs evidence; see 04-attribution for what is missing.
#
#  - id: C1
#    kind: observation        # observation, assessment, forecast or intent
#    text: "{{ personas }} accounts are under review, next to {{ reference_accounts }} others."
#    evidence: ["selection:personas", "selection:reference_accounts"]
claims: []
"""

README_MD = """\
# {title}

This folder is a case. Raw files are in `evidence/`, and are never changed; `evidence.jsonl` says
what was collected, when, by whom. `case.yaml` says what the case is about; `claims.yaml` holds the
sentences of the finding. `tables/` can be deleted at any time.

Keep this folder out of version control with a remote, and out of synced folders, while people in
it could be harmed by being named. `casebook doctor {name}` checks that.

    casebook collect {name} FILE... --role persona
    casebook collect {name} FILE... --role reference
    casebook lab {name}
    casebook run {name}
"""

GITIGNORE = "*\n"


def new_case(name: str | Path, *, clock: Callable[[], datetime] | None = None) -> Case:
    """Make a new case and return it.

    Parameters
    ----------
    name : str or Path
        A name makes ``~/Casebook/<name>`` (or CASEBOOK_HOME); a path makes that folder.

    Raises
    ------
    CaseError
        Where the name cannot be a folder's name everywhere, or the folder is not empty.
    """
    from casebook.readers.profile_sheet import template

    given = Path(name).expanduser()
    folder = given.absolute() if is_path(name) else home() / given
    if not NAME.fullmatch(folder.name):
        raise CaseError(
            f"{folder.name!r} cannot be the name of a case",
            remedy="use lower-case letters, digits, hyphens: my-case",
        )
    if folder.exists() and any(folder.iterdir()):
        raise CaseError(
            f"the folder {folder.name!r} is there already and not empty",
            remedy="choose another name, or work on it with `casebook lab`",
        )
    for part in ("evidence", "judgements", "published"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    title = folder.name.replace("-", " ").replace("_", " ").capitalize()
    for file, text in (
        ("claims.yaml", CLAIMS_YAML),
        ("README.md", README_MD.format(title=title, name=folder.name)),
        (".gitignore", GITIGNORE),
        ("profile-sheet-template.csv", template()),
        # Last, because a folder is a case once it has a case.yaml.
        (
            "case.yaml",
            CASE_YAML.format(title=title) + MAPPINGS_MARK + "mappings: {}\n",
        ),
    ):
        write_atomically(folder / file, text.encode("utf-8"))
    return Case(folder, clock=clock)
