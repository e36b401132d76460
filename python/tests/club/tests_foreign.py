"""Flags of django-waffle and django-flags, from their own tables."""

import io
import json

from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.management import CommandError, call_command
from django.test import RequestFactory, TestCase, modify_settings, override_settings
from flags.models import FlagState
from waffle.models import Flag, Sample, Switch

from halyard.django import flags_for
from halyard.django.foreign import user_properties


def manage(*arguments, **named):
    printed, complained = io.StringIO(), io.StringIO()
    call_command("halyard_import_from", *arguments, stdout=printed, stderr=complained, **named)
    return printed.getvalue(), complained.getvalue()


def values(user, language=None):
    request = RequestFactory().get("/")
    request.user = user
    if language:
        request.LANGUAGE_CODE = language
    return flags_for(str(user.pk or "visitor"), person_properties=user_properties(request))


class WaffleTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.ada, cls.bob = User.objects.create_user("ada"), User.objects.create_user("bob", is_staff=True)
        editors = Group.objects.create(name="editors")
        cls.ada.groups.add(editors)
        Flag.objects.create(name="everybody", everyone=True)
        Flag.objects.create(name="nobody", everyone=False, superusers=True)
        Flag.objects.create(name="staff", staff=True, superusers=False)
        Flag.objects.create(name="known", authenticated=True, superusers=False)
        Flag.objects.create(name="german", languages="de, de-at", superusers=False)
        Flag.objects.create(name="never", superusers=False)
        Flag.objects.create(name="half", percent=50, superusers=False, testing=True)
        Flag.objects.create(name="chosen", superusers=False).users.add(cls.ada)
        Flag.objects.create(name="editing", superusers=False).groups.add(editors)
        Switch.objects.create(name="open", active=True)
        Switch.objects.create(name="shut", active=False)
        Switch.objects.create(name="staff", active=True)
        Sample.objects.create(name="drawn", percent="100.0")

    def test_they_mean_the_same(self):
        printed, complained = manage("django-waffle")
        self.assertIn("created: everybody\n", printed)
        self.assertIn("left out: staff: another of this name is taken\n", complained)
        self.assertIn("left out: half: testing", complained)
        expected = {
            "ada": {"everybody", "known", "chosen", "editing", "open", "drawn"},
            "bob": {"everybody", "known", "staff", "open", "drawn"},
            "": {"everybody", "open", "drawn"},
        }
        for user in (self.ada, self.bob, AnonymousUser()):
            on = {key for key, value in values(user).items() if value and key != "half"}
            self.assertEqual(on, expected[user.username])
        self.assertIs(values(self.ada, "de-at")["german"], True)

    def test_printed_only(self):
        printed, _ = manage("django-waffle", print=True)
        self.assertEqual(len(json.loads(printed)["flags"]), 12)

    @modify_settings(INSTALLED_APPS={"remove": "waffle"})
    def test_where_it_is_not_installed(self):
        with self.assertRaisesMessage(CommandError, "django-waffle is not installed in this project"):
            manage("django-waffle")


@override_settings(
    FLAGS={
        "ON": [{"condition": "boolean", "value": True}],
        "OFF": [{"condition": "boolean", "value": False}],
        "EMPTY": [],
        "ADA": [{"condition": "user", "value": "ada"}],
        "VISITORS": [{"condition": "anonymous", "value": True}],
        "PATH": [{"condition": "path matches", "value": "/x"}],
        "BOTH": [
            {"condition": "anonymous", "value": False, "required": True},
            {"condition": "user", "value": "ada"},
            {"condition": "user", "value": "bob"},
        ],
        "REQUIRES": [
            {"condition": "boolean", "value": True},
            {"condition": "path matches", "value": "/x", "required": True},
        ],
    }
)
class DjangoFlagsTest(TestCase):
    def test_they_mean_the_same(self):
        FlagState.objects.create(name="OFF", condition="user", value="bob")
        _, complained = manage("django-flags")
        self.assertIn("left out: PATH: the condition path matches = /x\n", complained)
        self.assertIn("left out: REQUIRES: the whole flag", complained)
        expected = {
            "ada": {"ON", "ADA", "BOTH"},
            "bob": {"ON", "OFF", "BOTH"},
            "": {"ON", "VISITORS"},
        }
        for user in (*map(User.objects.create_user, ("ada", "bob")), AnonymousUser()):
            found = values(user)
            self.assertEqual({key for key, value in found.items() if value}, expected[user.username])
            self.assertNotIn("REQUIRES", found)
