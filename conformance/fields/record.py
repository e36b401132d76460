"""Reads the values of values.json with the fields of Django REST Framework, and writes down what becomes of each.

    pip install djangorestframework==3.18.3
    python conformance/fields/record.py
"""

import datetime
import json
from pathlib import Path

import django
from django.conf import settings

settings.configure(USE_TZ=True, TIME_ZONE="UTC")
django.setup()

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

FIELDS = {
    "text": serializers.CharField(max_length=5),
    "text or nothing": serializers.CharField(max_length=5, allow_blank=True),
    "text or null": serializers.CharField(allow_null=True),
    "untrimmed text": serializers.CharField(trim_whitespace=False),
    "boolean": serializers.BooleanField(),
    "boolean or null": serializers.BooleanField(allow_null=True),
    "integer": serializers.IntegerField(min_value=-3, max_value=2**31 - 1),
    "choice": serializers.ChoiceField(choices=["all", "client", "1"]),
    "texts": serializers.ListField(child=serializers.CharField(max_length=3)),
    "at most two texts": serializers.ListField(child=serializers.CharField(), max_length=2),
    "integers": serializers.ListField(child=serializers.IntegerField()),
    "time": serializers.DateTimeField(),
}


def outcome(field: serializers.Field, text: str) -> dict:
    try:
        value = field.run_validation(json.loads(text))
    except ValidationError as error:
        errors, place = error.detail, {}
        if isinstance(errors, dict):
            index = min(errors)
            errors, place = errors[index], {"index": index}
        # drf-exceptions-hog calls the framework's own code so.
        code = "invalid_input" if errors[0].code == "invalid" else errors[0].code
        return {"code": code, "detail": str(errors[0]), **place}
    return {"value": value.isoformat() if isinstance(value, datetime.datetime) else value}


here = Path(__file__).parent
values = json.loads((here / "values.json").read_text())
answers = [
    {"field": field, "json": text, **outcome(FIELDS[field], text)} for field, texts in values.items() for text in texts
]
lines = ",\n".join("  " + json.dumps(answer) for answer in answers)
(here / "answers.json").write_text(f"[\n{lines}\n]\n")
