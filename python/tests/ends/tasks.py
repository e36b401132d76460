"""The same as tasks of Celery, over folders instead of a broker: a task leaves a file named after its process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery_folders import over_folders
from ends.app import answer

folder = Path(os.environ["ENDS_FOLDER"])
app = over_folders("ends", folder, worker_prefetch_multiplier=1)


@app.task
def ask() -> None:
    (folder / "answers" / answer().decode()).touch()
    time.sleep(0.05)
