"""The picture of a figure, checked once more before a page holds it.

A notebook can be edited by hand, so what it calls a picture may be anything. Shapes and words go
through, by a list; whatever could load, link or run does not.
"""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree as ET

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = {
    "svg", "title", "desc", "g", "path", "rect", "text", "tspan", "line", "circle", "ellipse",
    "polygon", "polyline", "defs", "clipPath", "linearGradient", "radialGradient", "stop",
}  # fmt: skip
ATTRIBUTES = {
    "aria-labelledby", "clip-path", "cx", "cy", "d", "display", "dominant-baseline", "dx", "dy",
    "fill", "fill-opacity", "font-family", "font-size", "font-style", "font-weight", "fx", "fy",
    "gradientTransform", "gradientUnits", "height", "id", "offset", "opacity", "points", "r",
    "role", "rx", "ry", "stop-color", "stop-opacity", "stroke", "stroke-dasharray",
    "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "stroke-opacity", "stroke-width", "text-anchor", "transform", "viewBox", "visibility",
    "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
_OWN_URL = re.compile(r"url\(#([^()\s\"']+)\)")

ET.register_namespace("", SVG)


class PictureError(ValueError):
    """What calls itself a picture holds something that a page never prints."""


@cache
def checked_svg(svg: str, prefix: str) -> str:
    """Return an SVG that holds shapes and words only, with ids of its own.

    Parameters
    ----------
    svg : str
    prefix : str
        Put before each id, so that two pictures in one page never share one.

    Raises
    ------
    PictureError
        Where an element is not on the list, or it is no SVG.
    """
    if "<!" in svg or "<?" in svg:
        raise PictureError("a declaration")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - no declarations, so no entities
    except ET.ParseError as error:
        raise PictureError("no well-formed SVG") from error
    if root.tag != f"{{{SVG}}}svg":
        raise PictureError("no SVG")
    for element in root.iter():
        _check(element, prefix)
    return ET.tostring(root, encoding="unicode")


def _check(element: ET.Element, prefix: str) -> None:
    name = str(element.tag).removeprefix(f"{{{SVG}}}")
    if name not in ELEMENTS:
        raise PictureError(f"the element {name!r}")
    for key, value in list(element.attrib.items()):
        if key not in ATTRIBUTES or ("url(" in value.lower() and not _OWN_URL.fullmatch(value)):
            del element.attrib[key]
        elif key == "id":
            element.set(key, f"{prefix}-{value}")
        elif key == "aria-labelledby":
            element.set(key, " ".join(f"{prefix}-{part}" for part in value.split()))
        elif "url(" in value:
            element.set(key, _OWN_URL.sub(rf"url(#{prefix}-\1)", value))
