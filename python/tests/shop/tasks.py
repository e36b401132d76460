"""Tasks of Celery over folders instead of a broker: each leaves what it saw in a file."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

import django

from celery_folders import over_folders
from halyard.django import flags_for

django.setup()
folder = Path(os.environ["SHOP_FOLDER"])
app = over_folders("shop", folder)


@app.task
def ask(user: str) -> None:
    seen = {"user": user, "flags": flags_for(user).values()}
    unfinished = folder / "answers" / f"{uuid.uuid4()}.part"
    unfinished.write_text(json.dumps(seen))
    unfinished.rename(unfinished.with_suffix(".json"))
