"""Exhibits of step 4: graded evidence, the ladder, claims, hypotheses, the published story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.text import escape_markdown, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casebook.exhibits import Exhibit

KINDS = ["technical", "behavioural", "contextual"]
ACCESSES = ["open", "proprietary", "classified"]
HYPOTHESES = [f"H{n}" for n in range(7)]
RATING_COLOURS = {
    "CC": "#0b5c8a",
    "C": "#86aecb",
    "N": "#eef0f3",
    "I": "#e3a37c",
    "II": "#b3420a",
    "NA": "#ffffff",
}
RATING_WORDS = "CC very consistent, C consistent, N neutral, I inconsistent, II very inconsistent"
REFERENCE_DIAGONAL = "87 % in the study of Baker, McKendry and Mace 1968"


def register_table(register: pd.DataFrame) -> Exhibit:
    """Return the register: every item with its grades and its origin."""
    if register.empty:
        return Note("No evidence is registered and no published source is listed.")
    frame = register[
        ["evidence_id", "title", "kind", "access", "basis", "reliability", "credibility",
         "origin_group", "capture", "tlp"]
    ].assign(title=[shorten(str(t), 90) for t in register["title"]])  # fmt: skip
    own = int((register["basis"] == "testable").sum())
    return Listing(
        frame,
        id="evidence-register",
        title=f"{own} items can be tested here; {len(register) - own} are reported only",
        headers={
            "evidence_id": "id",
            "basis": "testable or reported",
            "origin_group": "origin group",
            "tlp": "TLP",
        },
        note="Reliability A to F is of the source, credibility 1 to 6 of the information, entered "
        "separately; a dash is not graded. Items of one origin group count once.",
    )


def tags_table(tags: pd.DataFrame) -> Exhibit:
    """Return what the evidence was tagged with, and why."""
    if tags.empty:
        return Note(
            "No evidence is tagged. A tag names what an item shows in the words of the kill chain, "
            "DISARM or ABCDE: `tags:` in case.yaml."
        )
    good = int(tags["exculpatory"].sum())
    against = f"; {good} of them speak for an account" if good else ""
    return Listing(
        tags,
        id="evidence-tags",
        title=f"{len(tags)} tags say what the evidence shows{against}",
        headers={"exculpatory": "speaks for the account"},
        note="Codes and names only; what they mean is in the frameworks. A tag is a person's choice "
        "with its reason, and supports nothing by itself.",
    )


def register_grid(
    register: pd.DataFrame, cells: pd.DataFrame, diagonal: tuple[int, int]
) -> Exhibit:
    """Return the grid of kind and access, with how many origins stand in each cell.

    Parameters
    ----------
    register : DataFrame
    cells : DataFrame
        kind, access, items, testable, origins (`evidence_grid`).
    diagonal : tuple of int
        Items on the diagonal of the grades, and items graded (`diagonal_share`).
    """
    if register.empty:
        return Note("There is no evidence to sort by kind and access.")
    data = cells.assign(
        label=[
            f"{i} item{'s' if i != 1 else ''}, {o} origin{'s' if o != 1 else ''}" if i else "none"
            for i, o in zip(cells["items"], cells["origins"], strict=True)
        ]
    )
    on, graded = diagonal
    share = f"{100 * on / graded:.0f} % ({on} of {graded})" if graded else "no item is graded"
    filled = data[data["items"] > 0]
    base = alt.Chart(data).encode(
        x=alt.X(
            "access:N", sort=ACCESSES, title="access", axis=alt.Axis(orient="top", labelAngle=0)
        ),
        y=alt.Y("kind:N", sort=KINDS, title="kind"),
    )
    boxes = base.mark_rect(stroke=style.PALE).encode(
        color=alt.Color(
            "origins:Q",
            scale=alt.Scale(range=["#ffffff", "#86aecb"], interpolate="rgb"),
            legend=None,
        )
    )
    chart = (
        boxes + base.mark_text(color=style.INK, fontSize=11).encode(text="label:N")
    ).properties(width=480, height=150)
    return Figure(
        chart,
        id="register-grid",
        title=f"The evidence fills {len(filled)} of the nine fields of kind and access",
        alt="Grid of evidence kind by access. "
        + "; ".join(f"{r.kind}, {r.access}: {r.label}" for r in filled.itertuples())
        + ".",
        data=data.drop(columns="label"),
        n=f"{len(register)} items and sources",
        note=f"On the diagonal of the grades (A1, B2 … E5): {share}; {REFERENCE_DIAGONAL}. A share "
        "this high would say that the two grades were not entered independently.",
    )


def origins_table(register: pd.DataFrame) -> Exhibit:
    """Return the origin groups: which items go back to one source."""
    if register.empty:
        return Note("There is no evidence to trace to its origins.")
    groups = register.groupby("origin_group", sort=True)["evidence_id"].agg(list)
    shared = groups[groups.map(len) > 1]
    single = len(groups) - len(shared)
    frame = pd.DataFrame(
        {"origin": shared.index, "items": shared.map(len).to_numpy(), "ids": shared.to_numpy()}
    ).sort_values(["items", "origin"], ascending=[False, True], kind="stable")
    return Listing(
        frame,
        id="origin-groups",
        title=f"{style.count(len(register), 'item')} and sources go back to "
        f"{style.count(len(groups), 'origin')}",
        note=f"Not listed: {style.count(single, 'origin')} with a single item. Groups follow from what each "
        "item derives from; nobody types them.",
    )


def ladder_table(ladder: pd.DataFrame) -> Exhibit:
    """Return the ladder: per rung what supports it, what contradicts it, and its limit."""
    met = ladder[ladder["status"] == "supported"]
    words = " and ".join(met["name"]) if len(met) else "no rung"
    frame = pd.DataFrame(
        {
            "rung": [
                f"{r.rung} {r.name_}" for r in ladder.rename(columns={"name": "name_"}).itertuples()
            ],
            "result": ladder["status"],
            "what supports it": ladder["supports"],
            "what speaks against it": ladder["contradicts"],
            "origins": ladder["origins"],
            "confidence at most": ladder["limit"],
            "because": ladder["limited_by"],
            "what would raise it": ladder["would_raise"],
        }
    )
    return Listing(
        frame,
        id="ladder",
        title=f"The records support {words}; the rest is undetermined",
        note="Each rung has evidence of its own. Acting together does not make an account "
        "inauthentic, and an inauthentic account need not act for anybody.",
    )


def claims_table(claims: pd.DataFrame) -> Exhibit:
    """Return the claims as they are printed, with ids, grades and what they cite."""
    if claims.empty:
        return Note(
            "No claim has been written yet. Sentences of the finding go into `claims.yaml`; each "
            "cites its evidence."
        )
    sound = int(claims["violations"].map(len).eq(0).sum())
    frame = pd.DataFrame(
        {
            "id": claims["claim"],
            "kind": claims["kind"],
            "claim": claims["text"],
            "rung": claims["rung"],
            "likelihood": claims["likelihood"],
            "confidence": claims["confidence"],
            "evidence": claims["evidence"],
            "strongest counter-evidence": claims["counter_evidence"],
        }
    )
    return Listing(
        frame,
        id="claims",
        title=f"{sound} of {len(claims)} claims keep every rule",
        note="Numbers in a claim are computed from the tables when the report is made. Likelihood "
        "and confidence are two things: how probable, and how well founded.",
    )


def violations_table(violations: pd.DataFrame, missing: Sequence[str]) -> Exhibit:
    """Return every broken rule with the sentence and how to mend it, then what the case lacks."""
    rows = [(v["claim"], v["rule"], v["message"]) for v in violations.to_dict("records")]
    rows += [("the case", "before FINAL", text) for text in missing]
    if not rows:
        return Note("No rule is broken and nothing is missing.")
    frame = pd.DataFrame(rows, columns=["claim", "rule", "what to mend"])
    return Listing(
        frame,
        id="violations",
        title=f"{len(violations)} rules are broken and {len(missing)} things are missing: a draft",
    )


def what_falls_table(removal: pd.DataFrame, claims: pd.DataFrame) -> Exhibit:
    """Return which claims fall, or print another sentence, without one item."""
    if claims.empty:
        return Note("There is no claim that could fall.")
    if removal.empty:
        return Note("No single item changes a claim.")
    frame = removal.drop(columns="holds").assign(
        title=[shorten(str(t), 70) for t in removal["title"]]
    )
    ranked = frame.assign(order=-frame["falls"].map(len)).sort_values(
        ["order", "evidence_id"], kind="stable"
    )
    most = ranked.iloc[0]
    return Listing(
        ranked.drop(columns="order"),
        id="what-falls",
        title=f"Most rests on {most['evidence_id']}: without it {len(most['falls'])} claims fall",
        headers={"evidence_id": "without", "falls": "these fall", "changes": "these say less"},
        note="A signal or a pair of accounts goes with any row it rests on, which is stricter than "
        "computing it again.",
    )


def hypotheses_table(described: pd.DataFrame) -> Exhibit:
    """Return the seven hypotheses, the rejected ones included."""
    rated = described["weighted"].notna().any()
    leading = described.loc[described["state"] == "least against it", "hypothesis"]
    title = (
        f"Least speaks against {' and '.join(leading)}; all seven hypotheses stay on the page"
        if rated
        else "Seven hypotheses; nobody has rated the evidence against them yet"
    )
    frame = described.drop(columns=["meaning"]) if rated else described[
        ["hypothesis", "meaning", "in_this_case", "state"]
    ]  # fmt: skip
    return Listing(
        frame,
        id="hypotheses",
        title=title,
        headers={
            "in_this_case": "in this case",
            "against": "items against",
            "applicable": "items rated",
            "weighted": "weighted score",
        },
        note="The score adds up inconsistency, weighted by credibility and relevance. It is an "
        "audit trail of an argument and no probability.",
    )


def hypothesis_matrix(matrix: pd.DataFrame, diagnosticity: pd.DataFrame) -> Exhibit:
    """Return the matrix of items and hypotheses, the most telling items on top."""
    if matrix.empty:
        return Note(
            "No item has been rated against the hypotheses. A rating is a judgement with the "
            "question `hypotheses`, for example `H0 II, H1 N, H3 C; relevance high`."
        )
    weight = dict(zip(diagnosticity["item"], diagnosticity["diagnosticity"], strict=True))
    order = sorted(matrix["item"], key=lambda i: (-weight[i], i))
    names = [h for h in HYPOTHESES if h in matrix.columns]
    data = matrix.melt(
        id_vars=["item"], value_vars=names, var_name="hypothesis", value_name="rating"
    )
    data["item"] = data["item"].astype("object")
    short = {i: shorten(str(i).removeprefix("selection:"), 34) for i in order}
    data["label"] = data["item"].map(short)
    base = alt.Chart(data).encode(
        x=alt.X("hypothesis:N", sort=names, title=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("label:N", sort=[short[i] for i in order], title=None),
    )
    colours = alt.Scale(domain=list(RATING_COLOURS), range=list(RATING_COLOURS.values()))
    boxes = base.mark_rect(stroke=style.PALE).encode(
        color=alt.Color("rating:N", scale=colours, legend=None)
    )
    letters = base.mark_text(fontSize=11).encode(
        text="rating:N",
        color=alt.condition(
            alt.FieldOneOfPredicate("rating", ["CC", "II"]),
            alt.value("#ffffff"),
            alt.value(style.INK),
        ),
    )
    top, low = order[0], [i for i in order if weight[i] < 0.5]
    return Figure(
        (boxes + letters).properties(width=380, height=24 * len(order)),
        id="hypothesis-matrix",
        title=f"{shorten(short[top], 40)} tells the hypotheses apart best; "
        f"{len(low)} of {len(order)} items hardly do",
        alt=f"Matrix of {len(order)} items and {len(names)} hypotheses. "
        + " ".join(
            f"{short[r['item']]}: " + ", ".join(f"{h} {r[h]}" for h in names) + "."
            for r in matrix.to_dict("records")
        ),
        data=matrix.drop(columns=["by"]).assign(diagnosticity=[weight[i] for i in matrix["item"]]),
        n=f"{len(order)} items",
        source=f"judgements of {', '.join(sorted(set(matrix['by'])))}",
        note=f"{RATING_WORDS}. Items are sorted by diagnosticity.",
    )


def ratings_table(matrix: pd.DataFrame) -> Exhibit:
    """Return why each item was rated as it was, and by whom."""
    if matrix.empty:
        return Note(
            "No item has been rated against the hypotheses. Give this notebook your alias as "
            "`reviewer` to rate on a board."
        )
    names = [h for h in HYPOTHESES if h in matrix.columns]
    frame = pd.DataFrame(
        {
            "item": matrix["item"].str.removeprefix("selection:"),
            "against": [
                ", ".join(h for h in names if row[h] in {"I", "II"}) or "none"
                for row in matrix.to_dict("records")
            ],
            "credibility": matrix["credibility"],
            "relevance": matrix["relevance"],
            "reason": matrix["reason"],
            "by": matrix["by"],
        }
    )
    return Listing(
        frame,
        id="hypothesis-reasons",
        title=f"{len(frame)} items were rated; each rating has its reason",
        headers={"against": "speaks against"},
        note="Support decides nothing: what fits one explanation often fits the others too.",
    )


def odds_table(ratios: pd.DataFrame, priors: pd.DataFrame, *, asked: bool) -> Exhibit:
    """Return what somebody would have had to believe before, for each likelihood word.

    Parameters
    ----------
    ratios : DataFrame
        From `signal_odds`.
    priors : DataFrame
        From `priors_needed`, of the strongest of them.
    asked : bool
        Odds are shown on request only.
    """
    if not asked:
        return Note("Odds are shown on request: set `show_odds` to True at the top.")
    if ratios.empty:
        return Note("No signal has a rate among reference accounts to make odds of.")
    best = ratios.iloc[0]
    frame = pd.DataFrame(
        {
            "word": priors["word"],
            "from": [f"{p:.0%}" for p in priors["at_least"]],
            "prior": [
                f"{low:.1%} to {high:.1%}"
                for low, high in zip(priors["prior_low"], priors["prior_high"], strict=True)
            ],
        }
    )
    return Listing(
        frame,
        id="odds",
        title="What one would have to believe of such accounts beforehand, for each word",
        headers={"from": "begins at", "prior": "prior needed"},
        note=f"From one signal, {best['signal']}: {best['shown']} of {best['assessed']} accounts "
        f"under review, {best['rate_low']:.0%} to {best['rate_high']:.0%} of others "
        f"({best['stratum']}); a likelihood ratio of {best['ratio_low']:.1f} to "
        f"{best['ratio_high']:.1f}. What is read from one collection has one origin, so the other "
        f"{len(ratios) - 1} signals are not multiplied. It says how telling the signal is, and is "
        "no probability that anybody is false.",
    )


def hypothesis_sensitivity(
    sensitivity: pd.DataFrame, stability: float | None, linchpins: Sequence[tuple[str, ...]]
) -> Exhibit:
    """Return how the leading hypothesis takes the loss of an item, an origin or a grade."""
    if stability is None:
        return Note("Without rated items there is no leading hypothesis to test.")
    changes = sensitivity[sensitivity["change"] != "nothing"]
    leader = str(sensitivity.iloc[0]["leader"])
    counts = (
        changes.assign(result=changes["changed"].map({True: "another leads", False: "same leader"}))
        .groupby(["change", "result"], sort=True)
        .size()
        .rename("runs")
        .reset_index()
    )
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("runs:Q", title="changes tried", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("change:N", title=None),
            color=alt.Color(
                "result:N",
                title=None,
                scale=alt.Scale(
                    domain=["same leader", "another leads"], range=[style.ACCENT, style.PERSONA]
                ),
            ),
        )
        .properties(width=style.WIDTH - 140, height=110)
    )
    kept = f"{100 * stability:.0f} %"
    pins = "; ".join(" + ".join(p) for p in linchpins[:6]) or "no set of up to three items"
    return Figure(
        chart,
        id="hypothesis-sensitivity",
        title=f"Least speaks against {leader} in {kept} of {len(changes)} changes",
        alt=f"Bars of changes tried, by kind; the leader stays {leader} in {kept}. "
        f"Its linchpins: {pins}.",
        data=sensitivity,
        n=f"{len(changes)} changes",
        note=f"Linchpins, the smallest sets whose removal changes the leader: {pins}.",
    )


def fact_check_table(checked: pd.DataFrame) -> Exhibit:
    """Return the statements of the published story beside what their sources say."""
    if checked.empty:
        return Note("No published story is checked in this case.")
    counts = checked["verdict"].value_counts()
    off = int(len(checked) - counts.get("confirmed", 0))
    return Listing(
        checked,
        id="fact-check",
        title=f"{off} of {len(checked)} statements of the story need a correction or a caveat",
        headers={
            "statement": "the story says, in our words",
            "published": "what its sources say",
        },
        note="Reported only: none of it was tested with the records of this case.",
    )


def networks_listing(networks: pd.DataFrame) -> Exhibit:
    """Return the named networks with their aliases, and the look-alikes kept apart."""
    if networks.empty:
        return Note("This case names no network: rung 3 (linked) cannot be assessed.")
    return Listing(
        networks,
        id="networks",
        title=f"{len(networks)} named network{'s' if len(networks) != 1 else ''}, with what must "
        "not be merged with it",
        headers={"attributed_by": "named by", "not_to_be_merged_with": "not to be merged with"},
    )


def matches_table(matches: pd.DataFrame, indicators: int) -> Exhibit:
    """Return where the case and published lists share an entry; accounts by key."""
    if not indicators:
        return Note(
            "No published indicator list is among the evidence, so nothing was compared with one."
        )
    if matches.empty:
        return Note(f"None of {indicators:,} published indicators occurs in this case.")
    review = matches["role"] == "persona"
    mine, exact = matches[review], matches["match"] == "exact"
    others = int((exact & ~review).sum())
    title = (
        f"Accounts under review match published indicators {int((mine['match'] == 'exact').sum())} "
        f"times exactly and {int((mine['match'] == 'near').sum())} times nearly; others {others} "
        "times exactly"
    )
    return Listing(
        matches.assign(_mine=~review)
        .sort_values(["_mine", "match", "account"], kind="stable")
        .drop(columns="_mine"),
        id="indicator-matches",
        title=title,
        limit=40,
        note="A match attributes nothing: sharing an operation's content is not belonging to it. "
        "Near matches are leads and support no claim; they are looked for among the accounts under "
        "review alone, since any reference account has a name like another.",
    )


def corroboration_table(corroboration: pd.DataFrame) -> Exhibit:
    """Return what each published finding becomes in this case."""
    if corroboration.empty:
        return Note("The case lists no published facts to corroborate.")
    counts = corroboration["outcome"].value_counts()
    words = ", ".join(f"{n} {word}" for word, n in sorted(counts.items()))
    return Listing(
        corroboration,
        id="corroboration",
        title=f"{len(corroboration)} published findings: {words}",
        note="Synthetic records test nothing about the world; the last column is an exercise."
        if "exercise" in corroboration.columns
        else "Each finding is set against the named value of this case that could test it.",
    )


def attribution_summary(
    ladder: pd.DataFrame, claims: pd.DataFrame, register: pd.DataFrame, *, synthetic: bool
) -> Statement:
    """Return what can be said and what cannot, from the ladder."""
    lines = [_rung_sentence(row) for row in ladder.to_dict("records")]
    sound = claims[claims["violations"].map(len) == 0] if len(claims) else claims
    lines.append(
        f"{len(sound)} of {len(claims)} claims keep every rule."
        if len(claims)
        else "No claim has been written, so the finding is a draft without sentences."
    )
    reported = int((register["basis"] == "reported").sum())
    if reported:
        lines.append(
            f"{reported} sources are reported only: they tell what others concluded, and were not "
            "tested here."
        )
    if synthetic:
        lines.append(
            "**The records of this case are synthetic.** What they support is an exercise; only "
            "the published facts are about real events, each under the name of its source."
        )
    return Statement("\n\n".join(lines), id="attribution-summary")


def _rung_sentence(row: Mapping[Any, Any]) -> str:
    name = escape_markdown(str(row["name"]))
    if row["status"] == "supported":
        return (
            f"Rung {row['rung']}, **{name}**: supported, from {row['origins']} "
            f"origin{'s' if row['origins'] != 1 else ''}, with {row['limit']} confidence at most."
        )
    return (
        f"Rung {row['rung']}, **{name}**: undetermined. {escape_markdown(str(row['limited_by']))}"
    )
