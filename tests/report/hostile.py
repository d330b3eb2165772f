"""Strings that an adversary writes into what is collected: each wants to run, to load or to break."""

from __future__ import annotations

_RUNS = "alert(1)"
_SCRIPTS = [
    f"<script>{_RUNS}</script>", f"</script><script>{_RUNS}</script>",
    f"</style><script>{_RUNS}</script>", f"</title><script>{_RUNS}</script>",
    f"</textarea><script>{_RUNS}</script>", f"</svg><script>{_RUNS}</script>",
    f"--><script>{_RUNS}</script>", f"]]><script>{_RUNS}</script>", f"<SCRIPT>{_RUNS}</SCRIPT>",
    f"<scr<script>ipt>{_RUNS}</scr</script>ipt>", "<script src=//example.org/x.js></script>",
    f"<script type=module>{_RUNS}</script>", r"\u003cscript\u003ealert(1)\u003c/script\u003e",
    f"</noscript><script>{_RUNS}</script>", f"*/{_RUNS}/*", f"';{_RUNS}//", f'";{_RUNS}//',
    f"`;{_RUNS}//", f"\\';{_RUNS}//", f"</pre></code><script>{_RUNS}</script>",
]  # fmt: skip
_HANDLERS = [
    f'"><img src=x onerror={_RUNS}>', f"</title><img src=x onerror={_RUNS}>",
    f"' onmouseover='{_RUNS}", f'" onfocus="{_RUNS}" autofocus="', f"<svg onload={_RUNS}>",
    f"</svg><svg/onload={_RUNS}>", f"<body onload={_RUNS}>", f"<details open ontoggle={_RUNS}>",
    f"<video><source onerror={_RUNS}>", f"<input onfocus={_RUNS} autofocus>",
    f"<marquee onstart={_RUNS}>", f"<a onclick={_RUNS}>x</a>", f"<b/onpointerenter={_RUNS}>x",
    f"<animate onbegin={_RUNS} attributeName=x>", f"E0001 <b onclick={_RUNS}>E0001</b>",
    f"<math><mtext><img src=x onerror={_RUNS}></mtext></math>",
]  # fmt: skip
_ADDRESSES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>", "file:///etc/passwd", "//example.org/x",
    "https://example.org/x", "<https://example.org>", "https://example.org@evil.example/x",
    "<iframe src=javascript:alert(1)>", "<a href=javascript:alert(1)>x</a>",
    "<a href=&#106;avascript:alert(1)>x</a>", "<form action=//example.org><button>x</button></form>",
    "<object data=//example.org>", "<embed src=//example.org>", "<link rel=stylesheet href=//example.org>",
    "<meta http-equiv=refresh content=0;url=//example.org>", "<base href=//example.org>",
    "<img src=//example.org/x.png>", "<iframe srcdoc='<script>alert(1)</script>'>",
]  # fmt: skip
_MARKDOWN = [
    "[x](javascript:alert(1))", "[x](https://example.org 'y')", "![x](https://example.org/x.png)",
    "[x]: https://example.org", "```\n</code></pre><script>alert(1)</script>", "`<b>`",
    "# heading\n\n- item\n\n| a | b |\n|---|---|\n| c | d |", "***\n---", "> quote", "<!-- comment",
    "[![x](data:,x)](javascript:alert(1))", "\\<script>alert(1)\\</script>", "| a | b\n|--", "* * *",
    "&#x5b;x](javascript:alert(1))",
]  # fmt: skip
_STYLES = [
    "<style>@import '//example.org'</style>", "url(https://example.org/x)", "}</style><b>",
    "</style><style>*{display:none}", "<p style=position:fixed;inset:0>x", "expression(alert(1))",
    "@import url(//example.org);", 'content:"\\201c"',
]  # fmt: skip
_ENTITIES = [
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "&amp;lt;script&amp;gt;", "&#0;",
    "&#xD800;", "&nonsense;", "]]><!--", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "<?xml version='1.0'?><x/>", "<![CDATA[x]]>", "%3Cscript%3Ealert(1)%3C/script%3E",
]  # fmt: skip
_CELLS = [
    "=HYPERLINK(1)", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(1,1)", "\t=1+1", "\r=1+1",
    '=IMPORTXML("//example.org","x")', "＝1+1", 'a,"b"\n=1+1', "'=1+1",
]  # fmt: skip
_TEMPLATES = ["{{ 7 * 7 }}{% raw %}", "${7*7}", "#{7*7}", "%s%n%(x)s", "{0.__class__}", "#show: it"]
_LETTERS = [
    "a\u202egnp.exe", "\u2066hidden\u2069", "\u200bzero\u200b", "\ufeffmark", "\x00nul\x1b[31mred\x07",
    "\ud800 lone", "a\r\nb\u2028c\u2029d", "\x85next\x0b\x0c", "e\u0301" + "\u0301" * 60, "x" * 5000,
    "مرحبا <b>", "中文<script>alert(1)</script>", "\U000e0041tag", "\ufffe\uffff", "🏴󠁧󠁢",
]  # fmt: skip
HOSTILE: list[str] = [
    *_SCRIPTS, *_HANDLERS, *_ADDRESSES, *_MARKDOWN, *_STYLES, *_ENTITIES, *_CELLS, *_TEMPLATES,
    *_LETTERS,
]  # fmt: skip
"""At least a hundred, all different."""

GROUPS = [HOSTILE[i : i + 16] for i in range(0, len(HOSTILE), 16)]
"""A page for each string would take a minute; a page for sixteen takes as long as for one."""
