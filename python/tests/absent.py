"""Processes in which an installed package is missing."""

from __future__ import annotations

from pathlib import Path

from support import HERE, python_path


def without(package: str, folder: Path) -> dict[str, str]:
    """Environment in which importing the package fails, also in the processes that such a process starts."""
    # PYTHONPATH comes before the installed packages, so this module is found in the package's place.
    (folder / f"{package}.py").write_text(
        f"raise ModuleNotFoundError(\"No module named '{package}'\", name='{package}')\n"
    )
    return {"PYTHONPATH": python_path(folder, HERE)}
