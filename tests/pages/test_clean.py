"""Nothing that runs, loads or posts gets through; everything that a figure needs does."""

from __future__ import annotations

import pytest

from iitk.publish.clean import safe_html, safe_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT src='https://x.example/a.js'></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<iframe src='https://x.example'></iframe>",
    "<form action='https://x.example'><input></form>",
    "<link rel=stylesheet href='https://x.example/a.css'>",
    "<style>@import url(https://x.example)</style>",
    "<object data='x.swf'></object>",
    "<p style=\"background:url('https://x.example')\">x</p>",
    '<rect fill="url(https://x.example/a)"></rect>',
    "<use href='https://x.example#a'/>",
    "<image href='https://x.example/a.png'/>",
    "<foreignObject><body onload=alert(1)></body></foreignObject>",
    "<meta http-equiv=refresh content=0>",
    "<base href='https://x.example'>",
    "<p onclick=alert(1)>x</p>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<!-- --!><script>alert(1)</script> -->",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("clean", [safe_html, safe_markdown])
def test_attacks_leave_no_live_markup(clean, attack):
    from html.parser import HTMLParser

    found: list[str] = []

    class Watch(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag in {
                "script",
                "style",
                "img",
                "iframe",
                "form",
                "input",
                "link",
                "object",
                "use",
                "image",
                "meta",
                "base",
                "foreignobject",
            }:
                found.append(tag)
            found.extend(
                f"{tag} {name}={value}"
                for name, value in attrs
                if name.startswith("on")
                or "javascript" in (value or "").replace("\t", "").lower()
                or "x.example" in (value or "")
            )

    Watch().feed(clean(attack))
    assert found == []


def test_a_script_does_not_even_leave_its_text():
    assert safe_html("<p>Leeds</p><script>steal()</script><style>p{color:red}</style>") == "<p>Leeds</p>"


def test_what_a_figure_needs_stays():
    figure = (
        '<figure class="figure" data-figure="a"><svg viewBox="0 0 10 4" role="img" aria-label="Bars">'
        '<defs><clipPath id="c"><rect width="1" height="1"></rect></clipPath></defs>'
        '<g clip-path="url(#c)" transform="translate(1,2)"><path d="M0,0h1" stroke-dasharray="2,2"></path>'
        '<text x="1" text-anchor="end" font-size="15px">a &amp; b</text></g></svg><details><summary>Show</summary>'
        '<table><thead><tr><th scope="col">LQ</th></tr></thead></table></details></figure>'
    )
    assert safe_html(figure) == figure


def test_markdown_is_rendered_and_its_html_is_shown_as_text():
    html = safe_markdown("## Who?\n\n> *Quote* & more\n\n<b onclick=x()>no</b> [in](../a.html)")
    assert "<h2>Who?</h2>" in html
    assert "<em>Quote</em> &amp; more" in html
    assert "&lt;b onclick=x()&gt;no" in html
    assert 'href="../a.html"' in html


SNEAKY = [
    '<rect fill="&#117;rl(https://x.example/a)"></rect>',
    r'<svg><rect fill="u\72l(https://x.example/a)"></rect></svg>',
    '<p style="fill:url(&quot;https://x.example/a&quot;)">x</p>',
    "<p style='width:10px;background-image:url(//x.example)'>x</p>",
    "<svg><g clip-path='url( https://x.example#a )'></g></svg>",
]


@pytest.mark.parametrize("html", SNEAKY)
def test_a_way_out_that_is_spelled_differently_is_found_too(html):
    assert "x.example" not in safe_html(html)
    assert 'clip-path="url(#c)"' in safe_html(html + '<svg><g clip-path="url(#c)"></g></svg>')
