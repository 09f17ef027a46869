"""Of tests and doctests alike: surveys that are made once."""

pytest_plugins = ["kept"]
