"""Run segkit with noise in what hangs on the processor, and write down all that it shows.

Another processor sums in another order, so matrix products, linear algebra, optimizers and elementary
functions differ there in their last digits. Here they differ by a part in 10^13, drawn from a seed:
hundreds of times more than between processors, so that what hangs on it shows at once.

``python tests/noise.py 1 out.json kalmar notebooks/05_maps_and_exports.ipynb``: the seed (0: no noise),
where to write, and what to run, in turn. ``name:tables`` leaves out the survey's files; ``unrounded``
plants back the fault: from there on estimates have all their digits.
"""

import ast
import contextlib
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import io
import json
import re
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

SIZE = 1e-13
DRAWS = 99
ROOT = Path(__file__).parents[1]

#: Functions of numpy that processors compute differently, or that go through a matrix product.
ELEMENTARY = (
    *("exp", "log", "log1p", "expm1", "power", "tanh", "arcsinh", "hypot", "sin", "cos"),
    *("einsum", "dot", "cov", "corrcoef"),
)
LINALG = ("lstsq", "solve", "inv", "pinv", "svd", "eigh", "eigvals", "eig", "det", "qr", "cholesky")


class Noise:
    """A stream of small relative errors. Without a seed there are none."""

    def __init__(self) -> None:
        self.seed = 0

    def _drawn(self, x):
        # The same numbers have the same noise, as on one machine.
        return np.random.default_rng([self.seed, zlib.crc32(x.tobytes())]).uniform(-1, 1, x.shape)

    def on(self, value, size=None):
        """Return the value with noise of a part of its size, or of a size given.

        Whole numbers, such as sums of counts, are exact on every processor.
        """
        if not self.seed:
            return value
        if isinstance(value, tuple):
            made = [self.on(part) for part in value]
            return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
        if not isinstance(value, float | np.ndarray) or not np.issubdtype(
            np.asarray(value).dtype, np.floating
        ):
            return value
        x = np.asarray(value)
        with np.errstate(invalid="ignore"):
            moved = np.isfinite(x) & (x != np.round(x))
            noisy = np.where(
                moved,
                x + SIZE * (np.abs(x) if size is None else size) * self._drawn(x),
                x,
            ).astype(x.dtype)
        return noisy if isinstance(value, np.ndarray) else type(value)(noisy)

    def product(self, a, b):
        """Return ``a @ b`` with noise of a part of the size of what is summed."""
        found = a @ b
        if not self.seed or not isinstance(found, float | np.ndarray):
            return found
        return self.on(found, np.asarray(abs(a) @ abs(b), dtype=float))

    def around(self, function):
        """Wrap a function so that what it gives has noise."""

        def noisy(*args, **kwargs):
            found = function(*args, **kwargs)
            out = kwargs.get("out")
            if self.seed and isinstance(out, np.ndarray):
                out[...] = self.on(out)
                return out
            return self.on(found)

        return noisy


NOISE = Noise()


class Rewritten(ast.NodeTransformer):
    """Replace ``a @ b`` and ``np.exp`` and its like in a module by the noisy ones."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        call = ast.Call(ast.Name("_noisy_product", ast.Load()), [node.left, node.right], [])
        return ast.copy_location(call, node)

    def visit_Call(self, node):
        self.generic_visit(node)
        named = node.func
        if (
            isinstance(named, ast.Attribute)
            and isinstance(named.value, ast.Name)
            and named.value.id == "np"
            and named.attr in ELEMENTARY
        ):
            node.func = ast.copy_location(ast.Call(ast.Name("_noisy", ast.Load()), [named], []), named)
        return node


class Loader(importlib.machinery.SourceFileLoader):
    """Load modules of segkit rewritten."""

    def get_code(self, fullname):  # noqa: ARG002 - as the loader it replaces
        tree = Rewritten().visit(ast.parse(self.get_data(self.path), self.path))
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    def exec_module(self, module):
        vars(module).update(_noisy_product=NOISE.product, _noisy=NOISE.around)
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Find the modules of segkit, and leave all others to the rest."""

    def find_spec(self, fullname, path, target=None):
        if fullname.split(".")[0] != "segkit":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path or [str(ROOT)], target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(fullname, spec.origin)
        return spec


def plant():
    """Put noise into linear algebra, optimizers, clusterings and segkit's products and powers."""
    if any(name.split(".")[0] == "segkit" for name in sys.modules):
        message = "segkit is imported already, so its products can't be rewritten"
        raise RuntimeError(message)
    sys.meta_path.insert(0, Finder())
    import scipy.linalg
    import scipy.optimize
    from sklearn.cluster import KMeans
    from sklearn.mixture import GaussianMixture

    for module, names in (
        (np.linalg, LINALG),
        (scipy.linalg, LINALG),
        (scipy.optimize, ("brentq", "nnls")),
    ):
        for name in names:
            if hasattr(module, name):
                setattr(module, name, NOISE.around(getattr(module, name)))
    _plant_after(KMeans, ("cluster_centers_", "inertia_"))
    _plant_after(GaussianMixture, ("weights_", "means_", "precisions_cholesky_", "lower_bound_"))


def _plant_after(estimator, names):
    fit = estimator.fit

    def noisy(self, *args, **kwargs):
        fit(self, *args, **kwargs)
        for name in names:
            setattr(self, name, NOISE.on(getattr(self, name)))
        return self

    estimator.fit = noisy


def surveyed(name, *, files):
    """Return what a survey of a municipality shows, piece by piece."""
    from segkit import survey

    result = survey.run(name, n_bootstrap=DRAWS)
    shown = {f"{name}/tables/{key}": table.to_csv() for key, table in result.tables.items()}
    shown[f"{name}/history"] = result.history.to_csv()
    shown[f"{name}/notes"] = "\n".join(result.notes)
    return {**shown, **(_files(name, result) if files else {})}


def _files(name, result):
    from segkit import export, maps, report, webmap
    from segkit.studies.survey import pictures

    shown = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        maps.save(pictures.profile_map(result, maps.new_axes()), folder / "profiles", formats=["svg"])
        for indicator in result.indicators:
            axes = pictures.indicator_map(result, indicator, maps.new_axes())
            maps.save(axes, folder / indicator, formats=["svg"])
        webmap.save(pictures.web_map(result), folder / "map.html")
        report.write(result, folder / "report.html")
        report.write_fact_sheets(result, folder / "sheets")
        export.to_geopackage(
            result.areas, folder / "areas.gpkg", color_column="profile", value_columns=result.indicators
        )
        export.to_excel(result.tables, folder / "survey.xlsx")
        for path in sorted(folder.rglob("*.*")):
            data = path.read_bytes()
            text = path.suffix in {".svg", ".html"}
            shown[f"{name}/{path.relative_to(folder)}"] = (
                data.decode() if text else hashlib.sha256(data).hexdigest()
            )
    return shown


def notebook(path):
    """Run the cells of a notebook and return what is stored and what is shown of each."""
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    # As in a kernel, which has no window whose width could count.
    pd.set_option("display.max_columns", 20)
    book = json.loads(Path(path).read_text(encoding="utf-8"))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    # What a cell gives is read from its result; what it prints is caught.
    for speaker, names in (
        (shell.displayhook, ("write_output_prompt", "write_format_data")),
        (shell.display_pub, ("publish",)),
    ):
        for name in names:
            setattr(speaker, name, lambda *_args, **_kwargs: None)
    shown = {}
    with contextlib.chdir(Path(path).parent):
        for place, cell in enumerate(book["cells"]):
            if cell["cell_type"] != "code":
                continue
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                done = shell.run_cell("".join(cell["source"]))
            plt.close("all")
            done.raise_error()
            outputs = cell["outputs"]
            stored = {"printed": "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")}
            found = {"printed": printed.getvalue()}
            for output in outputs:
                if output["output_type"] == "execute_result":
                    kinds = [kind for kind in output["data"] if kind.startswith("text/")]
                    stored |= {kind: "".join(output["data"][kind]) for kind in kinds}
                    given, _about = shell.display_formatter.format(done.result)
                    found |= {kind: given.get(kind, "") for kind in kinds}
            shown[f"{Path(path).stem}/{place}"] = [_sanitized(stored), _sanitized(found)]
    return shown


def _sanitized(outputs):
    """Write outputs as text, without what tests/nbval.cfg leaves out."""
    rules = (ROOT / "tests" / "nbval.cfg").read_text()
    patterns, words = (re.findall(rf"^{key}: (.*)$", rules, re.MULTILINE) for key in ("regex", "replace"))
    text = "\n".join(f"{kind}: {value}" for kind, value in sorted(outputs.items()) if value)
    for pattern, word in zip(patterns, words, strict=True):
        text = re.sub(pattern, word, text)
    return text


def _unrounded():
    """Give estimates all their digits."""
    from segkit.base import digits

    digits._given = lambda value, _size: value


def main(seed, target, *subjects):
    """Run the subjects under one seed and write what they show as JSON."""
    plant()
    NOISE.seed = int(seed)
    shown, heading = {}, ""
    for subject in subjects:
        if subject == "unrounded":
            _unrounded()
            heading = "unrounded/"
            continue
        name, _, part = subject.partition(":")
        found = notebook(name) if name.endswith(".ipynb") else surveyed(name, files=part != "tables")
        shown |= {heading + key: pieces for key, pieces in found.items()}
    Path(target).write_text(json.dumps(shown), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
