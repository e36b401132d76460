"""Tasks of Celery over folders instead of a broker: each leaves what it saw in a file."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

import django
from celery import Celery

from halyard.django import flags_for

django.setup()
folder = Path(os.environ["SHOP_FOLDER"])
for name in ("queue", "control", "answers"):
    (folder / name).mkdir(exist_ok=True)

app = Celery("shop", broker="filesystem://")
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.02,
    },
    task_ignore_result=True,
)


@app.task
def ask(user: str) -> None:
    seen = {"user": user, "flags": flags_for(user).values()}
    unfinished = folder / "answers" / f"{uuid.uuid4()}.part"
    unfinished.write_text(json.dumps(seen))
    unfinished.rename(unfinished.with_suffix(".json"))
