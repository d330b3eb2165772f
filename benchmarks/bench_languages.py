"""How many translations are found across languages, and what else is taken for one.

Sentences made for this in English, French and Chinese, two on each of twenty topics: each is held
against its own translation and against the other sentence on its topic. Then, where the real
samples are here, the English and Chinese ones are put among posts of real people on one topic
(activists of Hong Kong), with the bar drawn from these people's own best matches.

    python -m benchmarks.bench_languages
"""

from __future__ import annotations

import json
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from casebook.network.across_languages import _best_matches, translations
from casebook.objects import events
from casebook.sentence_vectors import have_model, sentence_vectors
from tests.network.said import SAID

LANGUAGES = ("English", "French", "Chinese")
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "twitter_v2_hongkong" / "hk"


def made() -> bool:
    """Print margins of translations and of other sentences on the same topic."""
    texts = pd.DataFrame(
        [
            {"object": f"{topic}-{k}-{language}", "language": language, "said": said[at],
             "ordinary": True, "people": frozenset({f"{topic}-{k}-{language}"}),
             "meaning": f"{topic}-{k}"}
            for topic, *both in SAID
            for k, said in enumerate(both)
            for at, language in enumerate(LANGUAGES)
        ]
    )  # fmt: skip
    start = time.process_time()
    wall = time.perf_counter()
    vectors = sentence_vectors(list(texts["said"]))
    print(
        f"{len(texts)} texts: {time.perf_counter() - wall:.1f} s of a clock "
        f"({time.process_time() - start:.1f} s of processor in this process)"
    )
    meaning = texts.set_index("object")["meaning"]
    good = True
    for one, other in combinations(LANGUAGES, 2):
        pairs = _best_matches(texts, vectors, one, other)
        right = pairs["one"].map(meaning) == pairs["other"].map(meaning)
        # Without the right answers, the best match is another sentence, mostly on the same topic.
        margins = []
        for k in (0, 1):
            half = texts[
                (texts["language"].eq(one) & texts["object"].str.contains(f"-{k}-"))
                | (texts["language"].eq(other) & texts["object"].str.contains(f"-{1 - k}-"))
            ]
            margins += list(
                _best_matches(half.reset_index(drop=True), vectors[half.index], one, other)[
                    "margin"
                ]
            )
        print(
            f"  {one} and {other}: {right.sum()} of {len(SAID) * 2} are each other's best match, "
            f"margin {pairs.loc[right, 'margin'].min():.3f} at least; without them, another "
            f"sentence reaches {max(margins):.3f}"
        )
        good &= int(right.sum()) >= 0.9 * len(SAID) * 2
    return good


def among_real_posts() -> bool:
    """Print how many planted translations are found among real posts on one topic."""
    rows = []
    for path in sorted(REAL.glob("data_*.json")):
        for post in json.loads(path.read_text(encoding="utf-8")):
            text = post.get("text", "")
            if not text.startswith("RT @") and "…" not in text:
                rows.append((post["author_id"], "reference", post.get("lang", ""), text))
    rows = sorted(dict.fromkeys(rows))
    rows += [
        (f"planted-{language}-{topic}-{k}", "persona", code, said[at])
        for topic, *both in SAID
        for k, said in enumerate(both)
        for at, language, code in ((0, "English", "en"), (2, "Chinese", "zh"))
    ]  # fmt: skip
    posts = pd.DataFrame(rows, columns=["account", "role", "lang", "text"])
    posts = posts.assign(
        post=[f"p{i}" for i in range(len(posts))],
        created_at=pd.Timestamp("2024-01-01", tz="UTC"),
    )
    accounts = posts[["account", "role"]].drop_duplicates("account")
    acts = events(posts, layers="text")
    found = translations(acts, posts, accounts)
    who = acts.drop_duplicates("object").set_index("object")["account"]
    pairs = found.pairs.assign(
        one_by=found.pairs["one"].map(who), other_by=found.pairs["other"].map(who)
    )
    planted = pairs["one_by"].str.replace("English", "x") == pairs["other_by"].str.replace(
        "Chinese", "x"
    )
    same = pairs["same"].astype(bool)
    innocent = pairs["ordinary"].astype(bool)
    print(
        f"  {found.texts} texts, bar {found.bar:.3f} from {found.ordinary} ordinary pairs: "
        f"{(planted & same).sum()} of {len(SAID) * 2} planted translations found; "
        f"{(innocent & same).sum()} ordinary pairs and {(same & ~planted & ~innocent).sum()} "
        "others above the bar"
    )
    for pair in pairs[same & ~planted].itertuples():
        print("   ", pair.margin, repr(pair.one_text[:70]), "|", repr(pair.other_text[:50]))
    return bool(np.isfinite(found.bar))


def main() -> int:
    """Print the tables; 1 where fewer than nine in ten made translations are best matches."""
    if not have_model():
        print("no language model is installed: nothing measured")
        return 0
    good = made()
    if REAL.is_dir():
        among_real_posts()
    else:
        print("  the real samples are not here: nothing planted among them")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
