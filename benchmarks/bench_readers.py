"""How long reading a Zeeschuimer export takes, as a multiple of ``json.loads`` over its lines.

Both are measured in one process on the same generated lines of about 8 kB, alternating, and the
median ratio is printed: machines differ, the ratio little.

    python benchmarks/bench_readers.py [lines] [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from casebook.readers.base import Source
from casebook.readers.x_web import READER

FIRST_ID = 1_750_000_000_000_000_000
FIRST_MS = (FIRST_ID >> 22) + 1_288_834_974_657
TARGET = 3.0


def _user(number: int) -> dict[str, Any]:
    link = {
        "display_url": "example.org",
        "expanded_url": "https://example.org/",
        "indices": [0, 23],
    }
    return {
        "__typename": "User",
        "rest_id": str(1_400_000_000_000_000_000 + number),
        "core": {
            "created_at": "Mon Jun 14 10:20:30 +0000 2021",
            "name": f"Sample person {number}",
            "screen_name": f"sample_{number}",
        },
        "avatar": {"image_url": f"https://pbs.example/{number}_normal.jpg"},
        "banner": {"image_url": f"https://pbs.example/banners/{number}"},
        "location": {"location": "Springfield"},
        "profile_bio": {
            "description": "Sample profile text, of a usual length for such a text. " * 2,
            "entities": {"description": {}, "url": {"urls": [link]}},
        },
        "relationship_counts": {"followers": 100 + number, "following": 50},
        "tweet_counts": {"tweets": 1000, "media_tweets": 10},
        "verification": {"verified": False},
        "is_blue_verified": number % 5 == 0,
        "website": {"url": "https://t.co/sample"},
        "relationship_perspectives": dict.fromkeys(
            ("blocked_by", "blocking", "followed_by", "following", "muting"), False
        ),
        "professional": {"category": [{"icon_name": "Icon", "id": 1, "name": "Community"}]},
        "pinned_items": {"tweet_ids_str": [str(FIRST_ID)]},
    }


def _picture(number: int) -> dict[str, Any]:
    sizes = {k: {"h": 800, "resize": "fit", "w": 1200} for k in ("large", "medium", "small")}
    return {
        "id_str": str(FIRST_ID + number),
        "media_key": f"3_{FIRST_ID + number}",
        "media_url_https": f"https://pbs.example/media/{number}.jpg",
        "expanded_url": f"https://x.com/sample/status/{number}/photo/1",
        "type": "photo",
        "indices": [10, 33],
        "sizes": sizes,
        "features": {k: {"faces": [{"h": 60, "w": 60, "x": 5, "y": 7}] * 2} for k in sizes},
        "original_info": {
            "height": 800,
            "width": 1200,
            "focus_rects": [{"x": 0, "y": 10, "w": 1200, "h": 672}] * 5,
        },
    }


def _post(number: int, people: int) -> dict[str, Any]:
    post_id = FIRST_ID + (number * 60_000 << 22)
    moment = time.gmtime(((post_id >> 22) + 1_288_834_974_657) // 1000)
    stamp = time.strftime("%a %b %d %H:%M:%S +0000 %Y", moment)
    text = f"Sample post {number} on topic *gardening*, variant B. " * 4
    pictures = [_picture(number)] if number % 3 == 0 else []
    return {
        "__typename": "Tweet",
        "rest_id": str(post_id),
        "core": {"user_results": {"result": _user(number % people)}},
        "source": '<a href="https://mobile.example" rel="nofollow">Sample Web App</a>',
        "views": {"count": str(number * 7), "state": "EnabledWithCount"},
        "edit_control": {
            "edit_tweet_ids": [str(post_id)],
            "editable_until_msecs": "1786048250000",
            "is_edit_eligible": True,
            "edits_remaining": "5",
        },
        "is_translatable": False,
        "legacy": {
            "created_at": stamp,
            "full_text": text,
            "lang": "en",
            "conversation_id_str": str(post_id),
            "user_id_str": str(1_400_000_000_000_000_000 + number % people),
            "id_str": str(post_id),
            "favorite_count": number % 50,
            "reply_count": 1,
            "retweet_count": 2,
            "quote_count": 0,
            "bookmark_count": 0,
            "is_quote_status": False,
            "entities": {
                "hashtags": [{"indices": [0, 8], "text": "garden"}],
                "urls": [
                    {
                        "display_url": "example.org/a",
                        "expanded_url": f"https://example.org/a/{number}",
                        "indices": [9, 32],
                        "url": "https://t.co/abc",
                    }
                ],
                "user_mentions": [
                    {
                        "id_str": "12",
                        "name": "Somebody",
                        "screen_name": "somebody",
                        "indices": [0, 9],
                    }
                ],
                "media": pictures,
            },
            "extended_entities": {"media": pictures},
        },
    }


def lines(count: int, people: int = 60) -> list[bytes]:
    """Return lines of an export: every fourth a repost, every seventh a quote."""
    made = []
    for number in range(count):
        post = _post(number, people)
        if number % 4 == 1:
            original = _post(number + count, people)
            post["legacy"]["full_text"] = f"RT @sample: {original['legacy']['full_text'][:120]}…"
            post["legacy"]["retweeted_status_result"] = {"result": original}
        elif number % 7 == 2:
            post["quoted_status_result"] = {"result": _post(number + count, people)}
        post["card"] = {
            "legacy": {
                "binding_values": [
                    {"key": f"k{i}", "value": {"string_value": "Sample card value"}}
                    for i in range(48)
                ]
            }
        }
        envelope = {
            "nav_index": f"1:1:{number}",
            "item_id": post["rest_id"],
            "timestamp_collected": FIRST_MS + 10**9 + number * 500,
            "last_updated": FIRST_MS + 10**9 + number * 500,
            "source_platform": "twitter.com",
            "source_platform_url": "https://x.com/home",
            "source_url": "https://x.com/i/api/graphql/sample/HomeTimeline",
            "user_agent": "sample",
            "data": post,
        }
        made.append(json.dumps(envelope, ensure_ascii=False).encode())
    return made


def ratio(made: list[bytes], rounds: int = 5) -> tuple[float, float, float]:
    """Return the median ratio, and the best seconds for ``json.loads`` and for reading."""
    ratios, floors, readings = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.ndjson"
        path.write_bytes(b"\n".join(made) + b"\n")
        for _ in range(rounds):
            start = time.perf_counter()
            for line in made:
                json.loads(line)
            middle = time.perf_counter()
            found = sum(1 for record in READER.read(Source(path, path.name)) if record.rows)
            end = time.perf_counter()
            if found != len(made):
                raise RuntimeError(f"{found} records read of {len(made)}")
            floors.append(middle - start)
            readings.append(end - middle)
            ratios.append((end - middle) / (middle - start))
    return statistics.median(ratios), min(floors), min(readings)


def main(arguments: list[str]) -> int:
    """Print the ratio; the exit code says whether it is within the target."""
    count = int(arguments[0]) if arguments else 2000
    rounds = int(arguments[1]) if len(arguments) > 1 else 5
    made = lines(count)
    size = sum(map(len, made)) / count
    found, floor, reading = ratio(made, rounds)
    print(f"{count} lines of {size / 1000:.1f} kB on average")
    print(f"json.loads     {floor / count * 1e6:7.1f} us a line")
    print(f"zeeschuimer-x  {reading / count * 1e6:7.1f} us a line")
    print(f"ratio          {found:7.2f}  (target <= {TARGET})")
    return 0 if found <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
