"""Exhibits of step 4: graded evidence, the ladder, claims, hypotheses, the published story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from casebook.attribution.claims import REASONS
from casebook.attribution.ladder import signal_words
from casebook.attribution.values import records
from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.language import number, say, say_count, together, word
from casebook.numbers import above, below, cell, count, distinct, other_than, share, total
from casebook.text import escape_markdown, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casebook.exhibits import Exhibit
    from casebook.numbers import Number

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
SUPPORTED, OPEN = "supported", "undetermined"
AHEAD = "least against it"


def register_table(register: pd.DataFrame) -> Exhibit:
    """Return the register: every item with its grade and its origin, our own first."""
    if register.empty:
        return Note(say("No evidence is registered and no published source is listed."))
    own = register["basis"] == "testable"
    rows = pd.concat([register[own], register[~own]])
    frame = _told_together(
        pd.DataFrame(
            {
                "id": rows["evidence_id"],
                "title": [shorten(str(t), 90) for t in rows["title"]],
                "evidence": _in_words(rows, "kind", "access", "basis"),
                "grade": [
                    f"{a or ''}{b or ''}" or None
                    for a, b in zip(
                        _texts(rows["reliability"]), _texts(rows["credibility"]), strict=True
                    )
                ],
                "origin": [
                    None if origin == name else word(str(origin))
                    for name, origin in zip(rows["evidence_id"], rows["origin_group"], strict=True)
                ],
                **_where_told("capture", rows["capture"], ""),
                **_where_told("TLP", rows["tlp"], "CLEAR"),
            }
        ),
        rows["basis"].ne("testable"),
    )
    return Listing(
        frame,
        id="evidence-register",
        title=say(
            "{own} items can be tested here; {reported} are reported only",
            own=count(rows, {"basis": "testable"}),
            reported=count(rows, {"basis": other_than("testable")}),
        ),
        note=say(
            "The letter A to F is the reliability of the source, the digit 1 to 6 the credibility "
            "of what it says, entered separately; a dash is not graded. Items of one origin count "
            "once; a dash there is an origin of its own. Sources that are reported only, and alike in "
            "all this, share a row; the appendix has their titles."
        ),
    )


def _told_together(frame: pd.DataFrame, some: pd.Series) -> pd.DataFrame:
    """Return a register in which three or more of some items share a row where they are alike."""
    alike = [c for c in frame.columns if c not in {"id", "title"}]
    out = [row for row, apart in zip(records(frame), ~some, strict=True) if apart]
    for _, part in frame[some].groupby(alike, sort=False, dropna=False):
        if len(part) < 3:
            out += records(part)
            continue
        ids = ", ".join(part["id"])
        out.append({**records(part)[0], "id": _items(len(part)), "title": ids})
    return pd.DataFrame(out, columns=list(frame.columns))


def _texts(column: pd.Series) -> list[str]:
    return ["" if pd.isna(v) else str(v) for v in column]


def _in_words(rows: pd.DataFrame, *columns: str) -> list[str]:
    return [
        ", ".join(word(str(v)) for v in row) for row in rows[list(columns)].itertuples(index=False)
    ]


def _where_told(name: str, column: pd.Series, usual: str) -> dict[str, list[str | None]]:
    """Return a column only where it says something besides what is usual."""
    told = _texts(column)
    if all(text in {"", usual} for text in told):
        return {}
    return {name: [word(text) or None for text in told]}


def partners_table(partners: pd.DataFrame) -> Exhibit:
    """Return what partners assessed, those who are not to be named without their name."""
    if partners.empty:
        return Note(say("No assessment of a partner is on record in this case."))
    frame = partners.assign(
        who=[w or say("a partner who is not to be named") for w in partners["who"]],
        origin_group=[word(str(o)) for o in partners["origin_group"]],
    )
    return Listing(
        frame,
        id="partner-assessments",
        title=say_count(
            "{n} assessment of a partner is on record",
            "{n} assessments of partners are on record",
            count(frame),
        ),
        headers={
            "evidence_id": "id",
            "asked": "what they were asked",
            "saw": "what they saw",
            "label": "what they call it",
            "origin_group": "origin",
        },
        note=say(
            "A partner who was asked with our own list saw what we saw: the assessment adds no "
            "origin."
        ),
    )


def tags_table(tags: pd.DataFrame) -> Exhibit:
    """Return what the evidence was tagged with, and why."""
    if tags.empty:
        return Note(
            say(
                "No evidence is tagged. A tag names what an item shows in the words of the kill "
                "chain, DISARM or ABCDE: `tags:` in case.yaml."
            )
        )
    good = count(tags, {"exculpatory": True})
    frame = pd.DataFrame(
        {
            "item": tags["item"],
            "code": [
                f"{code} {name}".strip()
                for code, name in zip(tags["code"], tags["name"], strict=True)
            ],
            "taxonomy": tags["taxonomy"],
            "why": tags["why"],
            **({"speaks for the account": tags["exculpatory"]} if good.value else {}),
        }
    )
    title = say_count(
        "{n} tag says what the evidence shows", "{n} tags say what the evidence shows", count(tags)
    )
    if good.value:
        speak = say_count(
            "{n} of them speaks for an account", "{n} of them speak for an account", good
        )
        title = together([title, speak], "; ")
    return Listing(
        frame,
        id="evidence-tags",
        title=title,
        note=say(
            "Codes and names only; what they mean is in the frameworks. A tag is a person's choice "
            "with its reason, and supports nothing by itself."
        ),
    )


def register_grid(register: pd.DataFrame, cells: pd.DataFrame, diagonal: pd.DataFrame) -> Exhibit:
    """Return the grid of kind and access, with how many origins stand in each cell.

    Parameters
    ----------
    register : DataFrame
    cells : DataFrame
        kind, access, items, testable, origins (`evidence_grid`).
    diagonal : DataFrame
        grade, graded, on (`diagonal_share`).
    """
    if register.empty:
        return Note(say("There is no evidence to sort by kind and access."))
    data = cells.assign(
        kind=[word(k) for k in cells["kind"]],
        access=[word(a) for a in cells["access"]],
        label=[
            f"{_items(i)}, {_origins(o)}" if i else say("none")
            for i, o in zip(cells["items"], cells["origins"], strict=True)
        ],
    )
    on, graded = total(diagonal, "on"), total(diagonal, "graded")
    told = (
        say(
            "{share:.0%} ({on} of {graded})",
            share=share(diagonal, "on", "graded"),
            on=on,
            graded=graded,
        )
        if graded.value
        else say("no item is graded")
    )
    filled = data[data["items"] > 0]
    fields = count(data, {"items": above(0)})
    base = alt.Chart(data).encode(
        x=alt.X(
            "access:N",
            sort=[word(a) for a in ACCESSES],
            title=word("access"),
            axis=alt.Axis(orient="top", labelAngle=0),
        ),
        y=alt.Y("kind:N", sort=[word(k) for k in KINDS], title=word("kind")),
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
        title=say("The evidence fills {n} of the nine fields of kind and access", n=fields),
        alt=together(
            [
                say("Grid of evidence kind by access."),
                together(
                    (
                        say("{what}: {kind}", what=f"{r.kind}, {r.access}", kind=_field(data, r))
                        for r in filled.itertuples()
                    ),
                    say("; "),
                ),
            ]
        )
        + ".",
        data=data.drop(columns="label"),
        n=say("{n} items and sources", n=total(data, "items")),
        note=say(
            "On the diagonal of the grades (A1, B2 … E5): {share}; 87 % in the study of Baker, "
            "McKendry and Mace of 1968. The nearer to all, the less the two grades were entered "
            "independently.",
            share=told,
        ),
    )


def _items(n: int | Number) -> str:
    return say_count("{n} item", "{n} items", n)


def _origins(n: int | Number) -> str:
    return say_count("{n} origin", "{n} origins", n)


def _field(data: pd.DataFrame, row: Any) -> str:
    """Return what stands in a field of the grid."""
    one = {"kind": row.kind, "access": row.access}
    return together([_items(cell(data, "items", one)), _origins(cell(data, "origins", one))], ", ")


def origins_table(register: pd.DataFrame) -> Exhibit:
    """Return the origin groups: which items go back to one source."""
    if register.empty:
        return Note(say("There is no evidence to trace to its origins."))
    groups = register.groupby("origin_group", sort=True)["evidence_id"].agg(list)
    shared = groups[groups.map(len) > 1]
    sizes = pd.DataFrame({"origin": groups.index, "items": groups.map(len).to_numpy()})
    single = count(sizes, {"items": 1})
    frame = pd.DataFrame(
        {
            "origin": [word(str(o)) for o in shared.index],
            "items": shared.map(len).to_numpy(),
            "ids": shared.to_numpy(),
        }
    ).sort_values(["items", "origin"], ascending=[False, True], kind="stable")
    return Listing(
        frame,
        id="origin-groups",
        title=say(
            "{items} items and sources go back to {origins} origins",
            items=total(sizes, "items"),
            origins=count(sizes),
        ),
        note=say(
            "Not listed: origins with a single item, {single}. Groups follow from what each item "
            "derives from; nobody types them. An item that repeats several origins stands under "
            "their names and adds none.",
            single=single,
        ),
    )


def ladder_table(ladder: pd.DataFrame) -> Exhibit:
    """Return the ladder: per rung what supports it, what contradicts it, and its limit."""
    frame = pd.DataFrame(
        {
            "rung": [
                f"{n} {word(name)}" for n, name in zip(ladder["rung"], ladder["name"], strict=True)
            ],
            "result": [_result(row) for row in ladder.to_dict("records")],
            "what supports it": ladder["supports"],
            "what speaks against it": ladder["contradicts"],
            "what would raise it": ladder["would_raise"],
        }
    )
    return Listing(
        frame,
        id="ladder",
        title=_ladder_title(ladder),
        note=say(
            "Each rung has evidence of its own. Acting together does not make an account "
            "inauthentic, and an inauthentic account need not act for anybody."
        ),
    )


def _result(row: Mapping[Any, Any]) -> str:
    if row["status"] != SUPPORTED:
        return word(str(row["status"]))
    return say(
        "supported, from {origins}; confidence {limit} at most ({why})",
        origins=_origins(int(row["origins"])),
        limit=word(str(row["limit"])),
        why=row["limited_by"],
    )


def _ladder_title(ladder: pd.DataFrame) -> str:
    met = [word(n) for n in ladder.loc[ladder["status"] == SUPPORTED, "name"]]
    rest = [word(n) for n in ladder.loc[ladder["status"] != SUPPORTED, "name"]]
    if not met:
        return say("No rung is supported by the records: all four are undetermined")
    if not rest:
        return say("The records support every rung")
    return say("Supported: {met}; undetermined: {rest}", met=_joined(met), rest=_joined(rest))


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return say("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def claims_table(claims: pd.DataFrame) -> Exhibit:
    """Return the claims as they are printed, with their grades and what they cite."""
    if claims.empty:
        return Note(
            say(
                "No claim has been written yet. Sentences of the finding go into `claims.yaml`; "
                "each cites its evidence."
            )
        )
    kept = claims[["claim"]].assign(sound=claims["violations"].map(len).eq(0))
    frame = pd.DataFrame(
        {
            "id": claims["claim"],
            "claim": claims["text"],
            "grade": [_grade(row) for row in claims.to_dict("records")],
            "evidence": claims["evidence"],
            "strongest counter-evidence": claims["counter_evidence"],
        }
    )
    return Listing(
        frame,
        id="claims",
        title=say(
            "{sound} of {all} claims keep every rule",
            sound=count(kept, {"sound": True}),
            all=count(kept),
        ),
        note=say(
            "Numbers in a claim are computed from the tables when the report is made. Likelihood "
            "and confidence are two things: how probable, and how well founded."
        ),
    )


def _grade(row: Mapping[Any, Any]) -> str:
    """Return kind and rung, likelihood, confidence: each in its own words, none merged."""
    parts = [word(str(row["kind"]))]
    if not pd.isna(row["rung"]):
        parts.append(say("rung {rung}", rung=int(row["rung"])))
    told = ", ".join(parts)
    if not pd.isna(row["likelihood"]):
        told += say("; ") + str(row["likelihood"])
    if not pd.isna(row["confidence"]):
        told += say("; ") + say("confidence {level}", level=word(str(row["confidence"])))
    return told


def reasons_table(claims: pd.DataFrame) -> Exhibit:
    """Return why each claim is held with its confidence, and what data would change it."""
    graded = claims[claims["confidence"].notna()] if len(claims) else claims
    if graded.empty:
        return Note(say("No claim states a confidence."))
    rows = []
    for claim in graded.to_dict("records"):
        told = [*zip(REASONS, [*map(str, claim["reasons"])], strict=False)]
        if not pd.isna(claim["would_change"]):
            told.append(("data that would change it", str(claim["would_change"])))
        level = word(str(claim["confidence"]))
        rows += [(claim["claim"], level, word(what), text) for what, text in told if text]
    frame = pd.DataFrame(rows, columns=["claim", "confidence", "reason", "in the authors' words"])
    return Listing(
        frame,
        id="confidence-reasons",
        title=say_count(
            "{n} claim says why it is held with its confidence",
            "{n} claims say why they are held with their confidence",
            distinct(frame, "claim"),
        ),
    )


def violations_table(violations: pd.DataFrame, missing: Sequence[str]) -> Exhibit:
    """Return every broken rule with the sentence and how to mend it, then what the case lacks."""
    rows = [(v["claim"], v["rule"], v["message"]) for v in violations.to_dict("records")]
    rows += [(say("the case"), say("before FINAL"), text) for text in missing]
    if not rows:
        return Note(say("No rule is broken and nothing is missing."))
    frame = pd.DataFrame(rows, columns=["claim", "rule", "what to mend"])
    of_case = say("the case")
    broken = count(frame, {"claim": other_than(of_case)})
    lacking = count(frame, {"claim": of_case})
    return Listing(
        frame,
        id="violations",
        title=say(
            "{broken} and {lacking}: a draft",
            broken=say_count("{n} rule is broken", "{n} rules are broken", broken),
            lacking=say_count("{n} thing is missing", "{n} things are missing", lacking),
        ),
    )


def what_falls_table(removal: pd.DataFrame, claims: pd.DataFrame) -> Exhibit:
    """Return which claims fall, or stand on less, without one item.

    Items without which nothing falls are told together.
    """
    if claims.empty:
        return Note(say("There is no claim that could fall."))
    if removal.empty:
        return Note(say("No single item changes a claim."))
    down = removal[removal["falls"].map(len) > 0]
    order = -down["falls"].map(len)
    ranked = down.assign(order=order).sort_values(["order", "evidence_id"], kind="stable")
    rows = [
        (str(r["evidence_id"]), shorten(str(r["title"]), 70), r["falls"], r["changes"])
        for r in ranked.to_dict("records")
    ]
    light = removal[removal["falls"].map(len) == 0]
    alike: dict[tuple[str, ...], list[str]] = {}
    for row in light.to_dict("records"):
        alike.setdefault(tuple(row["changes"]), []).append(str(row["evidence_id"]))
    titles = dict(zip(light["evidence_id"], light["title"], strict=True))
    rows += [
        (
            ", ".join(ids),
            say("each by itself") if len(ids) > 1 else shorten(str(titles[ids[0]]), 70),
            [],
            list(changes),
        )
        for changes, ids in alike.items()
    ]
    fallen = pd.DataFrame({"without": [r[0] for r in rows], "fall": [len(r[2]) for r in rows]})
    most = ranked.iloc[0] if len(ranked) else None
    title = (
        say("No claim falls with a single item")
        if most is None
        else say_count(
            "Most rests on {item}: without it {n} claim falls",
            "Most rests on {item}: without it {n} claims fall",
            cell(fallen, "fall", {"without": str(most["evidence_id"])}),
            item=most["evidence_id"],
        )
    )
    return Listing(
        pd.DataFrame(rows, columns=["without", "title", "falls", "changes"]),
        id="what-falls",
        title=title,
        headers={"falls": "these fall", "changes": "these say less, or stand on less"},
        note=say(
            "A signal or a pair of accounts goes with any row it rests on, which is stricter than "
            "computing it again. Items that no claim needs are not listed."
        ),
    )


def hypotheses_table(described: pd.DataFrame) -> Exhibit:
    """Return the seven hypotheses, the rejected ones included."""
    rated = described["weighted"].notna().any()
    columns: dict[str, Any] = {
        "hypothesis": described["hypothesis"],
        "in this case": described["in_this_case"],
    }
    if rated:
        columns["items against"] = [
            say("{against} of {rated}", against=int(a), rated=int(n)) if not pd.isna(a) else None
            for a, n in zip(described["against"], described["applicable"], strict=True)
        ]
        columns["score"] = [None if pd.isna(w) else number(w, ".2f") for w in described["weighted"]]
    else:
        columns["meaning"] = [word(m) for m in described["meaning"]]
    columns["state"] = [word(s) for s in described["state"]]
    return Listing(
        pd.DataFrame(columns),
        id="hypotheses",
        title=_hypotheses_title(described)
        if rated
        else say("Seven hypotheses; nobody has rated the evidence against them yet"),
        note=say(
            "The score adds up what speaks against a hypothesis, weighted by credibility and "
            "relevance; nought is best. It is an audit trail of an argument and no probability. A "
            "hypothesis that names an actor is not ahead while its rung is undetermined."
        ),
    )


def _hypotheses_title(described: pd.DataFrame) -> str:
    leading = described.loc[described["state"] == AHEAD, "hypothesis"].tolist()
    if not leading:
        return say("No hypothesis is ahead; all seven stay on the page")
    return say(
        "Least speaks against {leading}; all seven hypotheses stay on the page",
        leading=_joined(leading),
    )


def hypothesis_matrix(matrix: pd.DataFrame, diagnosticity: pd.DataFrame) -> Exhibit:
    """Return the matrix of items and hypotheses, the most telling items on top."""
    if matrix.empty:
        return Note(
            say(
                "No item has been rated against the hypotheses. A rating is a judgement with the "
                "question `hypotheses`, for example `H0 II, H1 N, H3 C; relevance high`."
            )
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
    top = order[0]
    weights = pd.DataFrame({"item": order, "diagnosticity": [weight[i] for i in order]})
    rated = say_count("{n} item", "{n} items", count(weights))
    return Figure(
        (boxes + letters).properties(width=380, height=24 * len(order)),
        id="hypothesis-matrix",
        title=say(
            "{item} tells the hypotheses apart best; items that hardly do: {low} of {all}",
            item=shorten(short[top], 40),
            low=count(weights, {"diagnosticity": below(0.5)}),
            all=count(weights),
        ),
        alt=together(
            [
                say("Matrix of {items} by {n} hypotheses.", items=rated, n=str(len(names))),
                *(
                    f"{short[r['item']]}: " + ", ".join(f"{h} {r[h]}" for h in names) + "."
                    for r in matrix.to_dict("records")
                ),
            ]
        ),
        data=matrix.drop(columns=["by"]).assign(diagnosticity=[weight[i] for i in matrix["item"]]),
        n=rated,
        source=say("judgements of {names}", names=", ".join(sorted(set(matrix["by"])))),
        note=say(
            "CC very consistent, C consistent, N neutral, I inconsistent, II very inconsistent, NA "
            "says nothing. The items that tell the hypotheses apart best stand on top."
        ),
    )


def ratings_table(matrix: pd.DataFrame) -> Exhibit:
    """Return why each item was rated as it was, and by whom."""
    if matrix.empty:
        return Note(
            say(
                "No item has been rated against the hypotheses. Give this notebook your alias as "
                "`reviewer` to rate on a board."
            )
        )
    names = [h for h in HYPOTHESES if h in matrix.columns]
    frame = pd.DataFrame(
        {
            "item": matrix["item"],
            "against": [
                ", ".join(h for h in names if row[h] in {"I", "II"}) or say("none")
                for row in matrix.to_dict("records")
            ],
            "weights": [
                say("credibility {c}, relevance {r}", c=word(str(c)), r=word(str(r)))
                for c, r in zip(matrix["credibility"], matrix["relevance"], strict=True)
            ],
            "reason": matrix["reason"],
            "by": matrix["by"],
        }
    )
    return Listing(
        frame,
        id="hypothesis-reasons",
        title=say_count(
            "{n} item was rated, with its reason",
            "{n} items were rated, each with its reason",
            count(frame),
        ),
        headers={"against": "speaks against"},
        note=say("Support decides nothing: what fits one explanation often fits the others too."),
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
        return Note(say("Odds are shown on request: set `show_odds` to True at the top."))
    if ratios.empty:
        return Note(say("No signal has a rate among reference accounts to make odds of."))
    best = ratios.iloc[0]
    frame = pd.DataFrame(
        {
            "word": priors["word"],
            "from": [number(p, ".0%") for p in priors["at_least"]],
            "prior": [
                say("{low:.1%} to {high:.1%}", low=low, high=high)
                for low, high in zip(priors["prior_low"], priors["prior_high"], strict=True)
            ],
        }
    )
    return Listing(
        frame,
        id="odds",
        title=say("What one would have to believe of such accounts beforehand, for each word"),
        headers={"from": "begins at", "prior": "prior needed"},
        note=say(
            "From one signal, {signal}: {shown} of {assessed} accounts under review, {low:.0%} to "
            "{high:.0%} of others ({stratum}); a likelihood ratio of {ratio_low:.1f} to "
            "{ratio_high:.1f}. What is read from one collection has one origin, so the other "
            "signals ({others}) are not multiplied. It says how telling the signal is, and is no "
            "probability that anybody is false.",
            signal=signal_words(str(best["signal"])),
            shown=int(best["shown"]),
            assessed=int(best["assessed"]),
            low=best["rate_low"],
            high=best["rate_high"],
            stratum=word(str(best["stratum"])),
            ratio_low=best["ratio_low"],
            ratio_high=best["ratio_high"],
            others=len(ratios) - 1,
        ),
    )


def hypothesis_sensitivity(
    sensitivity: pd.DataFrame, stability: float | None, linchpins: Sequence[tuple[str, ...]]
) -> Exhibit:
    """Return how the leading hypothesis takes the loss of an item, an origin or a grade."""
    if stability is None:
        return Note(say("Without rated items there is no leading hypothesis to test."))
    changes = sensitivity[sensitivity["change"] != "nothing"]
    leader = str(sensitivity.iloc[0]["leader"])
    same, other = say("same leader"), say("another leads")
    counts = (
        changes.assign(
            change=[word(str(c)) for c in changes["change"]],
            result=changes["changed"].map({True: other, False: same}),
        )
        .groupby(["change", "result"], sort=True)
        .size()
        .rename("runs")
        .reset_index()
    )
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("runs:Q", title=say("changes tried"), axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("change:N", title=None),
            color=alt.Color(
                "result:N",
                title=None,
                scale=alt.Scale(domain=[same, other], range=[style.ACCENT, style.PERSONA]),
            ),
        )
        .properties(width=style.WIDTH - 140, height=110)
    )
    kept, tried = count(changes, {"changed": False}), count(changes)
    pins = "; ".join(" + ".join(p) for p in linchpins[:6]) or say("no set of up to three items")
    title = say_count(
        "{n} of {all} changes tried leaves {leader} ahead",
        "{n} of {all} changes tried leave {leader} ahead",
        kept,
        leader=_joined(leader.split(", ")),
        all=tried,
    )
    if 2 * kept.value < tried.value:
        title = say("Which hypothesis is ahead depends on single items: {title}", title=title)
    return Figure(
        chart,
        id="hypothesis-sensitivity",
        title=title,
        alt=say(
            "Bars of changes tried, by kind; ahead as before, {leader}, in {kept} of {all}. "
            "Linchpins: {pins}.",
            leader=leader,
            kept=kept,
            all=tried,
            pins=pins,
        ),
        data=sensitivity,
        n=say_count("{n} change", "{n} changes", tried),
        note=say(
            "Linchpins, the smallest sets whose removal changes the leader: {pins}.", pins=pins
        ),
    )


def fact_check_table(checked: pd.DataFrame) -> Exhibit:
    """Return the statements of the published story beside what their sources say."""
    if checked.empty:
        return Note(say("No published story is checked in this case."))
    frame = pd.DataFrame(
        {
            "id": checked["id"],
            "the story says, in our words": checked["statement"],
            "verdict": [word(str(v)) for v in checked["verdict"]],
            "what its sources say": checked["published"],
            "facts and sources": [
                say("; ").join(filter(None, (_cited_facts(f.split(", ")), s)))
                for f, s in zip(checked["facts"], checked["sources"], strict=True)
            ],
        }
    )
    return Listing(
        frame,
        id="fact-check",
        title=say(
            "{off} of {all} statements of the story need a correction or a caveat",
            off=count(checked, {"verdict": other_than("confirmed")}),
            all=count(checked),
        ),
        note=say("Reported only: none of it was tested with the records of this case."),
    )


def _cited_facts(ids: Iterable[str]) -> str:
    return ", ".join(f"fact:{i}" for i in ids if i)


def networks_listing(networks: pd.DataFrame) -> Exhibit:
    """Return the named networks with their names, what is known of them, and who is not them."""
    if networks.empty:
        return Note(say("This case names no network: rung 3 (linked) cannot be assessed."))
    several = distinct(networks, "network")
    frame = pd.DataFrame(
        {
            **({"network": networks["network"]} if several.value > 1 else {}),
            "what": [_kind_of_asset(str(w)) for w in networks["what"]],
            "name or number": networks["value"],
            "told by": [v or None for v in networks["by"]],
        }
    )
    return Listing(
        frame,
        id="networks",
        title=say_count(
            "{n} named network: its names, what is known of it here, and what is kept apart",
            "{n} named networks: their names, what is known of them here, and what is kept apart",
            several,
        ),
        note=say(
            "A network goes by several names, and others look like it: what is kept apart must "
            "not be merged with it."
        ),
    )


def _kind_of_asset(what: str) -> str:
    head, colon, kind = what.partition(": ")
    return say("{what}: {kind}", what=word(head), kind=word(kind)) if colon else word(head)


def matches_table(matches: pd.DataFrame, indicators: int) -> Exhibit:
    """Return where the case and published lists share an entry; accounts by key."""
    if not indicators:
        return Note(
            say(
                "No published indicator list is among the evidence, so nothing was compared with "
                "one."
            )
        )
    if matches.empty:
        return Note(say("None of the {n} published indicators occurs in this case.", n=indicators))
    # A known account is on the list it is known from: that is counted, and not listed.
    review = {"role": "persona"}
    told = matches[matches["role"] != "known"].sort_values(
        ["role", "match", "account"], kind="stable"
    )
    told = pd.concat([told[told["role"] == "persona"], told[told["role"] != "persona"]])
    title = say(
        "Accounts under review match published indicators {exact} times exactly and {near} times "
        "nearly",
        exact=count(matches, {**review, "match": "exact"}),
        near=count(matches, {**review, "match": "near"}),
    )
    note = say(
        "A match attributes nothing: sharing an operation's content is not belonging to it. Near "
        "matches are leads and support no claim; they are looked for among the accounts under "
        "review alone. Accounts attributed earlier by others match {known} times, as the lists "
        "they are known from name them.",
        known=count(matches, {"role": "known"}),
    )
    if told.empty:
        none = say("No account under review matches a published indicator, exactly or nearly.")
        return Note(together([none, note]), id="indicator-matches")
    frame = pd.DataFrame(
        {
            "account": told["account"],
            "role": [word(style.ROLE_WORDS.get(str(r), str(r))) for r in told["role"]],
            "match": [
                f"{word(str(m))}, {word(str(w))}"
                for m, w in zip(told["match"], told["what"], strict=True)
            ],
            "indicator": told["indicator"],
            **_where_told("network", told["network"], ""),
            "evidence": told["evidence"],
        }
    )
    return Listing(frame, id="indicator-matches", title=title, limit=40, note=note)


def corroboration_table(corroboration: pd.DataFrame) -> Exhibit:
    """Return what each published finding becomes in this case.

    Findings that nothing here tests are told together, by who published them.
    """
    if corroboration.empty:
        return Note(say("The case lists no published facts to corroborate."))
    told = corroboration["value"].notna() | (corroboration["outcome"] != "not testable here")
    rows = [
        (
            f"fact:{r['fact']}",
            f"{r['published']} ({r['sources']})",
            word(str(r["outcome"])) + (f" ({word('judged')})" if r["by"] == "judged" else ""),
            _found_here(r),
        )
        for r in corroboration[told].to_dict("records")
    ]
    rest = corroboration[~told]
    for group, part in rest.groupby("group", sort=True):
        several = say_count("{n} finding", "{n} findings", len(part))
        found = say("{what}: {kind}", what=group, kind=_cited_facts(part["fact"]))
        rows.append((several, found, word("not testable here"), None))
    counts = corroboration["outcome"].value_counts()
    words = together(
        (
            say(
                "{n} {verdict}",
                n=count(corroboration, {"outcome": str(name)}),
                verdict=word(str(name)),
            )
            for name in sorted(counts.index)
        ),
        ", ",
    )
    synthetic = bool(told.any()) and bool((corroboration["outcome"] == "not testable here").all())
    frame = pd.DataFrame(rows, columns=["finding", "what was published", "outcome", "in this case"])
    if len(set(frame["outcome"])) == 1:
        frame = frame.drop(columns="outcome")  # the title says it for all
    return Listing(
        frame,
        id="corroboration",
        title=say("Of {n} published findings: {words}", n=count(corroboration), words=words),
        note=say(
            "Invented records test nothing about the world: the last column is an exercise. What "
            "nothing here could test is named together; each finding stands in the appendix with "
            "its sources."
        )
        if synthetic
        else say(
            "Each finding is set against the value of this case that could test it. What nothing "
            "here could test is named together; each finding stands in the appendix with its "
            "sources."
        ),
    )


def _found_here(row: Mapping[Any, Any]) -> str | None:
    if row["value"] is None or pd.isna(row["value"]):
        return None
    here = f"{_value(row['value'])} {_meaning(str(row['meaning']))}"
    if pd.isna(row["quantity"]):
        return here
    return say("{here}; published: {quantity}", here=here, quantity=_value(row["quantity"]))


def _meaning(meaning: str) -> str:
    """Return what was counted in the case's language; names of signals and platforms are put in."""
    for said, key in (
        ("personas that show: {signal}", "signal"),
        ("accounts under review on {platform}", "platform"),
        ("posts under review that hold a term of: {entry}", "entry"),
        ("accounts under review that use a term of: {entry}", "entry"),
    ):
        head = said.partition("{")[0]
        if meaning.startswith(head):
            name = meaning.removeprefix(head)
            return say(said, **{key: signal_words(name)})
    return word(meaning)


def _value(value: Any) -> str:
    whole = not isinstance(value, str) and float(value).is_integer()
    return number(int(value)) if whole else str(value)


def attribution_summary(
    ladder: pd.DataFrame, claims: pd.DataFrame, register: pd.DataFrame, *, synthetic: bool
) -> Statement:
    """Return what can be said and what cannot, from the ladder."""
    lines = [_rung_sentence(row, ladder) for row in ladder.to_dict("records")]
    kept = claims[["claim"]].assign(sound=claims["violations"].map(len).eq(0))
    lines.append(
        say(
            "{sound} of {all} claims keep every rule.",
            sound=count(kept, {"sound": True}),
            all=count(kept),
        )
        if len(claims)
        else say("No claim has been written, so the finding is a draft without sentences.")
    )
    reported = count(register, {"basis": "reported"})
    if reported.value:
        lines.append(
            say_count(
                "{n} source is reported only: it tells what others concluded, and was not tested "
                "here.",
                "{n} sources are reported only: they tell what others concluded, and were not "
                "tested here.",
                reported,
            )
        )
    if synthetic:
        lines.append(
            say(
                "**The records of this case are synthetic.** What they support is an exercise; "
                "only the published facts are about real events, each under the name of its "
                "source."
            )
        )
    return Statement(together(lines, "\n\n"), id="attribution-summary")


def _rung_sentence(row: Mapping[Any, Any], ladder: pd.DataFrame) -> str:
    name = escape_markdown(word(str(row["name"])))
    if row["status"] == SUPPORTED:
        return say(
            "Rung {rung}, **{name}**: supported, from {origins}, with {limit} confidence at most.",
            rung=str(int(row["rung"])),
            name=name,
            origins=_origins(cell(ladder, "origins", {"rung": row["rung"]})),
            limit=word(str(row["limit"])),
        )
    return say(
        "Rung {rung}, **{name}**: undetermined. {why}",
        rung=str(int(row["rung"])),
        name=name,
        why=escape_markdown(str(row["limited_by"])),
    )
