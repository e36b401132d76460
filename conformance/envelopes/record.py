"""Answers the wrong requests of requests.json with Django REST Framework and drf-exceptions-hog, and writes down what they say.

    pip install djangorestframework==3.18.3 drf-exceptions-hog==0.4.0
    python conformance/envelopes/record.py
"""

import json
from pathlib import Path

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of nothing",
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "EXCEPTION_HANDLER": "exceptions_hog.exception_handler",
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView


class Key(serializers.Serializer):
    label = serializers.CharField(max_length=40)
    scopes = serializers.ListField(child=serializers.CharField(max_length=100))
    scoped_teams = serializers.ListField(child=serializers.IntegerField(), required=False, allow_null=True)


class Project(serializers.Serializer):
    heatmaps_opt_in = serializers.BooleanField(required=False, allow_null=True)
    session_recording_opt_in = serializers.BooleanField(required=False)


class Member(serializers.Serializer):
    level = serializers.ChoiceField(choices=[1, 8, 15])


class Checked(APIView):
    serializer: type[serializers.Serializer]

    def check(self, request):
        self.serializer(data=request.data).is_valid(raise_exception=True)
        return Response({})


class KeyView(Checked):
    serializer = Key

    def post(self, request):
        return self.check(request)


class ProjectView(Checked):
    serializer = Project

    def patch(self, request):
        return self.check(request)


class MemberView(Checked):
    serializer = Member

    def patch(self, request):
        return self.check(request)


urlpatterns = [
    path("key", KeyView.as_view()),
    path("project", ProjectView.as_view()),
    path("member", MemberView.as_view()),
]

METHODS = {"key": "POST", "project": "PATCH", "member": "PATCH"}


def answer(wrong):
    body = wrong["text"] if "text" in wrong else json.dumps(wrong["json"])
    method = wrong.get("method", METHODS[wrong["to"]])
    response = Client().generic(method, f"/{wrong['to']}", body, wrong.get("type", "application/json"))
    return {"what": wrong["what"], "status": response.status_code, "body": response.json()}


here = Path(__file__).parent
requests = json.loads((here / "requests.json").read_text())
recorded = [answer(wrong) for wrong in requests]
(here / "answers.json").write_text(json.dumps(recorded, indent=2, ensure_ascii=False) + "\n")
print(f"{len(recorded)} answers")
