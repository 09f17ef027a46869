"""pyproject.toml and environment.yml name the same packages within the same versions."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

#: PyPI name -> conda-forge name, where they differ.
CONDA = {"matplotlib": "matplotlib-base", "playwright": "playwright-python"}


def _versions(lines):
    """Return the versions allowed of each package; conda has no extras, so they are not compared."""
    found = {}
    for line in lines:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert found.setdefault(name, requirement.specifier) == requirement.specifier, f"two bounds: {name}"
        assert any(bound.operator == ">=" for bound in requirement.specifier), f"no least version: {line}"
    return found


def _project():
    return _versions([*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)])


def test_the_two_files_name_the_same_packages():
    wanted = _versions(PROJECT["dependencies"] + EXTRAS["notebooks"] + EXTRAS["test"])
    wanted = {CONDA.get(name, name): versions for name, versions in wanted.items()}
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = next(item["pip"] for item in listed if isinstance(item, dict))
    plain = [item for item in listed if isinstance(item, str) and item != "pip"]
    found = _versions([*plain, *from_pip])
    assert str(found.pop("python")) == PROJECT["requires-python"]
    assert found == wanted


@pytest.mark.parametrize(
    ("line", "name", "allowed", "refused"),
    [
        ("lazy_loader>=0.4", "lazy-loader", "0.4", "0.3"),
        ("Jinja2>=3.1", "jinja2", "3.1.6", "3.0"),
        ("uvicorn[standard, x]>=0.30", "uvicorn", "0.30", "0.29"),
        ("zope.interface>=7,<8", "zope-interface", "7.2", "8.0"),
        ("click >=8.1,!=8.2.0,<9", "click", "8.1", "8.2.0"),
    ],
)
def test_every_form_of_a_requirement_is_read(line, name, allowed, refused):
    ((found, versions),) = _versions([line]).items()
    assert found == name
    assert allowed in versions
    assert refused not in versions
    assert _versions([line.replace("_", "-").replace(" ", "")]) == {found: versions}


@pytest.mark.parametrize("lines", [["numpy"], ["numpy<3"], ["a_b>=1", "a-b>=2"]])
def test_a_package_has_one_least_version(lines):
    with pytest.raises(AssertionError, match="two bounds|no least version"):
        _versions(lines)


def test_what_is_no_requirement_is_refused():
    with pytest.raises(InvalidRequirement):
        _versions(["numpy=>2"])


def test_the_extras_agree_on_every_package():
    assert "weasyprint" in _project()


def test_the_core_packages_are_there():
    wanted = {"geopandas", "shapely", "pandas", "matplotlib", "folium", "scikit-learn", "jupyterlab", "nbval"}
    assert wanted <= set(_project())
