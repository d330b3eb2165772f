"""claims.yaml keeps what people wrote around a claim that is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from casebook.claims_file import with_claim
from casebook.errors import ClaimError

EXAMPLE = Path(__file__).resolve().parent.parent / "data" / "spamouflage-2024" / "claims.yaml"
FILE = """\
# Ours; ask bb before you touch C2.
claims:
  - id: C1            # the first
    kind: observation
    # the number is bound
    text: >-
      The collection holds {{ persona_posts }} posts. # 1 is no comment

    evidence: ["selection:persona_posts"]  # all of them

  # the second, weaker
  - id: C2
    kind: assessment
    rung: 2
    text: It is {{ likelihood }} that they are coordinated.
    likelihood: likely
    confidence:
      level: low
      # why low
      assumptions: The reference accounts stand for others.
      sourcing: Exports.
    evidence:
      - "selection:persona_pairs"   # the pairs
      - E0001:41
# end
"""


def claims(text):
    return {c["id"]: c for c in yaml.safe_load(text)["claims"]}


def test_nothing_changes_where_nothing_is_changed():
    for text in (FILE, EXAMPLE.read_text(encoding="utf-8")):
        for claim in claims(text).values():
            assert with_claim(text, claim) == (text, [])


def test_only_the_key_that_changes_is_written_anew():
    wanted = {**claims(FILE)["C2"], "likelihood": "very likely"}
    new, lost = with_claim(FILE, wanted)
    assert lost == []
    changed = set(new.splitlines()) ^ set(FILE.splitlines())
    assert changed == {"    likelihood: likely", '    likelihood: "very likely"'}
    assert claims(new)["C2"] == wanted
    assert claims(new)["C1"] == claims(FILE)["C1"]


def test_a_comment_inside_what_is_written_anew_is_named():
    wanted = {**claims(FILE)["C2"], "evidence": ["E0001:42"]}
    new, lost = with_claim(FILE, wanted)
    assert lost == ["# the pairs"]
    assert claims(new)["C2"]["evidence"] == ["E0001:42"]
    assert "# end" in new
    new, lost = with_claim(FILE, {**claims(FILE)["C1"], "evidence": ["E0001:1"]})
    assert lost == ["# all of them"]
    assert "# the second, weaker" in new


def test_a_hash_inside_a_sentence_is_no_comment():
    wanted = {
        **claims(FILE)["C1"],
        "text": "Rewritten # with a sign, and {{ personas }} accounts in it.",
    }
    new, lost = with_claim(FILE, wanted)
    assert lost == []
    assert "# the number is bound" in new
    assert claims(new)["C1"]["text"] == wanted["text"]


def test_reasons_are_changed_one_by_one():
    old = claims(FILE)["C2"]
    wanted = {
        **old,
        "confidence": {
            **old["confidence"],
            "sourcing": "Exports: two, graded.",
            "argument": "The timing holds.",
        },
    }
    new, lost = with_claim(FILE, wanted)
    assert lost == []
    assert "# why low" in new
    assert claims(new)["C2"] == wanted


def test_a_key_that_is_emptied_goes_and_a_new_one_comes():
    wanted = {**claims(FILE)["C2"], "likelihood": "", "counter_evidence": "A: b # c"}
    new, _ = with_claim(FILE, wanted)
    assert "likelihood" not in claims(new)["C2"]
    assert claims(new)["C2"]["counter_evidence"] == "A: b # c"
    assert new.endswith("# end\n")


def test_a_new_claim_is_added_at_the_end():
    wanted = {
        "id": "C3",
        "kind": "observation",
        "text": "“Quoted”: " + "long words " * 20,
        "evidence": ["E0001:1", "selection:personas"],
    }
    new, lost = with_claim(FILE, wanted)
    assert lost == []
    assert new.startswith(FILE.rstrip("\n"))
    assert claims(new)["C3"]["text"].strip() == wanted["text"].strip()


@pytest.mark.parametrize("text", ["", "# by hand\nclaims: []\n", "claims:\n"])
def test_the_first_claim_of_a_file(text):
    new, lost = with_claim(text, {"id": "C1", "kind": "observation", "text": "One."})
    assert claims(new) == {"C1": {"id": "C1", "kind": "observation", "text": "One."}}
    assert lost == []
    assert ("# by hand" in new) == ("# by hand" in text)


def test_a_claim_on_one_line_becomes_a_block():
    text = 'claims:\n  - {id: C1, kind: observation, text: "One."}  # short\n  - id: C2\n    kind: intent\n'
    new, lost = with_claim(text, {"id": "C1", "kind": "observation", "text": "Two: it is."})
    assert claims(new)["C1"]["text"] == "Two: it is."
    assert claims(new)["C2"] == {"id": "C2", "kind": "intent"}
    assert lost == ["# short"]


def test_what_is_no_yaml_is_not_written_over():
    with pytest.raises(ClaimError, match="not valid YAML"):
        with_claim("claims:\n  - id: [C1\n", {"id": "C1", "kind": "observation"})
