"""pyproject.toml and environment.yml name the same packages with the same least versions."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]

#: PyPI name -> conda-forge name, where they differ.
CONDA = {"matplotlib": "matplotlib-base", "playwright": "playwright-python"}


def _split(requirement):
    name, least = re.fullmatch(r"([a-z0-9-]+)>=([\d.]+)", requirement).groups()
    return name, least


def test_the_two_files_name_the_same_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = dict(_split(r) for r in project["dependencies"] + extras["notebooks"] + extras["test"])
    wanted = {CONDA.get(name, name): least for name, least in wanted.items()}
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = next(item["pip"] for item in listed if isinstance(item, dict))
    plain = [item for item in listed if isinstance(item, str) and item != "pip"]
    found = dict(_split(r) for r in [*plain, *from_pip])
    assert found.pop("python") == project["requires-python"].removeprefix(">=")
    assert found == wanted


def test_the_core_packages_are_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = {_split(r)[0] for r in project["dependencies"] + extras["notebooks"] + extras["test"]}
    wanted = {"geopandas", "shapely", "pandas", "matplotlib", "folium", "scikit-learn", "jupyterlab", "nbval"}
    assert wanted <= names
