"""Who exists in the example world, and what they do: personas, known accounts, reference accounts.

Everybody here is invented. What a person or an office does is drawn from a seed; nothing in here
knows how Casebook looks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from casebook.scenario import clock, words

START = clock.seconds("2024-03-04")
END = clock.seconds("2024-09-03")
OFFICE_ZONE = 8.0
"""Hours from UTC of the office that runs the personas; they claim to live in the United States."""

TASKS = 56
TAKES_PART = 0.42
KNOWN_AT_WORK = 4
"""Known accounts that work off the same tasks; the others only lead or talk."""
SPREAD_MINUTES = 7.0
"""Median minutes between the start of a task and a persona's post."""

Rng = np.random.Generator


@dataclass
class Person:
    """One account."""

    number: int
    handle: str
    role: str
    stratum: str
    platform: str = "x"
    zone: float = -5.0
    place: str = ""
    bio: str = ""
    name: str = ""
    account_id: str = ""
    created: float = 0.0
    followers: int = 100
    following: int = 150
    avatar: str = ""


@dataclass
class Deed:
    """One post, before it is written down in a format."""

    person: Person
    time: float
    text: str
    lang: str = "en"
    urls: list[str] = field(default_factory=list)
    hashtags: list[str] = field(default_factory=list)
    repost_of: Deed | None = None
    post_id: str = ""
    likes: int = 0
    reposts: int = 0
    views: int = 0


@dataclass
class World:
    """Everybody, everything they posted, and the dated looks at the personas' profiles."""

    people: list[Person]
    deeds: list[Deed]
    looks: list[dict[str, Any]]

    def of(self, *strata: str, platform: str = "x") -> list[Deed]:
        """Return the posts of some groups on a platform, in time."""
        found = [
            d for d in self.deeds if d.person.stratum in strata and d.person.platform == platform
        ]
        return sorted(found, key=lambda d: (d.time, d.person.handle))


GROUPS = (
    # stratum, role, how many, zone or None for a US zone, default handles
    ("persona", "persona", 15, None),
    ("known", "known", 10, 8.0),
    ("ordinary", "reference", 210, None),
    ("fans", "reference", 30, None),
    ("partisans", "reference", 35, None),
    ("diaspora", "reference", 30, 8.0),
    ("newsroom", "reference", 12, None),
)


def example_world(seed: int = 2024) -> World:
    """Return the world of the example case: the same seed, the same world."""
    rng = np.random.default_rng(seed)
    people = _people(rng)
    by_group = {g[0]: [p for p in people if p.stratum == g[0]] for g in GROUPS}
    deeds: list[Deed] = []
    popular = _popular_stories(rng)
    deeds += _ordinary(rng, by_group["ordinary"], popular, each=34)
    deeds += _fans(rng, by_group["fans"])
    deeds += _partisans(rng, by_group["partisans"], popular)
    deeds += _diaspora(rng, by_group["diaspora"], popular)
    deeds += _newsroom(rng, by_group["newsroom"])
    deeds += _office(rng, by_group["persona"], by_group["known"], popular)
    outlet, video = _outlet(rng, people)
    deeds += _videos(rng, outlet, video)
    deeds.sort(key=lambda d: (d.time, d.person.number))
    for number, deed in enumerate(deeds):
        deed.post_id = _post_id(deed, number)
    return World(people, deeds, _looks(people))


def _post_id(deed: Deed, serial: int) -> str:
    if deed.person.platform == "tiktok":
        # TikTok counts seconds in the upper half of its ids.
        return str((int(deed.time) << 32) | (serial * 7919 % (1 << 31)))
    return clock.post_ids(np.array([deed.time]), serial)[0]


# -- people ---------------------------------------------------------------------------------------


def _people(rng: Rng) -> list[Person]:
    people: list[Person] = []
    batches = [clock.seconds(d) for d in ("2023-06-12", "2023-06-19", "2023-11-06")]
    for stratum, role, count, fixed in GROUPS:
        for _ in range(count):
            number = len(people)
            zone = fixed if fixed is not None else float(rng.choice(words.US_ZONES))
            claimed = float(rng.choice(words.US_ZONES)) if stratum == "persona" else zone
            home = claimed if stratum != "diaspora" else float(rng.choice(words.US_ZONES))
            person = Person(number, words.handle(number), role, stratum, zone=zone)
            person.place = str(rng.choice(np.array(words.PLACES[int(home)])))
            person.name = words.display_name(number)
            person.bio = words.bio(number)
            person.created = float(rng.uniform(clock.seconds("2010-01-01"), START - 90 * clock.DAY))
            person.followers = int(np.exp(rng.normal(5.4, 1.2)))
            person.following = int(np.exp(rng.normal(5.6, 0.8)))
            if stratum == "persona":
                person.zone = OFFICE_ZONE
                batch = batches[number % 3]
                person.created = batch + float(rng.uniform(0, 4 * clock.DAY))
                person.followers = int(rng.integers(8, 160))
                person.avatar = f"avatar-{(number if number < 12 else number - 12) + 1:02d}.png"
                if number % 2:
                    person.handle = words.default_handle(number)
                person.bio = _claim(number)
            elif stratum == "fans":
                person.bio = f"Sample fan club of Sample Star {number % 2 + 1} {words.MARK}"
            elif rng.random() < 0.08:
                person.handle = words.default_handle(number)
            people.append(person)
    for person, account_id in zip(
        people,
        clock.account_ids(np.array([p.created for p in people])),
        strict=True,
    ):
        person.account_id = account_id
    return people


CLAIMS = (
    "sample voter from {place}, 34",
    "sample parent of two in {place}",
    "sample veteran, {place}",
    "sample peace advocate in {place}",
    "sample citizen who cares about {place}",
)


def _claim(number: int) -> str:
    place = ("Ohio, USA", "Florida, USA", "Denver, CO", "Dallas, TX")[number % 4]
    return f"I am a {CLAIMS[number % len(CLAIMS)].format(place=place)} {words.MARK}"


# -- what people do -------------------------------------------------------------------------------


def _popular_stories(rng: Rng) -> list[tuple[str, float, int]]:
    """Return stories that many share: address, birth, topic; a few are shared by most."""
    births = rng.uniform(START, END - 10 * clock.DAY, 260)
    return [
        (words.article_url(i), float(birth), int(rng.integers(len(words.TOPICS))))
        for i, birth in enumerate(births)
    ]


def _shared(
    rng: Rng, person: Person, story: tuple[str, float, int], median: float, number: int
) -> Deed:
    url, birth, topic = story
    time = clock.reactions(
        rng, np.array([birth]), np.array([median]), np.array([person.zone]), END
    )[0]
    return _talk(rng, person, float(time), number, topic, urls=[url])


def _talk(
    rng: Rng,
    person: Person,
    time: float,
    number: int,
    topic: int,
    *,
    urls: list[str] | None = None,
    lang: str = "en",
) -> Deed:
    likes = int(np.exp(rng.normal(1.0, 1.3)))
    tagged = rng.random() < 0.25
    return Deed(
        person,
        time,
        words.sample_text(number, topic, 0, lang),
        lang,
        urls=urls or [],
        hashtags=[words.tag(topic)] if tagged else [],
        likes=likes,
        reposts=likes // 5,
        views=likes * 30 + int(rng.integers(10, 200)),
    )


def _ordinary(
    rng: Rng, people: list[Person], popular: list[tuple[str, float, int]], *, each: int
) -> list[Deed]:
    """Ordinary users: talk at waking hours, and share popular stories hours after they appear."""
    weights = 1 / np.arange(1, len(popular) + 1) ** 0.9
    weights /= weights.sum()
    deeds = []
    for person in people:
        count = max(4, int(each * np.exp(rng.normal(-0.25, 0.7))))
        times = clock.waking_times(rng, np.full(count, person.zone), START, END)
        for i, time in enumerate(times.tolist()):
            number = 10_000 + person.number * 200 + i
            if rng.random() < 0.3:
                story = popular[int(rng.choice(len(popular), p=weights))]
                deeds.append(_shared(rng, person, story, 9 * clock.HOUR, number))
            else:
                deeds.append(_talk(rng, person, time, number, int(rng.integers(5, 16))))
    return deeds


def _fans(rng: Rng, people: list[Person]) -> list[Deed]:
    """Two fan clubs: they share what their star puts out within minutes, and use one toolkit."""
    deeds = []
    for club in (0, 1):
        members = [p for i, p in enumerate(people) if i % 2 == club]
        births = clock.waking_times(rng, np.full(42, -5.0), START, END - clock.DAY)
        for event, birth in enumerate(births.tolist()):
            url = f"https://star-{club + 1}.example/clip/{event}"
            for person in members:
                if rng.random() < 0.55:
                    delay = float(np.exp(rng.normal(np.log(150), 0.9)))
                    tags = [f"SampleStar{club + 1}", "SampleTour", "SampleChart"]
                    text = f"{words.sample_text(60_000 + club * 500 + event, 9)} streaming party"
                    deed = Deed(person, birth + delay, text, urls=[url], hashtags=tags)
                    deed.likes, deed.views = int(rng.integers(2, 60)), int(rng.integers(50, 900))
                    deeds.append(deed)
        for person in members:
            for i, time in enumerate(
                clock.waking_times(rng, np.full(8, person.zone), START, END).tolist()
            ):
                deeds.append(_talk(rng, person, time, 70_000 + person.number * 40 + i, 9))
    return deeds


def _partisans(rng: Rng, people: list[Person], popular: list[tuple[str, float, int]]) -> list[Deed]:
    """Partisans share what the same few influencers share: hours apart, each when awake."""
    followed = popular[:45]
    deeds = []
    for person in people:
        for i, story in enumerate(followed):
            if rng.random() < 0.6:
                deeds.append(
                    _shared(rng, person, story, 5 * clock.HOUR, 80_000 + person.number * 60 + i)
                )
    return deeds


def _diaspora(rng: Rng, people: list[Person], popular: list[tuple[str, float, int]]) -> list[Deed]:
    """Bilingual people abroad: two languages, hours of another zone, claims that are true."""
    deeds = []
    for person in people:
        times = clock.waking_times(rng, np.full(18, person.zone), START, END)
        for i, time in enumerate(times.tolist()):
            number = 120_000 + person.number * 40 + i
            if rng.random() < 0.25:
                story = popular[int(rng.integers(60))]
                deeds.append(_shared(rng, person, story, 8 * clock.HOUR, number))
            else:
                lang = "zh" if rng.random() < 0.45 else "en"
                deeds.append(_talk(rng, person, time, number, int(rng.integers(16)), lang=lang))
    return deeds


def _newsroom(rng: Rng, people: list[Person]) -> list[Deed]:
    """Local desks of one company: the same story under the same headline within a minute."""
    deeds = []
    births = clock.office_times(rng, 40, -5.0, START, END)
    for event, birth in enumerate(births.tolist()):
        url = f"https://wire.example/story/{event}"
        for person in people:
            if rng.random() < 0.6:
                time = birth + float(rng.uniform(0, 45))
                deed = Deed(person, time, words.headline(event, event % 16), urls=[url])
                deed.likes, deed.views = int(rng.integers(1, 30)), int(rng.integers(100, 2000))
                deeds.append(deed)
    return deeds


# -- the office -----------------------------------------------------------------------------------


def _office(
    rng: Rng, personas: list[Person], known: list[Person], popular: list[tuple[str, float, int]]
) -> list[Deed]:
    """Personas work off tasks in office hours; between them they post about this and that."""
    deeds: list[Deed] = []
    crew = [*personas, *known[:KNOWN_AT_WORK]]
    starts = np.sort(clock.office_times(rng, TASKS, OFFICE_ZONE, START, END - clock.DAY))
    for task, start in enumerate(starts.tolist()):
        topic = int(rng.integers(5))
        source, original = _task_source(rng, task, start, known, popular)
        deeds += [original] if original is not None else []
        working = [p for p in crew if rng.random() < TAKES_PART]
        for variant, person in enumerate(working):
            delay = float(np.exp(rng.normal(np.log(SPREAD_MINUTES * 60), 0.6)))
            deeds.append(_task_post(person, start + delay, task, topic, variant, source))
            if original is not None and task % 4 == 1:
                deeds[-1].repost_of = original
    for person in known:
        times = clock.office_times(rng, 24, OFFICE_ZONE, START, END)
        for i, time in enumerate(times.tolist()):
            lang = "zh" if rng.random() < 0.5 else "en"
            number = 200_000 + person.number * 40 + i
            deeds.append(_talk(rng, person, time, number, int(rng.integers(16)), lang=lang))
    for person in personas:
        times = clock.office_times(rng, 7, OFFICE_ZONE, START, END)
        for i, time in enumerate(times.tolist()):
            number = 210_000 + person.number * 40 + i
            deeds.append(_quiet(_talk(rng, person, time, number, int(rng.integers(16)))))
        if person.number % 3 == 0:
            deeds += _earlier_life(rng, person)
    return deeds


def _task_source(
    rng: Rng,
    task: int,
    start: float,
    known: list[Person],
    popular: list[tuple[str, float, int]],
) -> tuple[str | None, Deed | None]:
    """Return what a task is about: an address of its own, a known account's post, or a story."""
    kind = task % 4
    if kind == 0:
        return f"https://sample-outlet.example/report/{task}", None
    if kind == 1:
        first = known[int(rng.integers(len(known)))]
        url = f"https://sample-outlet.example/video/{task}"
        text = words.sample_text(220_000 + task, task % 5)
        lead = start - float(rng.uniform(2, 20)) * 60
        return url, _quiet(Deed(first, lead, text, urls=[url]))
    if kind == 2:
        return popular[int(rng.integers(45))][0], None
    return None, None


def _task_post(  # noqa: PLR0917
    person: Person,
    time: float,
    task: int,
    topic: int,
    variant: int,
    source: str | None,
) -> Deed:
    text = words.sample_text(230_000 + task, topic, variant)
    if variant % 5 == 4:
        text = text.replace(",", "，").replace(":", "：")
    tags = ["American", words.tag(topic), "SampleElection"] if task % 3 == 0 else []
    deed = Deed(person, time, text, urls=[source] if source else [], hashtags=tags)
    return _quiet(deed)


def _quiet(deed: Deed) -> Deed:
    """Nobody outside takes much notice of it."""
    deed.likes = deed.person.number % 3
    deed.reposts = deed.likes // 2
    deed.views = 12 + int(deed.time) % 60
    return deed


def _earlier_life(rng: Rng, person: Person) -> list[Deed]:
    """Return what an account posted in Chinese before it fell silent and became an American."""
    first = max(person.created + clock.DAY, clock.seconds("2023-07-03"))
    times = clock.office_times(rng, 5, OFFICE_ZONE, first, first + 45 * clock.DAY)
    return [
        _quiet(_talk(rng, person, time, 240_000 + person.number * 20 + i, 15, lang="zh"))
        for i, time in enumerate(times.tolist())
    ]


# -- the outlet -----------------------------------------------------------------------------------


def _outlet(rng: Rng, people: list[Person]) -> tuple[list[Person], Person]:
    """Add the outlet persona on four platforms and the persona on TikTok; return those who post."""
    base = len(people)
    posting = []
    for i, platform in enumerate(("x", "tiktok", "instagram", "youtube")):
        person = Person(
            base + i, "synth_daily_brief", "persona", "outlet", platform=platform, zone=8.0,
            place="New York, USA", bio=f"Sample outlet. Sample views, sample facts. {words.MARK}",
            name="Sample Daily Brief", created=clock.seconds("2023-05-22") + i * 3600.0,
            followers=int(rng.integers(300, 900)), avatar="avatar-01.png",
        )  # fmt: skip
        if platform == "x":
            person.account_id = clock.account_ids(np.array([person.created]), 9000)[0]
        people.append(person)
        posting.append(person)
    video = Person(
        base + 4, "synth_pure_maple", "persona", "video", platform="tiktok", zone=8.0,
        place="", bio=f"Sample American girl {words.MARK}", name="Sample Maple",
        created=clock.seconds("2023-12-04"), followers=412, avatar="avatar-13.png",
    )  # fmt: skip
    people.append(video)
    return posting[:2], video


def _videos(rng: Rng, outlet: list[Person], video: Person) -> list[Deed]:
    """Put the same video out within hours on the outlet's accounts and the persona's."""
    deeds = []
    starts = clock.office_times(rng, 16, OFFICE_ZONE, START, END - clock.DAY)
    for event, start in enumerate(np.sort(starts).tolist()):
        text = words.sample_text(250_000 + event, event % 5)
        url = f"https://sample-outlet.example/clip/{event}"
        for person in (*outlet, video):
            if person is not video or event % 2 == 0:
                time = start + float(rng.uniform(0, 2.5)) * clock.HOUR
                deed = _quiet(Deed(person, time, text, urls=[url], hashtags=["American"]))
                if person.platform == "tiktok":
                    deed.views = 1_500_000 if event == 9 and person is not video else deed.views * 9
                deeds.append(deed)
    return deeds


# -- dated looks at profiles ----------------------------------------------------------------------


def _looks(people: list[Person]) -> list[dict[str, Any]]:
    """Return what some profiles said on some days, as a reviewer wrote it down."""
    rows: list[dict[str, Any]] = []
    personas = [p for p in people if p.stratum == "persona"]
    for person in personas:
        rows.append(_look(person, "2024-06-10", status="active"))
        suspended = person.number % 3 != 1
        rows.append(
            _look(
                person,
                "2024-09-05",
                status="suspended" if suspended else "active",
                capture="screenshot",
            )
        )
    for person, claims in zip(personas, CONTRADICTIONS, strict=False):
        rows += [
            _look(person, date, capture="archive", **claim)
            for date, claim in zip(("2024-01-15", "2024-07-20"), claims, strict=True)
        ]
    for person in (p for p in people if p.stratum == "outlet"):
        gone = {"instagram": "deactivated", "youtube": "deactivated", "tiktok": "removed"}
        for date, claim in zip(("2023-09-04", "2024-02-12", "2024-07-08"), OUTLET, strict=True):
            if person.platform in {"x", "tiktok"}:
                rows.append(_look(person, date, capture="archive", **claim))
        rows.append(
            _look(
                person,
                "2024-09-05",
                status=gone.get(person.platform, "active"),
                capture="screenshot",
            )
        )
    video = next(p for p in people if p.stratum == "video")
    rows.append(_look(video, "2024-09-05", status="active", capture="screenshot"))
    return sorted(rows, key=lambda r: (r["captured_at"], r["platform"], r["handle"]))


CONTRADICTIONS: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    (
        {"claimed_age": "34", "claimed_place": "Ohio, USA"},
        {"claimed_age": "27", "claimed_place": "Florida, USA"},
    ),
    (
        {"claimed_occupation": "teacher", "claimed_place": "Denver, CO"},
        {"claimed_occupation": "nurse", "claimed_place": "Denver, CO"},
    ),
    (
        {"claimed_service": "army veteran", "claimed_place": "Dallas, TX"},
        {"claimed_service": "navy veteran", "claimed_place": "Portland, OR"},
    ),
    (
        {"claimed_age": "51", "claimed_occupation": "driver"},
        {"claimed_age": "38", "claimed_occupation": "driver"},
    ),
    ({"claimed_place": "Ohio, USA"}, {"claimed_place": "Ohio, USA"}),
)
OUTLET: tuple[dict[str, str], ...] = (
    {"claimed_service": "veteran", "claimed_place": "Ohio, USA"},
    {"claimed_age": "29", "claimed_place": "New York, USA", "claimed_service": ""},
    {"claimed_age": "31", "claimed_place": "Florida, USA", "claimed_occupation": "influencer"},
)


def _look(
    person: Person, date: str, *, capture: str = "saved page", status: str = "", **claims: str
) -> dict[str, Any]:
    gone = status in {"suspended", "removed", "deactivated"}
    return {
        "platform": person.platform,
        "handle": person.handle,
        "account_id": person.account_id,
        "captured_at": date,
        "capture": capture,
        "display_name": "" if gone else person.name,
        "bio": "" if gone else person.bio,
        "location": "" if gone else claims.get("claimed_place", person.place),
        "website": "",
        "followers": "" if gone else str(person.followers),
        "following": "",
        "posts": "",
        "status": status or "active",
        "claimed_age": claims.get("claimed_age", ""),
        "claimed_place": claims.get("claimed_place", ""),
        "claimed_occupation": claims.get("claimed_occupation", ""),
        "claimed_service": claims.get("claimed_service", ""),
        "avatar_file": "" if gone else person.avatar,
        "note": "synthetic",
        "source_url": "",
    }
