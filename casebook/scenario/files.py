"""A made-up world written as the export files of real collection tools.

The layouts follow Zeeschuimer 1.14, 4CAT's CSV, the profile sheet and Meta's indicator lists. Every
file says that it is synthetic.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.readers.profile_sheet import COLUMNS
from casebook.scenario import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casebook.scenario.cast import Deed, Person

_HEAD = "collected_from_url id thread_id timestamp unix_timestamp link body author"
_X_COLUMNS = (
    f"{_HEAD} author_fullname author_id author_avatar_url author_banner_url verified source "
    "language_guess possibly_sensitive retweet_count reply_count like_count quote_count "
    "impression_count is_retweet retweeted_user is_quote_tweet quote_tweet_id quote_author "
    "quote_body quote_images quote_videos is_quote_withheld is_reply replied_author is_withheld "
    "hashtags urls images videos mentions long_lat place_name"
).split()
_TIKTOK_COLUMNS = (
    f"{_HEAD} author_full author_followers author_likes author_videos author_avatar likes "
    "comments shares plays hashtags challenges urls tiktok_url music_id is_ad"
).split()
SYNTHETIC_SITE = "synthetic.example"


def zeeschuimer(deeds: Iterable[Deed], *, collected: float) -> bytes:
    """Return a Zeeschuimer NDJSON export of X, one full post object a line."""
    lines = []
    for index, deed in enumerate(deeds):
        envelope = {
            "nav_index": f"1:1:{index}",
            "item_id": deed.post_id,
            "timestamp_collected": int(collected * 1000) + index * 137,
            "last_updated": int(collected * 1000) + index * 137,
            "source_platform": "twitter.com",
            "source_platform_url": "https://x.com/",
            "source_url": "https://x.com/",
            "user_agent": "synthetic data made by casebook.scenario",
            "data": _post_object(deed),
        }
        lines.append(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")) + "\n")
    return "".join(lines).encode("utf-8")


def _post_object(deed: Deed) -> dict[str, Any]:
    original = deed.repost_of
    text = f"RT @{original.person.handle}: {original.text}" if original else deed.text
    shown = original or deed
    legacy: dict[str, Any] = {
        "bookmark_count": 0,
        "bookmarked": False,
        "conversation_id_str": deed.post_id,
        "created_at": _web_time(deed.time),
        "display_text_range": [0, len(text)],
        "entities": {
            "hashtags": [{"indices": [0, len(t)], "text": t} for t in shown.hashtags],
            "media": [],
            "symbols": [],
            "timestamps": [],
            "urls": [
                {
                    "display_url": u.removeprefix("https://")[:26],
                    "expanded_url": u,
                    "indices": [0, 23],
                    "url": f"https://t.co/synth{deed.post_id[-6:]}",
                }
                for u in shown.urls
            ],
            "user_mentions": [],
        },
        "favorite_count": deed.likes,
        "favorited": False,
        "full_text": text[:140] + "…" if original and len(text) > 140 else text,
        "id_str": deed.post_id,
        "is_quote_status": False,
        "lang": deed.lang,
        "possibly_sensitive": False,
        "possibly_sensitive_editable": True,
        "quote_count": 0,
        "reply_count": 0,
        "retweet_count": deed.reposts,
        "retweeted": False,
        "user_id_str": deed.person.account_id,
    }
    if original is not None:
        legacy["retweeted_status_result"] = {"result": _post_object(original)}
    until = str(int(deed.time * 1000) + 3_600_000)
    return {
        "__typename": "Tweet",
        "core": {"user_results": {"result": _user_object(deed.person)}},
        "edit_control": {
            "edit_tweet_ids": [deed.post_id],
            "editable_until_msecs": until,
            "edits_remaining": "5",
            "is_edit_eligible": original is None,
        },
        "grok_translated_post_with_availability": {"is_available": False},
        "is_translatable": False,
        "legacy": legacy,
        "rest_id": deed.post_id,
        "source": '<a href="https://synthetic.example" rel="nofollow">Synthetic Web App</a>',
        "unmention_data": {},
        "views": {"count": str(deed.views), "state": "EnabledWithCount"},
    }


def _user_object(person: Person) -> dict[str, Any]:
    """Return a user in X's new shape, or for every third account in the one before."""
    avatar = f"https://{SYNTHETIC_SITE}/{person.avatar or 'none.png'}"
    shared: dict[str, Any] = {
        "__typename": "User",
        "affiliates_highlighted_label": {},
        "has_graduated_access": True,
        "is_blue_verified": False,
        "profile_image_shape": "Circle",
        "rest_id": person.account_id,
        "super_follow_eligible": False,
        "super_followed_by": False,
        "super_following": False,
        "tipjar_settings": {},
    }
    if person.number % 3 == 2:
        return {
            **shared,
            "legacy": {
                "created_at": _web_time(person.created),
                "default_profile": True,
                "default_profile_image": False,
                "description": person.bio,
                "entities": {"description": {"urls": []}},
                "fast_followers_count": 0,
                "favourites_count": person.followers * 2,
                "followers_count": person.followers,
                "friends_count": person.following,
                "has_custom_timelines": False,
                "is_translator": False,
                "listed_count": 0,
                "location": person.place,
                "media_count": 3,
                "name": person.name,
                "normal_followers_count": person.followers,
                "pinned_tweet_ids_str": [],
                "possibly_sensitive": False,
                "profile_image_url_https": avatar,
                "profile_interstitial_type": "",
                "screen_name": person.handle,
                "statuses_count": 300 + person.number,
                "translator_type": "none",
                "verified": False,
                "withheld_in_countries": [],
            },
        }
    return {
        **shared,
        "action_counts": {"favorites_count": person.followers * 2},
        "avatar": {"image_url": avatar},
        "banner": {},
        "core": {
            "created_at": _web_time(person.created),
            "name": person.name,
            "screen_name": person.handle,
        },
        "dm_permissions": {"can_dm": False},
        "location": {"location": person.place},
        "media_permissions": {"can_media_tag": True},
        "notifications_settings": {},
        "pinned_items": {"tweet_ids_str": []},
        "possibly_sensitive": False,
        "privacy": {"protected": False},
        "profile_bio": {"description": person.bio, "entities": {"description": {}}},
        "profile_description_language": "en",
        "profile_metadata": {"profile_interstitial_type": ""},
        "profile_translation": {},
        "relationship_counts": {"followers": person.followers, "following": person.following},
        "relationship_perspectives": {
            "blocked_by": False,
            "blocking": False,
            "followed_by": False,
            "following": False,
            "live_following": False,
            "muting": False,
        },
        "tweet_counts": {"media_tweets": 3, "tweets": 300 + person.number},
        "verification": {"verified": False},
        "website": {},
    }


def fourcat_x(deeds: Iterable[Deed]) -> bytes:
    """Return a 4CAT CSV export of X."""
    return _csv(_X_COLUMNS, (_x_row(d) for d in deeds))


def _x_row(deed: Deed) -> dict[str, str]:
    original = deed.repost_of
    text = f"RT @{original.person.handle}: {original.text}" if original else deed.text
    return {
        **_shared_row(deed, f"https://x.com/{deed.person.handle}/status/{deed.post_id}"),
        "body": text,
        "author_fullname": deed.person.name,
        "author_id": deed.person.account_id,
        "verified": "False",
        "source": "Synthetic Web App",
        "language_guess": deed.lang,
        "possibly_sensitive": "no",
        "retweet_count": str(deed.reposts),
        "reply_count": "0",
        "like_count": str(deed.likes),
        "quote_count": "0",
        "impression_count": str(deed.views),
        "is_retweet": "yes" if original else "no",
        "retweeted_user": original.person.handle if original else "",
        "is_quote_tweet": "no",
        "is_reply": "no",
        "is_withheld": "no",
    }


def fourcat_tiktok(deeds: Iterable[Deed]) -> bytes:
    """Return a 4CAT CSV export of TikTok: the author is a handle, without an id."""
    return _csv(_TIKTOK_COLUMNS, (_tiktok_row(d) for d in deeds))


def _tiktok_row(deed: Deed) -> dict[str, str]:
    person = deed.person
    url = f"https://www.tiktok.com/@{person.handle}/video/{deed.post_id}"
    return {
        **_shared_row(deed, url),
        "author_full": person.name,
        "author_followers": str(person.followers),
        "likes": str(deed.likes),
        "comments": "0",
        "shares": "0",
        "plays": str(deed.views),
        "tiktok_url": url,
        "is_ad": "no",
    }


def _shared_row(deed: Deed, link: str) -> dict[str, str]:
    at = datetime.fromtimestamp(int(deed.time), UTC)
    return {
        "collected_from_url": f"https://{SYNTHETIC_SITE}/",
        "id": deed.post_id,
        "thread_id": deed.post_id,
        "timestamp": at.strftime("%Y-%m-%d %H:%M:%S"),
        "unix_timestamp": str(int(deed.time)),
        "link": link,
        "body": deed.text,
        "author": deed.person.handle,
        "hashtags": ",".join(deed.hashtags),
        "urls": ",".join(deed.urls),
    }


def profile_sheet(looks: Iterable[dict[str, Any]]) -> bytes:
    """Return a profile sheet."""
    return _csv(list(COLUMNS), looks)


def indicator_list(people: Iterable[Person]) -> bytes:
    """Return a list of known accounts in the columns of Meta's indicator files, defanged."""
    rows = (
        {
            "Tactic": "0. Acquiring assets",
            "Technique": "0.9 Acquiring social media accounts",
            "Procedure": "0.9.4 Acquiring X / Twitter accounts",
            "Indicator": f"https://x[.]com/{p.handle}",
            "Notes": "synthetic, made up for the example case",
        }
        for p in people
    )
    return _csv(["Tactic", "Technique", "Procedure", "Indicator", "Notes"], rows)


def avatar(number: int) -> bytes:
    """Return an abstract picture: coloured shapes that belong to a number, marked synthetic."""
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(number)
    image = Image.new("RGB", (96, 96), tuple(int(c) for c in rng.integers(120, 240, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(7):
        x, y, size = (int(v) for v in rng.integers(0, 96, 3))
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        box = (x - size // 2, y - size // 3, x + size // 2, y + size // 3)
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=colour)
    draw.text((4, 82), "SYNTHETIC", fill=(0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False)
    return out.getvalue()


def _csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _web_time(seconds: float) -> str:
    at = datetime.fromtimestamp(int(seconds), UTC)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{days[at.weekday()]} {months[at.month - 1]} {at.day:02d} {at:%H:%M:%S} +0000 {at.year}"


MARK = words.MARK
