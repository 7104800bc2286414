"""A report as one HTML file: the chapters, their table of contents, and a style for the screen and for paper. No Qt."""

import base64
import datetime
import re
from collections.abc import Mapping

from ui.reporting.markup import Markup, tag
from ui.reporting.run import Run
from ui.reporting.sections import SECTIONS

_TOKENS = ("window", "surface", "raised", "text", "quiet", "hairline", "border", "accent", "link", "good")

_STYLE = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--window);color:var(--text);font:15px/1.55 Inter,"Helvetica Neue",Arial,sans-serif;
font-feature-settings:"tnum"}
main,header,nav{max-width:900px;margin:0 auto;padding:0 28px}
header{padding-top:44px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;font-weight:600;letter-spacing:-.01em}
h2{font-size:21px;font-weight:600;margin:52px 0 14px;padding-top:14px;border-top:1px solid var(--hairline)}
h3{font-size:15px;font-weight:600;margin:26px 0 8px}
p{margin:10px 0;max-width:72ch;overflow-wrap:anywhere}
.quiet,figcaption,caption,header p{color:var(--quiet)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:18px 0 0;padding:0}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
ul{padding-left:20px;margin:8px 0;overflow-wrap:anywhere}
.cards{display:flex;flex-wrap:wrap;gap:12px;margin:6px 0 22px}
.cards div{flex:1 1 130px;background:var(--surface);border:1px solid var(--hairline);border-radius:8px;
padding:12px 16px}
.cards dt{color:var(--quiet);font-size:13px}
.cards dd{margin:2px 0 0;font-size:22px;font-weight:600}
.wide{overflow-x:auto;margin:16px 0 22px}
table{border-collapse:collapse;min-width:60%}
table.facts,table.recipe{width:100%}
caption{text-align:left;padding-bottom:6px;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--hairline);
font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--quiet);font-size:13px;border-bottom-color:var(--border);white-space:nowrap}
tbody th{font-weight:600}
.facts tbody th{font-weight:400;color:var(--quiet);width:32%}
td.number{white-space:nowrap;font-variant-numeric:tabular-nums}
table:not(.facts) .number,.confusion thead th:not(:first-child){text-align:right}
tfoot th,tfoot td,.total tbody tr:last-child>*{border-top:1px solid var(--border);font-weight:600}
.confusion td.number{min-width:64px;padding:8px 14px;text-align:right}
.confusion tbody td:not(.sum){background:color-mix(in srgb,var(--accent) calc(var(--share)*38%),transparent)}
.confusion td.right{font-weight:600}
.confusion td.sum,.confusion tfoot td{color:var(--quiet)}
code{font:13px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
pre{background:var(--surface);border:1px solid var(--hairline);border-radius:8px;padding:14px 16px;white-space:pre-wrap;
overflow-wrap:anywhere}
figure{margin:20px 0 26px}
.drawn{display:block;width:100%;height:auto}
figcaption{font-size:13px;margin-top:8px}
.dark{display:none}
footer{max-width:900px;margin:56px auto 40px;padding:14px 28px;color:var(--quiet);font-size:13px}
"""
_DARK = ".light{display:none}.dark{display:block}"
_PAPER = """:root{--window:#fff;--surface:#fff}@page{margin:16mm}body{font-size:10.5pt}
main,header,nav,footer{max-width:none;padding-left:0;padding-right:0}
nav{display:none}h2{break-after:avoid;margin-top:30px}h3{break-after:avoid}figure,tr,pre,.cards{break-inside:avoid}
.wide{overflow:visible}"""


def page(run: Run, themes: Mapping[str, Mapping[str, str]], fonts: Mapping[int, bytes], made: datetime.datetime) -> str:
    """Return the whole report.

    Parameters
    ----------
    themes
        The colours of "light" and of "dark" by their names; one alone is shown everywhere but on paper.
    fonts
        The files of the bundled font by their weight; none of them leaves it to what the reader has.
    made
        When the run was written down.
    """
    title = f"{run.title}: a report"
    chapters, entries = [], []
    for heading, section in SECTIONS.items():
        content = list(section(run))
        if content:
            name = re.sub(r"[^a-z]+", "-", heading.lower()).strip("-")
            entries.append(tag("li", tag("a", heading, href=f"#{name}")))
            chapters.append(tag("section", tag("h2", heading, id=name), content, aria_labelledby=name))
    network = "–".join(map(str, run.snapshot.network.sizes))
    head = tag("header", tag("h1", title), tag("p", f"A network {network} after {run.snapshot.epoch:,} epochs, written "
                                                    f"down by Nodeglow on {made:%-d %B %Y, %H:%M}."))  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:; font-src data:">'
        f"{tag('title', title)}<style>{_styles(themes, fonts)}</style></head><body>"
        f"{head}{tag('nav', tag('ul', entries), aria_label='Chapters')}{tag('main', chapters)}"
        f"{tag('footer', 'One file, without anything from the network. Nodeglow draws, trains and explains networks.')}"
        "</body></html>\n"
    )


def _styles(themes: Mapping[str, Mapping[str, str]], fonts: Mapping[int, bytes]) -> Markup:
    faces = "".join(
        f'@font-face{{font-family:Inter;font-weight:{weight};src:url("data:font/otf;base64,'
        f'{base64.b64encode(content).decode()}")}}' for weight, content in fonts.items()
    )  # fmt: skip
    light, dark = (
        ":root{color-scheme:%s;%s}" % (kind, "".join(f"--{name}:{themes[kind][name]};" for name in _TOKENS))  # noqa: UP031
        for kind in ("light", "dark")
    )
    return Markup(
        f"{faces}{_STYLE}{light}@media screen and (prefers-color-scheme:dark){{{dark}{_DARK}}}@media print{{{_PAPER}}}"
    )
