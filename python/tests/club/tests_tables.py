"""Tables, import and export with manage.py."""

import io
import json
import tempfile
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase, override_settings

from club import seed
from halyard.django import flags_for

PRO = {"key": "plan", "value": "pro", "operator": "exact", "type": "person"}


def flag(number, key, *properties, **more):
    return {"id": number, "key": key, "active": True, "filters": {"groups": [{"properties": list(properties)}]}, **more}


def manage(*arguments, **named):
    printed = io.StringIO()
    call_command(*arguments, stdout=printed, **named)
    return printed.getvalue()


class TablesTest(TestCase):
    def test_they_are_there_and_listed_as_the_services_own_migrations_are(self):
        (names,) = seed.sql("select array_agg(name::text order by id) from halyard_migrations")
        self.assertEqual(names[:4], ["0001_definitions", "0002_persons", "0003_change_notices", "0004_key_notices"])
        self.assertEqual(names, sorted(names))
        self.assertEqual(manage("halyard_migrate"), "default: up to date\n")

    def test_a_missing_migration_runs(self):
        seed.sql("drop trigger halyard_definitions on posthog_projectsecretapikey")
        seed.sql("drop trigger halyard_definitions on posthog_personalapikey")
        seed.sql("drop trigger halyard_definitions on posthog_user")
        seed.sql("drop trigger halyard_definitions on posthog_organizationmembership")
        for function in ("project_key", "personal_key", "owner", "membership"):
            seed.sql(f"drop function halyard_announce_{function}")
        seed.sql("delete from halyard_migrations where name = '0004_key_notices'")
        self.assertEqual(manage("halyard_migrate"), "default: 0004_key_notices\n")

    def test_posthogs_own_tables_are_left_alone(self):
        seed.sql("insert into django_migrations (app, name, applied) values ('posthog', '0001_initial', now())")
        seed.sql("delete from halyard_migrations")
        for command in (("halyard_migrate",), ("halyard_import", "-")):
            with self.assertRaisesMessage(CommandError, "belong to PostHog"):
                import sys
                from unittest import mock

                with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"flags": []}'))):
                    manage(*command)
        self.assertEqual(seed.sql("select count(*) from halyard_migrations"), (0,))

    def test_tables_without_our_list_are_not_ours(self):
        seed.sql("drop table halyard_migrations")
        with self.assertRaisesMessage(CommandError, "belong to PostHog"):
            manage("halyard_migrate")
        self.assertEqual(seed.sql("select to_regclass('halyard_migrations')::text"), (None,))

    def test_all_or_nothing(self):
        seed.sql("delete from halyard_migrations")
        with self.assertRaisesMessage(CommandError, "already exists"):
            manage("halyard_migrate")
        self.assertEqual(seed.sql("select count(*) from halyard_migrations"), (0,))


class ImportTest(TestCase):
    def write(self, document):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name, "flags.json")
        file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8-sig")
        return str(file)

    def test_in_out_and_in_again(self):
        cohort = {"filters": {"properties": {"type": "OR", "values": [{"type": "AND", "values": [PRO]}]}}}
        document = {
            "flags": [
                flag(1, "beta", PRO),
                flag(2, "follows", {"type": "flag", "key": "beta", "operator": "flag_evaluates_to", "value": True}),
                flag(3, "of-cohort", {"type": "cohort", "key": "id", "value": 7, "operator": "in"}),
                flag(4, "exact", {**PRO, "value": 12345678901234567890}),
            ],
            "cohorts": {"7": cohort},
            "group_type_mapping": {"0": "company"},
        }
        printed = manage("halyard_import", self.write(document))
        self.assertIn("4 flags (4 created) and 1 cohorts\nA new project was made", printed)
        expected = {"beta": True, "follows": True, "of-cohort": True, "exact": False}
        self.assertEqual(flags_for("ada", person_properties={"plan": "pro"}), expected)
        exported = manage("halyard_export")
        self.assertIn("12345678901234567890", exported)
        follows = next(one for one in json.loads(exported)["flags"] if one["key"] == "follows")
        self.assertEqual(follows["filters"]["groups"][0]["properties"][0]["key"], "beta")
        self.assertIn("(4 unchanged)", manage("halyard_import", self.write(exported)))
        with override_settings(HALYARD={"DEFINITIONS": json.loads(exported)}):
            found = flags_for("ada", person_properties={"plan": "pro"}, flag_keys=["follows", "exact"])
            self.assertEqual(found, {"beta": True, "follows": True, "exact": False})
        printed = manage("halyard_import", self.write(exported), token="phc_other")
        self.assertIn("(4 created)", printed)
        with override_settings(HALYARD={"PROJECT_TOKEN": "phc_other"}):
            self.assertEqual(flags_for("ada", person_properties={"plan": "pro"}), expected)

    def test_flags_that_the_file_lacks(self):
        manage("halyard_import", self.write({"flags": [flag(1, "a"), flag(2, "b")]}))
        manage("halyard_import", self.write({"flags": [flag(1, "a")]}))
        self.assertEqual(sorted(flags_for("ada")), ["a", "b"])
        printed = manage("halyard_import", self.write({"flags": [flag(1, "a")]}), remove_others=True)
        self.assertIn("1 unchanged, 1 removed", printed)
        self.assertEqual(sorted(flags_for("ada")), ["a"])

    def test_what_cannot_be_stored_is_named(self):
        printed = manage("halyard_import", self.write({"flags": [flag(1, "a"), {"id": 2, "key": "x" * 500}]}))
        self.assertIn("1 refused", printed)

    def test_what_is_no_such_document(self):
        for text in ("", "{", "[1]", '{"flags": 5}', '{"flags": {}}'):
            with self.assertRaises(CommandError) as raised, transaction.atomic():
                manage("halyard_import", self.write(text))
            self.assertIn("flags.json: ", str(raised.exception))
        with self.assertRaisesMessage(CommandError, "cannot be read: No such file"):
            manage("halyard_import", "/nowhere/flags.json")
        with override_settings(HALYARD={}), self.assertRaisesMessage(CommandError, "--token TOKEN"):
            manage("halyard_import", self.write("{}"))

    def test_no_project(self):
        with self.assertRaisesMessage(CommandError, "no project has this token"):
            manage("halyard_export", token="phc_nobody")

    def test_to_a_file(self):
        manage("halyard_import", self.write({"flags": [flag(1, "a")]}))
        target = self.write("")
        self.assertEqual(manage("halyard_export", output=target), "")
        self.assertEqual([one["key"] for one in json.loads(Path(target).read_text())["flags"]], ["a"])
        with self.assertRaisesMessage(CommandError, "cannot be written"):
            manage("halyard_export", output="/nowhere/flags.json")
        self.assertTrue(connection.in_atomic_block)
