"""Makes sure that the wheel carries the engine: from a checkout it is built with Node, an sdist brings it along."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EngineHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        engine = Path(self.root, "src", "halyard", "engine.js")
        script = Path(self.root, "..", "scripts", "build-python.mjs").resolve()
        if not engine.exists() and script.exists() and shutil.which("node"):
            subprocess.run(["node", str(script), "--engine-only"], check=True)
        if not engine.exists():
            raise RuntimeError(
                "the engine (src/halyard/engine.js) is not built: run 'npm run build:python' in the repository's top "
                "folder (it needs Node 20.20 or later), or install a built wheel"
            )
