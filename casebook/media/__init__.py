"""Pictures, videos and sound that are alike although no byte is the same.

Files are opened in a process of their own (`reading`, `decode`), which gives back small grey
pictures, sound and words; only these are compared here.
"""

from casebook.media.likeness import likenesses, named
from casebook.media.reading import Content, is_media, previews, read_files
from casebook.media.subtitles import is_subtitles, words_of

__all__ = [
    "Content",
    "is_media",
    "is_subtitles",
    "likenesses",
    "named",
    "previews",
    "read_files",
    "words_of",
]
