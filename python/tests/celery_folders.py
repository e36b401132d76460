"""Celery over folders instead of a broker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery


def over_folders(name: str, folder: Path, **settings: Any) -> Celery:
    """An application whose messages lie in folders of this one, beside one for what its tasks leave: ``answers``."""
    for inside in ("queue", "control", "answers"):
        (folder / inside).mkdir(exist_ok=True)
    app = Celery(name, broker="filesystem://")
    app.conf.update(
        broker_transport_options={
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.02,
        },
        task_ignore_result=True,
        **settings,
    )
    return app
