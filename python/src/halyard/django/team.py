"""A project as the original's functions take it."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import models

__all__ = ["Team"]


class Team(models.Model):
    """The rows of ``posthog_team``, to read: ``Team.objects.get(id=1)``. In a registry of its own, so that no
    migration concerns it."""

    id: models.AutoField[int, int] = models.AutoField(primary_key=True)
    name: models.CharField[str, str] = models.CharField(max_length=200)
    api_token: models.CharField[str, str] = models.CharField(max_length=200)
    project_id: models.BigIntegerField[int, int] = models.BigIntegerField()

    class Meta:
        apps = Apps()
        app_label = "halyard"
        managed = False
        db_table = "posthog_team"

    def __str__(self) -> str:
        return self.name
