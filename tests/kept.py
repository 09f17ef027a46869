"""Surveys made once a session, and handed to the tests and examples of every process that runs them.

A survey is a file in the folder of the session. Whoever asks gets it read anew, so nobody sees what another
does to it.
"""

import hashlib
import pickle
import time

import pytest

#: Seconds to wait for the process that makes a survey; it may have ended without a word.
PATIENCE = 300


class Kept:
    """What was made in this session, by the arguments it was made with."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def once(self, function, *args, **kwargs):
        """Return what a function gives of these arguments; one process of the session calls it."""
        key = f"{function.__module__}.{function.__qualname__} {args!r} {sorted(kwargs.items())!r}"
        made = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.pickle"
        claim = made.with_suffix(".making")
        end = time.monotonic() + PATIENCE
        while not made.exists():
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:
                if time.monotonic() > end:
                    return function(*args, **kwargs)
                time.sleep(0.05)
                continue
            try:
                if not made.exists():
                    part = made.with_suffix(".part")
                    part.write_bytes(pickle.dumps((key, function(*args, **kwargs))))
                    part.rename(made)
            finally:
                claim.unlink()
        named, value = pickle.loads(made.read_bytes())
        assert named == key
        return value


@pytest.fixture(scope="session")
def kept(tmp_path_factory, request):
    """Give `Kept.once`, whose folder is that of all processes of the session."""
    base = tmp_path_factory.getbasetemp()
    return Kept((base.parent if hasattr(request.config, "workerinput") else base) / "kept").once


@pytest.fixture(scope="session")
def surveyed(kept):
    """Give `survey.run` of an embedded municipality, run once a session for each choice of arguments."""
    from segkit import survey

    run = survey.run

    def once(name, **choices):
        assert not {"out", "progress"} & set(choices), "what is written is written anew"
        return kept(run, name, **choices)

    return once


@pytest.fixture(autouse=True)
def _examples_share_surveys(request, monkeypatch):
    """Let the examples in docstrings call `survey.run` as users do, and share what it gives."""
    if isinstance(request.node, pytest.DoctestItem):
        from segkit import survey

        monkeypatch.setattr(survey, "run", request.getfixturevalue("surveyed"))
