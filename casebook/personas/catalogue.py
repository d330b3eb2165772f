"""The signals of persona review, as data: what each asks, how it is measured, who else shows it.

No signal says that an account is false. Each is printed with how often ordinary accounts show it,
and with the innocent people who show it too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signal:
    """One signal: its question, its measure, and its limits."""

    id: str
    family: str
    question: str
    formula: str
    unit: str
    strength: str
    innocent: str
    """Innocent people who show it too."""
    scope: str = "account"
    """``account``, or ``group``: then it says nothing about one account alone."""
    needs: str = ""
    """What has to be collected; below it, the signal is not assessable."""
    killchain: str = ""
    """Code of the Online Operations Kill Chain that is nearest."""
    disarm: str = ""
    """Code of DISARM, version 1.6, that is nearest: what it would be, were it done to deceive."""
    reference: str = ""
    never_counts: bool = False
    """Shown for completeness; it never speaks for or against a group."""


CATALOGUE: dict[str, Signal] = {
    s.id: s
    for s in (
        Signal(
            "contradiction-of-claims", "identity",
            "Do dated snapshots of the profile claim different things?",
            "claimed attributes (age, place, occupation, service) with more than one value", "count",
            "strong", "people who moved, changed jobs, or joke", killchain="9.4.2",
            disarm="T0143.002", needs="two dated captures with coded claims",
            reference="published indicator ID1",
        ),
        Signal(
            "reused-image", "identity",
            "Does another account carry the same profile picture?",
            "other accounts whose profile picture shows the same", "accounts",
            "strong", "brands, fan banners, default pictures", killchain="1.1.2",
            disarm="T0145.001", needs="profile pictures, as files",
            reference="published indicator ID3",
        ),
        Signal(
            "lifted-bio", "identity", "Is the profile text that of another account?",
            "largest Jaccard similarity of word 5-grams with another profile, at least 0.6", "0 to 1",
            "medium", "templates in fandoms and activism", disarm="T0144.002", needs="profile texts of eight words or more",
            reference="published indicator ID4",
        ),
        Signal(
            "default-handle", "identity", "Is the handle a name with digits, as platforms suggest?",
            "letters followed by five digits or more", "0 or 1", "weak",
            "millions of real users who took the suggestion", needs="handles that are not hashed",
            reference="published indicator ID8",
        ),
        Signal(
            "rename", "identity", "Did the handle change?", "handles seen less one, or changes told "
            "by the platform", "changes", "medium", "rebrands, weddings, jokes", killchain="9.4.2",
            disarm="T0128.005", needs="two dated captures under one account id, or the About panel",
            reference="published indicator ID6",
        ),
        Signal(
            "patriotic-tokens", "identity", "Do name, profile or place stress a nation?",
            "words and flags of the claimed nation", "tokens", "weak", "millions of real users",
            killchain="1.2.8", disarm="T0097.101", needs="a name, a profile text or a place",
            reference="published indicator ID5",
        ),
        Signal(
            "several-platforms", "identity", "Is the same handle used on several platforms?",
            "platforms with this handle", "platforms", "weak",
            "most people who publish anything", killchain="1.8.1",
            disarm="T0144.001", needs="accounts of two platforms",
            reference="published indicator ID7",
        ),
        Signal(
            "creation-burst", "behaviour", "Were the accounts made in the same fortnight?",
            "largest share of the group created within 14 days, less the median of random groups of "
            "reference accounts of the same size", "share", "medium",
            "people who joined after the same event", scope="group",
            disarm="T0150.008", needs="creation dates of 4 accounts under review and 50 reference accounts",
            reference="published indicator BE9",
        ),
        Signal(
            "dormancy-switch", "behaviour",
            "Did the account fall silent for months and come back in another script?",
            "longest gap of 90 days or more with another main script after it", "days", "strong",
            "returning users, sold accounts whose first owner is a victim", killchain="0.9.9",
            disarm="T0150.004", needs="six own posts, three on each side of a silence",
            reference="published indicator BE1",
        ),
        Signal(
            "late-first-post", "behaviour", "Is the first post seen long after the account was made?",
            "days from creation to the first post, at least 365; where four fifths of its posts are "
            "collected", "days", "weak",
            "people who clean up, and people who only read at first", disarm="T0129.007", needs="creation date, post counter, and most of the posts",
            reference="published indicator BE2",
        ),
        Signal(
            "deleted-history", "behaviour", "Did the platform's own count of its posts fall?",
            "largest fall of the post counter between two dated captures; at least 10 posts and a "
            "tenth of them", "posts", "medium",
            "people who clean up, and services that delete old posts", killchain="9.4.2",
            disarm="T0129.007", needs="two dated captures with the platform's post counter",
            reference="published indicator BE2",
        ),
        Signal(
            "zone-mismatch", "behaviour", "Do the hours fit another time zone than the claimed one?",
            "logarithm of how many times as likely a post's hour is in the best zone as in the claimed "
            "one, with the daily rhythm of the reference accounts, at least 0.2 (1.2 times)",
            "logarithm", "medium",
            "shift workers, people who schedule, people abroad", scope="group",
            killchain="3.1.1", needs="60 dated posts in the group, 500 of ordinary reference accounts",
            reference="published indicator BE6",
        ),
        Signal(
            "office-week", "behaviour", "Is the account silent at weekends?",
            "share of posts on Saturday and Sunday, at most half that of the reference accounts",
            "share", "weak", "people who post from work, newsrooms, schedulers",
            needs="15 dated posts, and 50 reference accounts with as many",
            reference="published indicator BE6",
        ),
        Signal(
            "lunch-notch", "behaviour", "Does the group rest over lunch, as an office does?",
            "fall of activity from twelve to two in the zone that fits best, less the median of "
            "random groups of reference accounts of the same size, fitted the same way", "share",
            "weak", "people who post from work, newsrooms, schools", scope="group",
            killchain="3.1.1", needs="200 dated posts of 4 accounts, and ordinary reference accounts",
            reference="published indicator BE6", never_counts=True,
        ),
        Signal(
            "automation", "behaviour", "Do its posts come by the clock?",
            "share of posts in the fullest of the twelve five-second slots of a minute, at least a "
            "quarter with p at most 0.0001; or intervals more even than chance (burstiness at most "
            "-0.3); of 60 posts or more", "share", "weak",
            "news feeds, weather stations, everybody who schedules posts", killchain="3.1.1",
            disarm="T0049.003", needs="60 posts dated to the second",
            reference="Goh and Barabási 2008 (burstiness)",
        ),
        Signal(
            "near-duplicate-text", "content", "Does it post texts that others under review post too?",
            "own texts in a cluster of near-duplicates with another account", "posts", "medium",
            "slogans, lyrics, share buttons, form letters", killchain="6.2",
            disarm="T0084.001", needs="own texts that are not cut",
            reference="published indicator BE3",
        ),
        Signal(
            "template-swap", "content", "Does it post a text of others with a name exchanged?",
            "own texts that differ from another account's by one name alone (one run of at most "
            "three capitalised words), of eight words or more in common", "posts", "medium",
            "form letters, petitions, fans of different teams", killchain="5.4.1",
            disarm="T0084.001", needs="own texts that are not cut",
            reference="published indicator CO7",
        ),
        Signal(
            "model-disclosure", "content", "Does a post say that a language model wrote it?",
            "posts with a stock refusal or self-description of such models", "posts", "weak",
            "people who quote or mock such answers; who writes with a model may mean every word",
            disarm="T0085.001", needs="own texts that are not cut",
            reference="published indicator CO6",
        ),
        Signal(
            "bilingual", "content", "Does it post in two scripts?",
            "at least three posts each in two scripts (Latin, Chinese, Cyrillic, Arabic, ...)", "posts", "weak",
            "bilingual people; the diaspora is the operation's victim", killchain="7.3.4",
            needs="own texts that are not cut",
            reference="published indicator CO4", never_counts=True,
        ),
        Signal(
            "full-width-punctuation", "content", "Is there Chinese punctuation in Latin text?",
            "posts in Latin letters with full-width punctuation", "posts", "weak",
            "second-language speakers and everybody with a Chinese keyboard", scope="group",
            needs="own texts in Latin letters",
            reference="published indicator CO3", never_counts=True,
        ),
        Signal(
            "low-engagement", "network", "Does hardly anybody outside react?",
            "median reactions to a post, at most half the median of the reference accounts",
            "reactions", "weak", "most accounts", needs="reactions to 10 posts, and 50 reference accounts with as many",
            reference="published indicator BE4",
        ),
        Signal(
            "about-country", "technical", "Does the platform place the account elsewhere?",
            "country in X 'About this account' differs from the claimed one", "0 or 1", "medium",
            "travellers, people behind a proxy", needs="the About panel and a place on the profile",
            reference="published indicator TE4",
        ),
    )
}  # fmt: skip
"""Every signal by its id."""

STRENGTHS = ("weak", "medium", "strong")

GROUP_FAMILIES = (
    "creation-burst", "lifted-bio", "default-handle", "zone-mismatch", "office-week",
    "low-engagement", "contradiction-of-claims", "reused-image",
)  # fmt: skip
"""What the group battery counts."""

DECISIVE = ("zone-mismatch", "office-week", "contradiction-of-claims", "reused-image")
"""A group is not called inauthentic without one of these."""
