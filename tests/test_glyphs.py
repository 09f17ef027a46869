"""Names of any script are drawn without a warning."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from segkit.drawing.glyphs import drawable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Norrliden–Väst $1", "Norrliden–Väst $1"),
        ("שלום", "שלום"),
        ("🇸🇪x", "□□x"),
        ("nb\u00a0sp 1\u202f234", "nb\u00a0sp 1\u202f234"),
        ("\x00a\tb\nc", "a b\nc"),
        ("\ud800", "□"),
        ("a\u202eb", "ab"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_becomes_a_box(name, shown):
    assert drawable(name) == shown
    assert drawable(shown) == shown


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=12))
def test_any_name_is_drawn_without_a_warning(name):
    figure = Figure()
    figure.text(0.1, 0.5, drawable(name), parse_math=False)
    figure.savefig(io.BytesIO(), format="svg")
    assert drawable(drawable(name)) == drawable(name)
