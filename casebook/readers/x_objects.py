"""Rows from the objects of X's web interface: posts and users, in their old and new shapes.

X moves its fields: what was in ``legacy`` is now in ``core``, ``relationship_counts``,
``profile_bio`` and others, and both shapes are in the wild, sometimes in one object. Every field
is therefore looked up in layers, the new place first; what cannot be found stays empty and what
is not known is noticed, by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casebook.readers.x_common import (
    N_WITHHELD,
    PLATFORM,
    RefusedRecord,
    account_time,
    best_video,
    client_of,
    count_of,
    distinct,
    edit_time,
    epoch_ms,
    flag_of,
    id_of,
    is_cut,
    key_of,
    list_of,
    media_rows,
    object_of,
    plain,
    post_address,
    post_time,
    repost_parts,
    text_of,
    time_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from casebook.readers.base import Row
    from casebook.readers.x_common import Reading

N_NO_AUTHOR = "the author's profile is missing: only what the post itself says is known"
N_NO_HANDLE = "a user block without a handle: its shape is not known"
N_NO_BODY = "a post without the block that holds its text: its shape is not known"
N_NO_ORIGINAL = "the original of a repost is not in the file"
N_NO_QUOTED = "the quoted post is not in the file"
N_PROMOTED = "an advertisement, shown by the platform: its author is a bystander here"
N_LABEL = "the platform labels the profile: {}"
N_ITEM_ID = "the post id was taken from the envelope, which may have rounded it"

_DEEPEST = 3
"""A repost of a quote is two posts deep; deeper nesting is not made by X."""

_MEDIA_OWNER = re.compile(r"^https?://(?:x|twitter)\.com/(\w{1,20})/status/(\d+)/")

KNOWN_USER = frozenset(
    """
    __typename id rest_id core legacy avatar banner location website profile_bio privacy
    relationship_counts tweet_counts action_counts verification verification_info about_profile
    is_blue_verified verified_phone_status profile_image_shape profile_description_language
    profile_metadata profile_translation professional pinned_items tipjar_settings
    affiliates_highlighted_label identity_profile_labels_highlighted_label
    parody_commentary_fan_label dm_permissions media_permissions notifications_settings
    relationship_perspectives follow_request_sent has_graduated_access possibly_sensitive
    super_follow_eligible super_followed_by super_following business_account
    creator_subscriptions_count has_hidden_subscriptions_on_profile has_hidden_likes_on_profile
    has_nft_avatar highlights_info is_profile_translatable legacy_extended_profile
    profile_sort_enabled profilemodules smart_blocked_by smart_blocking subscriber_count
    exclusive_tweet_following premium_gifting_eligible user_seed_tweet_count birthdate timeline
    timeline_v2 timeline_response sort_at hidden_profile_likes has_hidden_posts_on_profile
    reason message super_follows_application_status affiliates_count
    """.split()  # noqa: SIM905 - one name a line would bury the code
)
KNOWN_TWEET = frozenset(
    """
    __typename id rest_id core legacy views source note_tweet edit_control edit_perspective
    quoted_status_result quotedRefResult retweeted_status_result card unmention_data
    unmention_info is_translatable has_birdwatch_notes birdwatch_pivot quick_promote_eligibility
    previous_counts community_results community_relationship author_community_relationship
    grok_translated_post_with_availability grok_translated_post grok_analysis_button
    grok_analysis_followups grok_share_attachment grok_annotations post_image_description
    post_video_description article article_results trusted_friends_info_result collab_control
    exclusive_tweet_info conversation_control promoted user type is_liked reply_to_results
    reply_to_user_results tweet_context limited_actions superFollowsReplyUserResult vibe
    tombstone fosnr_media_tags ad_metadata_container voiceInfo content_disclosure comment_id
    text post_id post_url parent_comment_id thread_id _zs_comment_parent_id
    _zs_comment_thread_id _zs_comment_post_id __import_meta possibly_sensitive
    """.split()  # noqa: SIM905 - one name a line would bury the code
)


def unwrapped(result: dict[str, Any]) -> dict[str, Any]:
    """Return the post inside ``TweetWithVisibilityResults`` and similar wrappers."""
    for _ in range(_DEEPEST):
        inner = result.get("tweet")
        if type(inner) is not dict or "rest_id" in result or "legacy" in result:
            break
        result = inner
    return result


def refusal(result: dict[str, Any], entry_id: str = "") -> str | None:
    """Return why an entry holds no post, in the platform's words, or None where it holds one.

    The id in the name of the entry is kept in the reason: it says which post is gone.
    """
    if "legacy" in result and "tombstone" not in result:
        return None
    kind = result.get("__typename")
    words = object_of(object_of(result.get("tombstone")).get("text")).get("text")
    said = text_of(words) or text_of(result.get("reason"))
    named = re.search(r"(?:tweet|tombstone)-(\d+)", entry_id)
    which = f"post {named[1]}" if named else "a post"
    if "tombstone" in result or kind in {"TweetTombstone", "TweetUnavailable"}:
        return f"the platform does not show {which}: {(said or 'no reason given')[:200]}"
    if not result:
        return f"the platform sent an empty entry for {which}"
    return None


# users ---------------------------------------------------------------------------------------


def handle_of(user: dict[str, Any]) -> str | None:
    """Return the handle, from the new place or the old."""
    return text_of(object_of(user.get("core")).get("screen_name")) or text_of(
        object_of(user.get("legacy")).get("screen_name")
    )


def profile_columns(user: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return what ``accounts`` and ``snapshots`` both say about a user."""
    get = user.get
    core, legacy = object_of(get("core")), object_of(get("legacy"))
    bio, counts = object_of(get("profile_bio")), object_of(get("relationship_counts"))
    account_id = id_of(get("rest_id")) or id_of(legacy.get("id_str"))
    handle = text_of(core.get("screen_name")) or text_of(legacy.get("screen_name"))
    if handle is None:
        notes.append(N_NO_HANDLE)
    return {
        "account": key_of(account_id, handle),
        "platform": PLATFORM,
        "account_id": account_id,
        "handle": handle,
        "display_name": text_of(core.get("name")) or text_of(legacy.get("name")),
        "bio": text_of(bio.get("description")) or text_of(legacy.get("description")),
        "location": text_of(object_of(get("location")).get("location"))
        or text_of(legacy.get("location")),
        "website": _website(user, legacy, bio),
        "followers": _count(counts, "followers", legacy, "followers_count", notes),
        "following": _count(counts, "following", legacy, "friends_count", notes),
        "posts": _count(object_of(get("tweet_counts")), "tweets", legacy, "statuses_count", notes),
        "avatar_url": text_of(object_of(get("avatar")).get("image_url"))
        or text_of(legacy.get("profile_image_url_https")),
    }


def _count(
    new: dict[str, Any], name: str, legacy: dict[str, Any], old: str, notes: list[str]
) -> int | None:
    value = new.get(name)
    return count_of(legacy.get(old) if value is None else value, notes)


def _website(user: dict[str, Any], legacy: dict[str, Any], bio: dict[str, Any]) -> str | None:
    for entities in (bio.get("entities"), legacy.get("entities")):
        for link in list_of(object_of(object_of(entities).get("url")).get("urls")):
            expanded = text_of(link.get("expanded_url"))
            if expanded:
                return expanded
    return text_of(object_of(user.get("website")).get("url")) or text_of(legacy.get("url"))


def account_columns(
    user: dict[str, Any], account_id: str | None, notes: list[str]
) -> dict[str, Any]:
    """Return what only ``accounts`` says about a user."""
    get = user.get
    core, legacy = object_of(get("core")), object_of(get("legacy"))
    created = time_of(core.get("created_at") or legacy.get("created_at"), notes)
    return {
        **account_time(account_id, created),
        "banner_url": text_of(object_of(get("banner")).get("image_url"))
        or text_of(legacy.get("profile_banner_url")),
        **_verification(user, legacy),
        **_about(object_of(get("about_profile")), notes),
    }


def _verification(user: dict[str, Any], legacy: dict[str, Any]) -> dict[str, Any]:
    mark = object_of(user.get("verification"))
    blue = flag_of(user.get("is_blue_verified"))
    known = [
        v
        for v in (blue, flag_of(mark.get("verified")), flag_of(legacy.get("verified")))
        if v is not None
    ]
    kind = text_of(mark.get("verified_type")) or text_of(legacy.get("verified_type"))
    if kind is None and blue:
        kind = "blue"
    return {
        "verified": (any(known) or kind is not None) if known else None,
        "verified_type": kind.lower() if kind else None,
    }


def _about(about: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    if not about:
        return {}
    changes = object_of(about.get("username_changes"))
    return {
        "about_country": text_of(about.get("account_based_in")),
        "about_country_accurate": flag_of(about.get("location_accurate")),
        "about_source": text_of(about.get("source")),
        "about_username_changes": count_of(changes.get("count"), notes),
        "about_last_change": epoch_ms(changes.get("last_changed_at_msec"), notes),
    }


def user_rows(
    user: dict[str, Any], reading: Reading, *, seen_as: str, always: bool = False
) -> Iterator[Row]:
    """Yield the rows of one profile: account, and for those under review snapshot and pictures.

    People who only came along (reposted, quoted, mentioned) get no snapshot: they are bystanders.
    An unchanged profile is told once a day, except where ``always``.
    """
    notes = reading.notes
    account_id = id_of(user.get("rest_id")) or id_of(object_of(user.get("legacy")).get("id_str"))
    name = account_id or handle_of(user) or ""
    known = reading.memory.is_known(name, seen_as, user, reading.collected_at)
    if known and not always:
        return
    reading.notice_unknown("user", user.keys() - KNOWN_USER)
    _notice_labels(user, notes)
    common = profile_columns(user, notes)
    account = {**common, **account_columns(user, account_id, notes)}
    account["seen_as"] = seen_as
    account["collected_at"] = reading.collected_at
    yield "accounts", account
    if seen_as not in {"author", "profile", "listed"}:
        return
    snapshot = dict(common)
    snapshot["captured_at"] = reading.collected_at
    snapshot["captured_precision"] = "second"
    snapshot["capture"] = "platform export"
    snapshot["status"] = "active"
    yield "snapshots", snapshot
    pictures = (("avatar", common["avatar_url"]), ("banner", account["banner_url"]))
    yield from media_rows([(k, u) for k, u in pictures if u], common["account"], None)


def _notice_labels(user: dict[str, Any], notes: list[str]) -> None:
    """Notice a label such as Parody or Automated: an account that says what it is."""
    parody = text_of(user.get("parody_commentary_fan_label"))
    if parody and parody != "None":
        notes.append(N_LABEL.format(parody[:40]))
    label = object_of(object_of(user.get("affiliates_highlighted_label")).get("label"))
    kind = text_of(label.get("userLabelType"))
    if kind and kind != "BusinessLabel":  # an employer's badge says little about the account
        notes.append(N_LABEL.format(kind[:40]))


def _author_of(tweet: dict[str, Any]) -> dict[str, Any]:
    user = object_of(object_of(object_of(tweet.get("core")).get("user_results")).get("result"))
    if user:
        return user
    # before 2023 the interface sent posts and users apart; the capture tool joined them so
    old = object_of(tweet.get("user"))
    return {"rest_id": old.get("id_str"), "legacy": old} if "screen_name" in old else {}


def _author_rows(
    user: dict[str, Any], account_id: str | None, handle: str | None, reading: Reading, seen_as: str
) -> Iterator[Row]:
    if user.get("rest_id") is not None and user.get("__typename") != "UserUnavailable":
        yield from user_rows(user, reading, seen_as=seen_as)
        return
    reading.notes.append(N_NO_AUTHOR)
    account = key_of(account_id, handle)
    if account is None:
        return
    row = {"account": account, "platform": PLATFORM, "account_id": account_id, "handle": handle}
    yield (
        "accounts",
        {
            **row,
            **account_time(account_id, None),
            "seen_as": seen_as,
            "collected_at": reading.collected_at,
        },
    )
    if text_of(user.get("reason")) == "Suspended":
        yield (
            "snapshots",
            {
                **row,
                "captured_at": reading.collected_at,
                "captured_precision": "second",
                "capture": "platform export",
                "status": "suspended",
            },
        )


# posts ---------------------------------------------------------------------------------------


def tweet_rows(
    result: dict[str, Any],
    reading: Reading,
    *,
    entry_id: str = "",
    item_id: str | None = None,
    promoted: bool = False,
) -> tuple[Row, ...]:
    """Return the rows of one post: itself, its author, pictures, and the posts it carries.

    Raises
    ------
    RefusedRecord
        Where the platform shows no post, or the object is none.
    """
    reason = refusal(result, entry_id)
    if reason:
        raise RefusedRecord(reason)
    tweet = unwrapped(result)
    reason = refusal(tweet, entry_id)
    if reason:
        raise RefusedRecord(reason)
    post_id = _own_id(tweet)
    if post_id is None:
        post_id = _envelope_id(tweet, item_id, reading.notes)
    if promoted or tweet.get("promoted") is True:
        reading.notes.append(N_PROMOTED)
        promoted = True
    rows: list[Row] = []
    _add_post(tweet, post_id, reading, rows, seen_as="mentioned" if promoted else "author")
    return tuple(rows)


def _own_id(tweet: dict[str, Any]) -> str | None:
    return id_of(tweet.get("rest_id")) or id_of(object_of(tweet.get("legacy")).get("id_str"))


def _envelope_id(tweet: dict[str, Any], item_id: str | None, notes: list[str]) -> str:
    if item_id and item_id.isdigit() and object_of(tweet.get("legacy")):
        notes.append(N_ITEM_ID)
        return item_id
    raise RefusedRecord(
        f"no post id found; its fields are: {', '.join(sorted(tweet)[:8])[:200] or 'none'}"
    )


def _add_post(
    tweet: dict[str, Any],
    post_id: str,
    reading: Reading,
    rows: list[Row],
    *,
    seen_as: str,
    depth: int = 0,
) -> str | None:
    """Append the rows of a post and of what it carries; return its author's handle."""
    notes = reading.notes
    legacy = object_of(tweet.get("legacy"))
    if not legacy:
        notes.append(N_NO_BODY)
    reading.notice_unknown("post", tweet.keys() - KNOWN_TWEET)
    user = _author_of(tweet)
    account_id = id_of(user.get("rest_id")) or id_of(legacy.get("user_id_str"))
    handle = handle_of(user) or _handle_in_media(legacy, post_id)
    account = key_of(account_id, handle)
    created, created_source = post_time(post_id, time_of(legacy.get("created_at"), notes), notes)
    row: dict[str, Any] = {
        "post": f"x:{post_id}",
        "platform": PLATFORM,
        "post_id": post_id,
        "account": account,
        "account_id": account_id,
        "handle": handle,
        "created_at": created,
        "created_at_source": created_source,
        "time_precision": "second",
        "lang": text_of(legacy.get("lang")),
        "in_reply_to": id_of(legacy.get("in_reply_to_status_id_str")),
        "in_reply_to_handle": text_of(legacy.get("in_reply_to_screen_name")),
        "thread_id": id_of(legacy.get("conversation_id_str")),
        "client": client_of(tweet.get("source") or legacy.get("source")),
        "edited_at": _edited_at(tweet, notes),
        "url": post_address(post_id, handle),
        "embedded": depth > 0,
        "collected_at": reading.collected_at,
    }
    if legacy.get("withheld_in_countries") or legacy.get("withheld_scope"):
        notes.append(N_WITHHELD)
    rows.append(("posts", row))
    rows.extend(_author_rows(user, account_id, handle, reading, seen_as))
    if _is_repost(tweet, legacy):
        _add_repost(tweet, legacy, row, reading, rows=rows, depth=depth)
    else:
        items = _media_of(legacy)
        row.update(_content(tweet, legacy))
        row.update(_counters(tweet, legacy, notes))
        row["media"] = distinct(url for _, url in items)
        rows.extend(media_rows(items, account, row["post"]))
        _add_quoted(tweet, legacy, row, reading, rows=rows, depth=depth)
    return handle


def _is_repost(tweet: dict[str, Any], legacy: dict[str, Any]) -> bool:
    return (
        "retweeted_status_result" in legacy
        or "retweeted_status_result" in tweet
        or "retweeted_status_id_str" in legacy
    )


def _add_repost(
    tweet: dict[str, Any],
    legacy: dict[str, Any],
    row: dict[str, Any],
    reading: Reading,
    *,
    rows: list[Row],
    depth: int,
) -> None:
    """Complete a repost from its original.

    It carries the original's text and links. It has no counters of its own: X shows the
    original's there, and they belong to the embedded original.
    """
    wrapper = object_of(legacy.get("retweeted_status_result")) or object_of(
        tweet.get("retweeted_status_result")
    )
    original = unwrapped(object_of(wrapper.get("result")))
    original_id = _own_id(original)
    handle, text = repost_parts(text_of(legacy.get("full_text")) or "")
    row["repost_of"] = original_id or id_of(legacy.get("retweeted_status_id_str"))
    row["repost_of_handle"] = handle
    if original_id is None or not _has_body(original) or depth >= _DEEPEST:
        reading.notes.append(N_NO_ORIGINAL)
        row.update(_links(object_of(legacy.get("entities"))))
        row["text"] = plain(text) or None
        # the 140 characters after which X cuts a repost include its prefix
        row["text_truncated"] = is_cut(text_of(legacy.get("full_text")) or "")
        row["mentions"] = [m for m in row["mentions"] if m != handle]
        row["media"] = distinct(url for _, url in _media_of(legacy))
        return
    start = len(rows)
    found = _add_post(original, original_id, reading, rows, seen_as="reposted", depth=depth + 1)
    row["repost_of_handle"] = found or handle
    shown = rows[start][1]
    for column in ("text", "text_truncated", "urls", "hashtags", "mentions", "media"):
        row[column] = shown.get(column)


def _has_body(tweet: dict[str, Any]) -> bool:
    """Tell whether a post is here, and not only its id or a note that it is gone."""
    return bool(object_of(tweet.get("legacy"))) and refusal(tweet) is None


def _add_quoted(
    tweet: dict[str, Any],
    legacy: dict[str, Any],
    row: dict[str, Any],
    reading: Reading,
    *,
    rows: list[Row],
    depth: int,
) -> None:
    wrapper = object_of(tweet.get("quoted_status_result"))
    quoted = unwrapped(object_of(wrapper.get("result")))
    quoted_id = _own_id(quoted)
    reference = unwrapped(object_of(object_of(tweet.get("quotedRefResult")).get("result")))
    row["quote_of"] = quoted_id or id_of(legacy.get("quoted_status_id_str")) or _own_id(reference)
    if quoted_id is None or not _has_body(quoted) or depth >= _DEEPEST:
        if depth == 0 and (row["quote_of"] or wrapper):
            reading.notes.append(N_NO_QUOTED)
        return
    _add_post(quoted, quoted_id, reading, rows, seen_as="quoted", depth=depth + 1)


def _content(tweet: dict[str, Any], legacy: dict[str, Any]) -> dict[str, Any]:
    """Return text and links, those of the long form where the post has one."""
    long = object_of(tweet.get("note_tweet"))
    note = object_of(object_of(long.get("note_tweet_results")).get("result"))
    text = text_of(note.get("text"))
    if text:
        entities = object_of(note.get("entity_set")) or object_of(legacy.get("entities"))
        return {"text": plain(text), "text_truncated": False, **_links(entities)}
    short = text_of(legacy.get("full_text")) or text_of(legacy.get("text"))
    return {
        "text": plain(short) if short else None,
        "text_truncated": (bool(long) or is_cut(short)) if short else None,
        **_links(object_of(legacy.get("entities"))),
    }


def _links(entities: dict[str, Any]) -> dict[str, list[str]]:
    urls, tags = entities.get("urls"), entities.get("hashtags")
    mentions = entities.get("user_mentions")
    return {
        "urls": distinct(
            text_of(u.get("expanded_url")) or text_of(u.get("url")) for u in list_of(urls)
        )
        if urls
        else [],
        "hashtags": distinct(text_of(t.get("text")) for t in list_of(tags)) if tags else [],
        "mentions": distinct(text_of(m.get("screen_name")) for m in list_of(mentions))
        if mentions
        else [],
    }


def _media_of(legacy: dict[str, Any]) -> list[tuple[str, str]]:
    extended = object_of(legacy.get("extended_entities")).get("media")
    found = []
    for item in list_of(extended or object_of(legacy.get("entities")).get("media")):
        still = text_of(item.get("media_url_https"))
        film = best_video(object_of(item.get("video_info")).get("variants"), "bitrate")
        if film:
            found.append(("video", film))
        elif still:
            found.append(("image", still))
    return found


def _counters(
    tweet: dict[str, Any], legacy: dict[str, Any], notes: list[str]
) -> dict[str, int | None]:
    views = object_of(tweet.get("views")) or object_of(tweet.get("ext_views"))
    return {
        "likes": count_of(legacy.get("favorite_count"), notes),
        "replies": count_of(legacy.get("reply_count"), notes),
        "reposts": count_of(legacy.get("retweet_count"), notes),
        "quotes": count_of(legacy.get("quote_count"), notes),
        "views": count_of(views.get("count"), notes),
    }


def _edited_at(tweet: dict[str, Any], notes: list[str]) -> datetime | None:
    control = object_of(tweet.get("edit_control"))
    first = object_of(control.get("edit_control_initial")) or control
    return edit_time(first.get("edit_tweet_ids"), notes)


def _handle_in_media(legacy: dict[str, Any], post_id: str) -> str | None:
    """Return the author's handle from the address of the post's own picture, if it has one."""
    for item in list_of(object_of(legacy.get("entities")).get("media")):
        found = _MEDIA_OWNER.match(text_of(item.get("expanded_url")) or "")
        if found and found[2] == post_id:
            return found[1]
    return None
