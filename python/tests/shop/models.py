from django.db import models


class Team(models.Model):
    api_token = models.CharField(max_length=200)
    project_id = models.BigIntegerField()

    class Meta:
        app_label = "shop"
        managed = False
        db_table = "posthog_team"
