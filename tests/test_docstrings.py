"""What each public function of a measure tells of itself: the same things, in the same places."""

import inspect
import re

import pytest

import segkit
from segkit import segregation

SECTIONS = ["Parameters", "Returns", "Raises", "References", "Examples"]

#: Nouns whose public functions are measures.
MEASURES = ["segregation", "inequality", "polarization"]

#: Nouns with what is done with measures.
OTHERS = [
    "inference",
    "trends",
    "decomposition",
    "evaluation",
    "transitions",
    "autocorrelation",
    "composite",
    "profiles",
    "typologies",
    "geography",
    "owndata",
    "frame",
]

#: Bookkeeping that no work defines, and a measure whose formula is its sentence.
NO_WORK = {
    "aggregate",
    "nest_check",
    "prepare",
    "read",
    "turnout_by_area",
    "area_type_name",
    "by_period",
    "change_sentence",
    "coarsen",
    "fill_sensitivity",
    "label",
    "plot_trajectories",
    "sequences",
    "special_areas",
    "trajectories",
    "transition_counts",
    "turnarounds",
    "usable_areas",
}
NO_FORMULA = {"ratio"}

#: What answers in words.
NO_NUMBER = {"area_type_name", "prepare"}

#: Tables of parts, whose range is that of the measure.
PARTS = {"theil_decomposition", "mean_log_deviation_decomposition"}


def functions(nouns=(*MEASURES, *OTHERS), but=frozenset()):
    for noun in nouns:
        module = getattr(segkit, noun)
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)) and name not in but:
                yield pytest.param(getattr(module, name), id=f"{noun}.{name}")


def section(function, name):
    """Return the text of a section of a docstring, empty where there is none."""
    doc = inspect.getdoc(function)
    found = re.search(rf"\n{name}\n-{{{len(name)}}}\n(.*?)(?=\n\w+\n-{{3,}}\n|\Z)", doc, re.DOTALL)
    return found.group(1) if found else ""


@pytest.mark.parametrize("function", list(functions()))
def test_every_section_is_there_in_order(function):
    doc = inspect.getdoc(function)
    wanted = [name for name in SECTIONS if name != "References" or function.__name__ not in NO_WORK]
    places = [doc.find(f"\n{name}\n{'-' * len(name)}\n") for name in wanted]
    assert -1 not in places, f"lacks {[s for s, at in zip(wanted, places, strict=True) if at < 0]}"
    assert places == sorted(places)


@pytest.mark.parametrize("function", list(functions()))
def test_the_first_line_is_a_sentence(function):
    summary = inspect.getdoc(function).partition("\n\n")[0]
    assert summary.endswith(".")
    assert "\n" not in summary


@pytest.mark.parametrize("function", list(functions(MEASURES, but=NO_FORMULA)))
def test_a_formula_follows(function):
    rest = inspect.getdoc(function).partition("\n\n")[2]
    assert ".. math::" in rest.partition("\nParameters\n")[0]


@pytest.mark.parametrize("function", list(functions()))
def test_every_argument_is_described(function):
    text = section(function, "Parameters")
    heads = re.findall(r"^([a-z_, ]+?)(?: : .*)?$", text, re.MULTILINE)
    described = [name.strip() for head in heads for name in head.split(",")]
    assert set(inspect.signature(function).parameters) <= set(described)


@pytest.mark.parametrize("function", list(functions(MEASURES, but=PARTS)))
def test_the_return_tells_the_range(function):
    text = section(function, "Returns")
    assert re.search(r"\b(0|1|P)\b", text), text


@pytest.mark.parametrize("function", list(functions()))
def test_the_errors_are_ours(function):
    text = section(function, "Raises")
    assert re.search(r"^(UnknownNameError, )?InputError(, UnknownNameError)?$", text, re.MULTILINE), text


@pytest.mark.parametrize("function", list(functions(but=NO_WORK)))
def test_the_reference_has_a_name_and_a_year(function):
    author = r"(\w+, \w\..*|Statistics Sweden)"
    assert re.search(rf"{author} \((1[89]|20)\d\d\)\. \w+", section(function, "References"), re.DOTALL)


@pytest.mark.parametrize("function", list(functions(but=NO_NUMBER)))
def test_the_example_ends_in_numbers(function):
    text = section(function, "Examples")
    assert f"{function.__name__}(" in text
    assert re.search(r"\d", text.rsplit(">>>", 1)[1].partition("\n")[2])


@pytest.mark.parametrize("name", list(segregation.MEASURES))
def test_the_registry_names_a_work_that_the_docstring_cites(name):
    measure = segregation.MEASURES[name]
    assert measure.name == measure.function.__name__ == name
    *authors, year = re.findall(r"[^\W\d]\w+|\d{4}", measure.reference)
    cited = section(measure.function, "References")
    works = re.findall(r"[^.]*?\((\d{4})\)", cited)
    assert year in works
    assert all(author in cited for author in authors)
