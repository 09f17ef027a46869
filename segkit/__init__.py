"""segkit: socioeconomic area analysis, from a municipality's figures to its segregation survey.

The modules are namespaces: ``import segkit as sg; sg.segregation.dissimilarity(...)``. They, and the
three estimators, are imported when first used, so ``import segkit`` is light.
"""

from __future__ import annotations

import lazy_loader

# The table of what is public is the stub beside this file, for editors and type checkers too.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
