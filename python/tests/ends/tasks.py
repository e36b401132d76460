"""The same as tasks of Celery, over folders instead of a broker: a task leaves a file named after its process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery

from ends.app import answer

folder = Path(os.environ["ENDS_FOLDER"])
for name in ("queue", "control", "answers"):
    (folder / name).mkdir(exist_ok=True)

app = Celery("ends", broker="filesystem://")
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.02,
    },
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)


@app.task
def ask() -> None:
    (folder / "answers" / answer().decode()).touch()
    time.sleep(0.05)
