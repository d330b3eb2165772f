"""Drafts of claims, good and bad. Bland invented text; each bad draft breaks one thing.

A bad draft is a good one with a change: (rule, what is wrong, base, change). `SUBSTANCE` marks
drafts in which every field is filled and the fault is in what they say or rest on.
"""

from __future__ import annotations

CONFIDENCE = {
    "level": "moderate",
    "assumptions": "The reference accounts stand for ordinary users.",
    "sourcing": "Platform exports and dated captures collected here.",
    "argument": "Several independent traits point the same way.",
}
LOW = {**CONFIDENCE, "level": "low"}
HIGH = {**CONFIDENCE, "level": "high"}
COUNTER = "A shared scheduling tool would look the same; none was found."

OBSERVATION = {
    "id": "C1",
    "kind": "observation",
    "text": "The collection holds {{ persona_posts }} posts by {{ personas }} accounts under review.",
    "evidence": ["selection:persona_posts", "selection:personas"],
}
ONE = {
    "id": "C2",
    "kind": "assessment",
    "rung": 1,
    "text": "It is {{ likelihood }} that the {{ personas }} accounts are inauthentic as a group.",
    "likelihood": "very likely",
    "confidence": CONFIDENCE,
    "evidence": ["selection:signals_shown", "selection:personas"],
}
TWO = {
    "id": "C3",
    "kind": "assessment",
    "rung": 2,
    "text": "It is {{ likelihood }} that {{ coordinated_personas }} of the accounts are coordinated.",
    "likelihood": "very likely",
    "confidence": CONFIDENCE,
    "evidence": ["selection:synchrony_pairs"],
    "counter_evidence": COUNTER,
}
THREE = {
    "id": "C4",
    "kind": "assessment",
    "rung": 3,
    "network": "Lantern",
    "text": "It is {{ likelihood }} that the group is linked to Lantern: {{ tied_personas }} of its "
    "accounts keep pace with {{ tied_known }} accounts attributed to it by others.",
    "likelihood": "likely",
    "confidence": LOW,
    "evidence": ["selection:known_ties", "ORBIT"],
    "counter_evidence": "An imitator would leave the same ties in time.",
}
FOUR = {
    "id": "C5",
    "kind": "assessment",
    "rung": 4,
    "reported_by": "Mercury and Orbit",
    "text": "As reported by Mercury, the Lantern network is directed by a state office; nothing "
    "collected here tests that.",
    "confidence": CONFIDENCE,
    "evidence": ["fact:F06", "fact:F01"],
    "counter_evidence": "The embassy denied it, and no court has ruled.",
    "would_change": "Payment records or infrastructure logs.",
    "about": ["China"],
}
FOUR_OWN = {
    "id": "C6",
    "kind": "assessment",
    "rung": 4,
    "text": "It is {{ likelihood }} that the accounts were operated by a contractor.",
    "likelihood": "likely",
    "confidence": CONFIDENCE,
    "evidence": ["E0005", "E0009:p2"],
    "counter_evidence": "The contractor denies it, and the letter could be forged in part.",
    "would_change": "The contract itself.",
    "about": ["Sample Contractor"],
}
FORECAST = {
    "id": "C7",
    "kind": "forecast",
    "text": "It is {{ likelihood }} that the accounts will post again before the vote.",
    "likelihood": "likely",
    "confidence": LOW,
    "evidence": ["selection:persona_posts"],
    "resolves_on": "2024-11-05",
}
INTENT = {
    "id": "C8",
    "kind": "intent",
    "reported_by": "a minister",
    "text": "A minister said that the campaign aims to divide voters.",
    "evidence": ["fact:F07"],
    "about": ["the campaign's operator"],
}
REPORTED = {
    "id": "C9",
    "kind": "observation",
    "reported_by": "Mercury",
    "text": "Mercury reported in June 2023 that it removed 7,704 accounts.",
    "evidence": ["fact:F02"],
}
FRENCH = {
    "id": "C10",
    "kind": "assessment",
    "rung": 2,
    "text": "Il est {{ likelihood }} que {{ coordinated_personas }} des comptes soient coordonnés.",
    "likelihood": "très probable",
    "confidence": {
        "level": "moderate",
        "assumptions": "Les comptes de comparaison valent pour des usagers ordinaires.",
        "sourcing": "Exports de la plateforme recueillis ici.",
        "argument": "Le rythme tient dans la plupart des spécifications.",
    },
    "evidence": ["selection:synchrony_pairs"],
    "counter_evidence": "Un outil de publication partagé donnerait le même rythme.",
}

BASES = {
    "observation": OBSERVATION, "one": ONE, "two": TWO, "three": THREE, "four": FOUR,
    "four own": FOUR_OWN, "forecast": FORECAST, "intent": INTENT, "reported": REPORTED,
    "french": FRENCH,
}  # fmt: skip

SUBSTANCE = True
FORM = False

BAD: list[tuple[str, bool, str, dict]] = [
    # R1: evidence that resolves, bound numbers
    ("R1", FORM, "observation", {"evidence": []}),
    ("R1", FORM, "one", {"evidence": None}),
    ("R1", FORM, "observation", {"evidence": ["E0042:1"]}),
    ("R1", FORM, "observation", {"evidence": ["selection:persona_post"]}),
    ("R1", FORM, "reported", {"evidence": ["fact:F99"]}),
    ("R1", FORM, "three", {"evidence": ["selection:known_ties", "ORBITT"]}),
    ("R1", FORM, "observation", {"text": "The collection holds {{ persona_postings }} posts."}),
    ("R1", FORM, "observation", {"text": "The collection holds {{ personas posts."}),
    ("R1", FORM, "observation", {"text": "{{ rate_default_handle | pct }} of accounts have such a handle."}),
    ("R1", SUBSTANCE, "observation", {"evidence": ["E0001"]}),
    ("R1", SUBSTANCE, "two", {"evidence": ["selection:synchrony_pairs", "E0001"]}),
    ("R1", SUBSTANCE, "observation", {"evidence": ["E0001:4000"]}),
    ("R1", SUBSTANCE, "observation", {"evidence": ["E0008"]}),
    ("R1", SUBSTANCE, "one", {"evidence": ["selection:signals_shown", "selection:verdict_inauthentic"]}),
    ("R1", SUBSTANCE, "observation", {"text": "The collection holds 12 posts by {{ personas }} accounts."}),
    ("R1", SUBSTANCE, "observation", {"text": "The collection holds {{ persona_posts }} posts by 15 personas."}),
    ("R1", SUBSTANCE, "observation", {"text": "The collection holds posts by fifteen accounts."}),
    ("R1", SUBSTANCE, "observation", {"text": "About two hundred accounts were read."}),
    ("R1", SUBSTANCE, "one", {"headline": "Very likely: 15 accounts are inauthentic", "likelihood": "very likely"}),
    ("R1", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the accounts are coordinated, in 14 pairs."}),
    ("R1", SUBSTANCE, "observation", {"text": "87 % of the accounts use a suggested handle."}),
    ("R1", SUBSTANCE, "observation", {"text": "Posts follow each other within 2.5 minutes."}),
    ("R1", SUBSTANCE, "observation", {"text": "The video has 1.5 million views."}),
    ("R1", SUBSTANCE, "observation", {"text": "The files hold 2024 accounts."}),
    ("R1", SUBSTANCE, "reported", {"text": "Mercury reported in June 2023 that it removed 7,740 accounts."}),
    ("R1", SUBSTANCE, "reported", {"text": "Mercury reported in June 2024 that it removed 7,704 accounts."}),
    ("R1", SUBSTANCE, "reported", {"text": "Mercury removed 284 accounts in June 2023."}),
    ("R1", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que quinze comptes soient coordonnés."}),
    ("R1", FORM, "observation", {"values": {"old": {"count": "post"}}, "text": "{{ old }} posts are old."}),
    ("R1", FORM, "observation", {"values": {"old": {"counts": "posts"}}, "text": "{{ old }} posts are old."}),
    # R2: independent origins
    ("R2", SUBSTANCE, "three", {"evidence": ["ORBIT", "WIRE", "LENS"]}),
    ("R2", SUBSTANCE, "three", {"evidence": ["selection:synchrony_pairs_x", "ORBIT", "WIRE"]}),
    ("R2", SUBSTANCE, "four", {"evidence": ["fact:F01", "WIRE", "LENS"]}),
    ("R2", SUBSTANCE, "four", {"evidence": ["fact:F06"]}),
    ("R2", SUBSTANCE, "four own", {"evidence": ["E0005"]}),
    ("R2", SUBSTANCE, "three", {"evidence": ["selection:signals_shown"]}),
    ("R2", SUBSTANCE, "four", {"evidence": ["ORBIT", "fact:F07"]}),
    # R3 and caps: confidence
    ("R3", SUBSTANCE, "one", {"confidence": HIGH}),
    ("R3", SUBSTANCE, "two", {"confidence": HIGH}),
    ("R3", SUBSTANCE, "forecast", {"confidence": HIGH}),
    ("R3", SUBSTANCE, "four", {"confidence": HIGH}),
    ("cap", SUBSTANCE, "two", {"confidence": HIGH, "evidence": ["selection:synchrony_pairs", "E0006"]}),
    ("cap", SUBSTANCE, "three", {"confidence": HIGH, "evidence": ["selection:known_ties", "ORBIT", "E0005"]}),
    ("cap", SUBSTANCE, "forecast", {"confidence": CONFIDENCE, "evidence": ["E0006"]}),
    ("cap", SUBSTANCE, "forecast", {"confidence": CONFIDENCE, "evidence": ["E0007"]}),
    # R4
    ("R4", SUBSTANCE, "four", {"confidence": HIGH}),
    ("R4", FORM, "four", {"would_change": ""}),
    ("R4", SUBSTANCE, "four", {"would_change": "nothing"}),
    # R5: rungs never mixed
    ("R5", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic and coordinated."}),
    ("R5", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are fake and run by one office."}),
    ("R5", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the fake accounts are coordinated."}),
    ("R5", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the accounts act together as part of the Lantern network."}),
    ("R5", SUBSTANCE, "three", {"text": "It is {{ likelihood }} that the group is linked to Lantern, a state-backed network."}),
    ("R5", SUBSTANCE, "three", {"text": "It is {{ likelihood }} that the group is linked to Lantern and directed by an agency."}),
    ("R5", SUBSTANCE, "observation", {"text": "{{ personas }} fake accounts posted {{ persona_posts }} times."}),
    ("R5", SUBSTANCE, "observation", {"text": "The accounts are coordinated."}),
    ("R5", SUBSTANCE, "observation", {"text": "The accounts belong to the Lantern network."}),
    ("R5", SUBSTANCE, "observation", {"headline": "Troll accounts flood the vote"}),
    ("R5", SUBSTANCE, "one", {"headline": "Very likely inauthentic, and coordinated"}),
    ("R5", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les faux comptes soient coordonnés."}),
    ("R5", SUBSTANCE, "forecast", {"text": "It is {{ likelihood }} that the state-run accounts will post again.", "about": ["a state"]}),
    # R7
    ("R7", FORM, "two", {"counter_evidence": ""}),
    ("R7", FORM, "three", {"counter_evidence": None}),
    ("R7", SUBSTANCE, "two", {"counter_evidence": "None found."}),
    ("R7", SUBSTANCE, "four", {"counter_evidence": "n/a"}),
    # the ladder: evidence of another rung
    ("rung", SUBSTANCE, "one", {"evidence": ["selection:synchrony_pairs"]}),
    ("rung", SUBSTANCE, "two", {"evidence": ["selection:signals_shown"]}),
    ("rung", SUBSTANCE, "two", {"evidence": ["E0001:1", "E0001:2"]}),
    ("rung", SUBSTANCE, "three", {"evidence": ["selection:synchrony_pairs", "ORBIT"]}),
    ("rung", SUBSTANCE, "three", {"evidence": ["selection:known_posts", "ORBIT"]}),
    ("rung", SUBSTANCE, "four own", {"evidence": ["selection:synchrony_pairs", "selection:known_posts"]}),
    ("kind", FORM, "two", {"rung": None}),
    # kinds
    ("kind", FORM, "intent", {"reported_by": ""}),
    ("kind", FORM, "forecast", {"resolves_on": ""}),
    ("kind", FORM, "forecast", {"resolves_on": "soon"}),
    ("kind", FORM, "observation", {"rung": 1}),
    ("kind", FORM, "observation", {"likelihood": "likely"}),
    ("kind", SUBSTANCE, "reported", {"reported_by": ""}),
    ("kind", SUBSTANCE, "observation", {"text": "The accounts posted in order to divide voters."}),
    ("kind", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the accounts are coordinated and seek to divide voters."}),
    ("kind", SUBSTANCE, "observation", {"text": "The accounts will post until the vote."}),
    # trends
    ("trend", SUBSTANCE, "observation", {"text": "The accounts post more than before, increasingly at night."}),
    ("trend", SUBSTANCE, "observation", {"text": "Posts by the accounts doubled over the summer."}),
    ("trend", SUBSTANCE, "observation", {"headline": "A growing number of posts"}),
    ("trend", SUBSTANCE, "observation", {"text": "The tone escalated.", "periods": ["2024-01/2024-03", "2024-04/2024-06"]}),
    ("trend", SUBSTANCE, "observation", {"text": "The tone escalated.", "periods": ["2024-01/2024-03"], "same_method": True}),
    # people and replies
    ("name", SUBSTANCE, "observation", {"text": "@sample_102 posted first."}),
    ("name", SUBSTANCE, "observation", {"text": "@sample_301 posted first."}),
    ("name", SUBSTANCE, "one", {"headline": "@sample_103 is very likely inauthentic"}),
    ("reply", FORM, "four", {"about": []}),
    ("reply", SUBSTANCE, "three", {"text": "It is {{ likelihood }} that the group is linked to Lantern, which posts about China."}),
    # networks
    ("network", FORM, "three", {"network": ""}),
    ("network", FORM, "three", {"network": "Lantren"}),
    ("network", SUBSTANCE, "three", {"text": "It is {{ likelihood }} that the group is linked to Lantern, also known as the Lamp network."}),
    ("network", SUBSTANCE, "three", {"evidence": ["selection:known_ties", "ORBIT", "fact:F05"]}),
    # the published story told too strongly
    ("sources", SUBSTANCE, "reported", {"text": "Mercury found that the network was backed by security agencies.", "evidence": ["fact:F03"]}),
    ("sources", SUBSTANCE, "reported", {"text": "Mercury identified the security services that sponsored the network.", "evidence": ["fact:F03"]}),
    ("sources", SUBSTANCE, "reported", {"text": "Before the election, Tok removed 284 accounts of the network.", "evidence": ["fact:F08"], "reported_by": "Lens"}),
    ("sources", SUBSTANCE, "four", {"text": "As reported by Orbit, the Lantern network is funded by a state.", "evidence": ["fact:F01", "MERCURY"]}),
    # L1
    ("L1", FORM, "one", {"likelihood": None, "text": "The accounts are inauthentic as a group."}),
    ("L1", FORM, "forecast", {"likelihood": None, "text": "The accounts will post again."}),
    ("L1", SUBSTANCE, "one", {"text": "It is probable that the accounts are inauthentic, and {{ likelihood }} at that."}),
    ("L1", SUBSTANCE, "one", {"text": "It is highly likely that the accounts are inauthentic."}),
    ("L1", SUBSTANCE, "two", {"text": "It is almost certain (95–99 %) that the accounts are coordinated."}),
    ("L1", SUBSTANCE, "two", {"text": "The accounts are coordinated."}),
    ("L1", SUBSTANCE, "one", {"headline": "The accounts are inauthentic"}),
    ("L1", SUBSTANCE, "french", {"text": "Il est vraisemblable que les comptes soient coordonnés, et {{ likelihood }}."}),
    ("L1", SUBSTANCE, "french", {"likelihood": "very likely"}),
    ("L1", SUBSTANCE, "one", {"likelihood": "undetermined", "text": "The accounts are inauthentic."}),
    # L2
    ("L2", SUBSTANCE, "one", {"text": "We say with moderate confidence that it is {{ likelihood }} that the accounts are inauthentic."}),
    ("L2", SUBSTANCE, "two", {"text": "It is {{ likelihood }}, a judgement we are confident in, that the accounts are coordinated."}),
    ("L2", SUBSTANCE, "french", {"text": "Il est {{ likelihood }}, avec une confiance modérée, que les comptes soient coordonnés."}),
    # L3
    ("L3", SUBSTANCE, "one", {"text": "It is very likely that the accounts are inauthentic."}),
    ("L3", SUBSTANCE, "one", {"text": "It is very likely (70–90 %) that the accounts are inauthentic."}),
    ("L3", SUBSTANCE, "french", {"text": "Il est très probable que les comptes soient coordonnés."}),
    # L4
    ("L4", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic; there is no doubt about it."}),
    ("L4", SUBSTANCE, "observation", {"text": "The accounts definitely post together at noon."}),
    ("L4", SUBSTANCE, "observation", {"text": "This proves that one person posts for all."}),
    ("L4", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic, with 100 % certainty."}),
    ("L4", SUBSTANCE, "observation", {"text": "There is a 0 % chance of coincidence."}),
    ("L4", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les comptes soient coordonnés, sans aucun doute."}),
    # L5
    ("L5", FORM, "one", {"confidence": None}),
    ("L5", FORM, "two", {"confidence": "moderate"}),
    ("L5", FORM, "two", {"confidence": {**CONFIDENCE, "argument": ""}}),
    ("L5", FORM, "three", {"confidence": {**LOW, "assumptions": ""}}),
    ("L5", FORM, "one", {"confidence": {**CONFIDENCE, "sourcing": ""}}),
    ("L5", SUBSTANCE, "forecast", {"confidence": {**LOW, "sourcing": "tbd"}}),
    # L6
    ("L6", SUBSTANCE, "observation", {"text": "The accounts may be of one hand."}),
    ("L6", SUBSTANCE, "observation", {"text": "The accounts are believed to post from one office."}),
    ("L6", SUBSTANCE, "observation", {"text": "The pattern is consistent with a schedule."}),
    ("L6", SUBSTANCE, "observation", {"headline": "Accounts possibly of one hand"}),
    ("L6", SUBSTANCE, "observation", {"text": "The posts suggest a schedule. They might be automated."}),
    ("L6", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic. Others could be too."}),
    ("L6", SUBSTANCE, "observation", {"text": "The accounts are linked to the same address."}),
    ("L6", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les comptes soient coordonnés. D'autres pourraient suivre."}),
    # written first, without looking at the lists of words; the lists learned from them
    ("R5", SUBSTANCE, "observation", {"text": "Beijing's puppets posted at noon."}),
    ("R5", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that they are phony locals working for Beijing."}),
    ("R5", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic and steered from China."}),
    ("R5", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the accounts are a coordinated Chinese operation."}),
    ("R5", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les comptes soient coordonnés par l'État chinois."}),
    ("R5", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les comptes soient coordonnés par Pékin."}),
    ("R5", SUBSTANCE, "observation", {"text": "The network is Lantern."}),
    ("R5", SUBSTANCE, "observation", {"text": "These profiles are phoney."}),
    ("R5", SUBSTANCE, "observation", {"text": "The accounts impersonate voters."}),
    ("R5", SUBSTANCE, "observation", {"text": "A foreign power pulls the strings."}),
    ("R5", SUBSTANCE, "observation", {"text": "We found strong evidence of foreign interference."}),
    ("R5", SUBSTANCE, "one", {"text": "It is {{ likelihood }} that the accounts are inauthentic and work hand in hand."}),
    ("L4", SUBSTANCE, "two", {"text": "Clearly the accounts are coordinated, which is {{ likelihood }}."}),
    ("L4", SUBSTANCE, "two", {"text": "The accounts are coordinated beyond reasonable doubt; {{ likelihood }}."}),
    ("L4", SUBSTANCE, "observation", {"text": "We are sure that one hand posts for all."}),
    ("L4", SUBSTANCE, "observation", {"text": "Without question one hand posts for all."}),
    ("kind", SUBSTANCE, "observation", {"text": "The goal of the accounts was division."}),
    ("kind", SUBSTANCE, "two", {"text": "It is {{ likelihood }} that the accounts are coordinated to hurt a candidate."}),
    ("trend", SUBSTANCE, "observation", {"text": "Activity peaked higher than last year."}),
    ("trend", SUBSTANCE, "observation", {"text": "The volume keeps going up."}),
    ("trend", SUBSTANCE, "observation", {"text": "Since June the posts have become nastier."}),
    ("L6", SUBSTANCE, "observation", {"text": "It would appear that one person posts for all."}),
    ("L6", SUBSTANCE, "observation", {"text": "In our view one person posts for all."}),
    ("L6", SUBSTANCE, "observation", {"text": "There is a good chance that one person posts for all."}),
    ("L6", SUBSTANCE, "french", {"text": "Il est {{ likelihood }} que les comptes soient coordonnés. On peut penser que d'autres suivent."}),
    ("name", SUBSTANCE, "observation", {"text": "The handle sample_102 posted first."}),
    ("name", SUBSTANCE, "observation", {"text": "hxxps://x[.]com/sample_301 posted first."}),
    ("sources", SUBSTANCE, "reported", {"text": "Mercury described the security services that back the network.", "evidence": ["fact:F03"]}),
    ("R7", SUBSTANCE, "two", {"counter_evidence": "There is none."}),
    ("R7", SUBSTANCE, "two", {"counter_evidence": "None was found by us."}),
    ("R7", SUBSTANCE, "two", {"counter_evidence": "See the report."}),
]  # fmt: skip

GOOD: list[tuple[str, dict]] = [
    ("observation", {}),
    ("one", {}),
    ("two", {}),
    ("three", {}),
    ("four", {}),
    ("four own", {}),
    ("forecast", {}),
    ("intent", {}),
    ("reported", {}),
    ("french", {}),
    ("observation", {"evidence": ["E0001:3", "E0002:1"], "text": "One account changed its stated age between two captures, in January 2024."}),
    ("observation", {"text": "In May 2024 the accounts posted about schools."}),
    ("observation", {"text": "{{ rate_default_handle | percent }} of the reference accounts have a suggested handle, and {{ signal_default_handle }} of the accounts under review.", "evidence": ["selection:signal_default_handle"]}),
    ("observation", {"text": "The first post is of {{ first_post }}, the last of {{ last_post }}."}),
    ("observation", {"text": "One account wrote “we may be fake, who knows, 100 % real”.", "evidence": ["E0001:5"]}),
    ("observation", {"text": "No reference account is among the {{ synchrony_accounts }} accounts in such a pair.", "evidence": ["selection:synchrony_pairs"]}),
    ("observation", {"text": "The posts by the accounts rose from spring to summer.", "periods": ["2024-01/2024-03", "2024-04/2024-06"], "same_method": True}),
    ("observation", {"values": {"june_like": {"count": "posts", "where": {"role": "persona", "platform": "x"}}}, "text": "{{ june_like }} posts are on X.", "evidence": ["selection:june_like"]}),
    ("observation", {"text": "@sample_101 posted first in the file of 3 September 2024.", "evidence": ["E0001:1"]}),
    ("observation", {"text": "The host's letter names the server as of 2024-03-01 at 10:30 UTC.", "evidence": ["E0005:p1"]}),
    ("observation", {"text": "Part of the posts carry no link; the rest do.", "evidence": ["E0001:1", "E0001:2"]}),
    ("one", {"text": "It is very likely (80–95 %) that the accounts are inauthentic as a group."}),
    ("one", {"likelihood": "almost certain", "text": "It is {{ likelihood }} that the group is not what it claims to be, and fake profiles explain the captures."}),
    ("one", {"likelihood": "undetermined", "text": "Whether the accounts are inauthentic remains undetermined.", "confidence": None}),
    ("one", {"headline": "Accounts very likely inauthentic", "text": "It is {{ likelihood }} that the accounts are inauthentic."}),
    ("two", {"likelihood": "likely", "text": "It is {{ likelihood }} that the accounts act together: the same links within 60 minutes is no coincidence of taste.", "values": {}} | {"text": "It is {{ likelihood }} that the accounts act together, faster than taste explains."}),
    ("two", {"counter_evidence": "We looked for a public toolkit in the archives and found none."}),
    ("two", {"likelihood": "undetermined", "text": "Whether the accounts are coordinated is undetermined.", "confidence": None}),
    ("three", {"likelihood": "unlikely", "text": "It is {{ likelihood }} that the group is linked to Lantern."}),
    ("three", {"likelihood": "undetermined", "text": "A link to Lantern is undetermined.", "confidence": None, "evidence": ["ORBIT"]}),
    ("three", {"evidence": ["selection:known_ties", "MERCURY", "E0005"]}),
    ("four", {"text": "Mercury describes the Lantern network as directed by a state office.", "evidence": ["fact:F06", "ORBIT"]}),
    ("four own", {"confidence": {**HIGH, "level": "moderate"}}),
    ("forecast", {"likelihood": "roughly even chance", "text": "There is a {{ likelihood }} that the accounts will be active on election day."}),
    ("intent", {"text": "A minister said the campaign wants to divide voters."}),
    ("reported", {"text": "Mercury reported “links to individuals associated with law enforcement”.", "evidence": ["fact:F03"]}),
    ("reported", {"reported_by": "Orbit", "text": "Orbit found no significant traction, with one exception: a video with 1.5 million views in July 2022.", "evidence": ["fact:F04"]}),
    ("reported", {"reported_by": "Lens", "text": "Tok removed 284 accounts in August 2023, an event of its own.", "evidence": ["fact:F08"]}),
    ("french", {"kind": "observation", "rung": None, "likelihood": None, "confidence": None, "text": "Le dossier contient {{ persona_posts }} messages de {{ personas }} comptes.", "evidence": ["selection:persona_posts"]}),
    ("french", {"likelihood": "probable", "text": "Il est {{ likelihood }} que les comptes soient coordonnés depuis mai 2024."}),
]  # fmt: skip


def draft(base: str, change: dict) -> dict:
    """Return a draft: a base with a change, keys of value None left out."""
    return {k: v for k, v in {**BASES[base], **change}.items() if v is not None}


def language(base: str) -> str:
    """Return the language a draft is written in."""
    return "fr" if base == "french" else "en"
