"""The words of a made-up world: bland, numbered, and never meant to persuade anybody.

A text carries its number, so two texts are near-duplicates exactly where a scenario wants them to
be: variants of one number share their wording, different numbers share almost nothing.
"""

from __future__ import annotations

PLAIN = (
    "maple river window copper ladder morning gravel basket lantern paper meadow kettle harbor "
    "pencil orchard blanket tunnel saddle cotton pebble garden hammer ribbon valley marble candle "
    "bridge wagon pocket saucer timber button forest puddle magnet canvas spoon island feather "
    "cabin needle plaster carrot bottle thimble barrel clover ticket pillow drawer radish anchor "
    "turnip shovel corner cushion walnut mitten pasture stencil bucket acorn ferry fiddle hinge "
    "jacket kitten lemon mortar napkin oyster parcel quiver rafter sandal trowel umbrella velvet "
    "whistle yarn zipper almond biscuit cobble dimple ember fennel gutter hazel igloo juniper"
).split()
CJK = "山水云木石河桥灯窗杯书纸花草田路门船茶米糖盐针线布席雨雪风月星海沙舟钟笔画琴棋瓶碗勺盘"
HANDLE_WORDS = (
    "maple river cedar amber birch cloud delta eagle fern grove heron ivory jade kayak lilac "
    "mango north olive pearl quail robin stone tulip umber viola wheat xenon yucca zebra aspen"
).split()
SHORT_WORDS = "oak elm ash fir yew bay ivy fig rye hop".split()  # a word list reads best as words
TOPICS = (
    "homelessness", "gun control", "drug prices", "housing", "election", "weather", "football",
    "cooking", "gardening", "music", "travel", "technology", "health care", "schools",
    "public transport", "scenery",
)  # fmt: skip
TOPICS_ZH = (
    "住房", "枪支", "药价", "房屋", "选举", "天气", "足球", "烹饪", "园艺", "音乐", "旅行", "科技",
    "医疗", "学校", "交通", "风景",
)  # fmt: skip
VARIANTS = "ABCDEFGH"
VARIANTS_ZH = "甲乙丙丁戊己庚辛"
PLACES = {
    -8: ("Los Angeles, CA", "Seattle, WA", "Portland, OR"),
    -7: ("Denver, CO", "Phoenix, AZ"),
    -6: ("Chicago, IL", "Dallas, TX", "Nashville, TN"),
    -5: ("New York, USA", "Florida, USA", "Ohio, USA", "Boston, MA"),
    0: ("London", "Lisbon"),
    1: ("Paris", "Berlin", "Madrid"),
    3: ("Nairobi", "Istanbul"),
    5: ("Karachi",),
    6: ("Dhaka",),
    7: ("Bangkok", "Hanoi"),
    8: ("Taipei", "Singapore", "Manila"),
    9: ("Seoul", "Tokyo"),
}
US_ZONES = (-8, -7, -6, -5)
MARK = "(synthetic)"


def filler(number: int, count: int = 6) -> str:
    """Return bland words that belong to a number: the same number, the same words.

    Examples
    --------
    >>> filler(1) == filler(1), filler(1) == filler(2)
    (True, False)
    """
    state = (number * 2654435761 + 97) % 4294967291
    words = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 4294967296
        words.append(PLAIN[(state >> 8) % len(PLAIN)])
    return " ".join(words)


def filler_zh(number: int, count: int = 16) -> str:
    """Return bland characters that belong to a number."""
    state = (number * 2246822519 + 31) % 4294967291
    signs = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 4294967296
        signs.append(CJK[(state >> 8) % len(CJK)])
    return "".join(signs)


def sample_text(number: int, topic: int, variant: int = 0, language: str = "en") -> str:
    """Return the text of a post.

    Examples
    --------
    >>> sample_text(214, 0, 1).split(":")[0]
    'Sample post 214 on topic homelessness, variant B'
    >>> sample_text(214, 0, 1, "zh").split("：")[0]
    '示例帖子214，话题住房，版本乙'
    """
    if language == "zh":
        letter = VARIANTS_ZH[variant % len(VARIANTS_ZH)]
        return f"示例帖子{number}，话题{TOPICS_ZH[topic]}，版本{letter}：{filler_zh(number)}"
    letter = VARIANTS[variant % len(VARIANTS)]
    return f"Sample post {number} on topic {TOPICS[topic]}, variant {letter}: {filler(number)}"


def headline(number: int, topic: int) -> str:
    """Return the headline of a made-up article."""
    return f"Sample headline {number} about {TOPICS[topic]}: {filler(number + 500_000)}"


def tag(topic: int) -> str:
    """Return the hashtag of a topic.

    Examples
    --------
    >>> tag(1)
    'GunControl'
    """
    return "".join(word.capitalize() for word in TOPICS[topic].split())


def handle(index: int) -> str:
    """Return the handle of the account with this number, at most 15 characters.

    Examples
    --------
    >>> handle(0), handle(31)
    ('synth_maple_001', 'synth_river_002')
    """
    word = HANDLE_WORDS[index % len(HANDLE_WORDS)]
    return f"synth_{word}_{index // len(HANDLE_WORDS) + 1:03d}"


def default_handle(index: int) -> str:
    """Return a handle of the pattern a platform suggests: a name and digits.

    Examples
    --------
    >>> default_handle(3)
    'SynthFir0023757'
    """
    word = SHORT_WORDS[index % len(SHORT_WORDS)].capitalize()
    return f"Synth{word}{(index * 7919) % 10_000_000:07d}"


def article_url(number: int) -> str:
    """Return the address of a made-up article, under a name that can never be registered."""
    return f"https://news-{number % 17 + 1:02d}.example/story/{number}"


def display_name(index: int) -> str:
    """Return the name an account shows."""
    return f"Sample {PLAIN[index % len(PLAIN)].capitalize()} {index}"


def bio(number: int) -> str:
    """Return the profile text with this number."""
    return f"Sample bio {number}: {filler(number + 900_000, 9)} {MARK}"
