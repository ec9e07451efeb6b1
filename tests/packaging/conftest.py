"""The wheel, and an environment that has nothing but it."""

import sys
import venv
from pathlib import Path

import pytest

from tests.packaging.installing import ROOT, WHEELHOUSE, run


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution and the wheel from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="package")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the Python of an environment with the wheel and what users test with."""
    if not WHEELHOUSE.is_dir():
        pytest.fail(f"{WHEELHOUSE} is missing. `make test` fills it; run that once online.")
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(
        *(python, "-m", "pip", "install", "--quiet", "--no-index"),
        *("--find-links", WHEELHOUSE, f"{wheel}[rest]", "pytest", "pytest-django"),
        cwd=folder,
    )
    return python
