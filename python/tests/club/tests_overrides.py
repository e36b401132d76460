"""`override_flags` wherever a test of Django or unittest may have it."""

import asyncio
import unittest

from django.contrib.sessions.models import Session
from django.test import LiveServerTestCase, SimpleTestCase, TestCase, TransactionTestCase, override_settings

from club import seed
from halyard import get_all_feature_flags
from halyard.django import aflags_for, flags_for
from halyard.django.test import override_flags


def values():
    return flags_for("ada").values()


def run(case, name):
    """What became of a test of a class that is not among those that run by themselves."""
    result = unittest.TestResult()
    unittest.TestSuite([case(name)]).run(result)
    assert result.testsRun == 1
    assert not result.errors, result.errors
    return "failed" if result.failures else "passed"


class FunctionsTest(SimpleTestCase):
    @override_flags({"beta": True})
    async def test_coroutine_function(self):
        self.assertEqual((await aflags_for("ada")).values(), {"beta": True})

    def test_a_wrong_assertion_in_a_coroutine_function_fails(self):
        class Case(SimpleTestCase):
            @override_flags({"beta": True})
            async def test(self):
                self.assertTrue(False)

        self.assertEqual(run(Case, "test"), "failed")

    def test_generators(self):
        @override_flags({"beta": True})
        def generator():
            received = yield values()
            yield received, values()

        @override_flags({"beta": True})
        async def asynchronous():
            yield values()

        async def first():
            return [found async for found in asynchronous()]

        started = generator()
        self.assertEqual(next(started), {"beta": True})
        self.assertEqual(started.send(7), (7, {"beta": True}))
        started.close()
        self.assertEqual(asyncio.run(first()), [{"beta": True}])
        with override_flags():
            self.assertEqual(values(), {})

    def test_asynchronous_context_manager(self):
        async def within():
            async with override_flags(beta=True):
                return (await aflags_for("ada")).values()

        self.assertEqual(asyncio.run(within()), {"beta": True})

    def test_one_object_entered_twice_and_in_between(self):
        again = override_flags(beta=True)
        with again, override_flags(colour="red"):
            self.assertEqual(values(), {"colour": "red"})
            with again:
                self.assertEqual(values(), {"beta": True})
            self.assertEqual(values(), {"colour": "red"})

    def test_an_error_ends_it(self):
        with override_flags():
            with self.assertRaises(ZeroDivisionError), override_flags(beta=True):
                1 / 0  # noqa: B018
            self.assertEqual(values(), {})

    def test_what_is_neither_function_nor_class_is_refused(self):
        with self.assertRaisesMessage(TypeError, "decorates functions and classes, not int"):
            override_flags(beta=True)(3)

    @override_settings(HALYARD={})
    def test_no_project_is_needed_and_arguments_are_checked_as_ever(self):
        with override_flags(beta=True):
            self.assertEqual(values(), {"beta": True})
            with self.assertRaisesMessage(TypeError, "argument 'groups'"):
                flags_for("ada", groups="company")

    def test_definitions_are_evaluated_without_a_database(self):
        pro = {"key": "plan", "value": "pro", "operator": "exact", "type": "person"}
        document = {"flags": [{"id": 1, "key": "beta", "active": True, "filters": {"groups": [{"properties": [pro]}]}}]}
        with override_flags(definitions=document, extra="blue"):
            self.assertEqual(
                flags_for("ada", person_properties={"plan": "pro"}).values(), {"beta": True, "extra": "blue"}
            )
            self.assertEqual(asyncio.run(aflags_for("ada")).values(), {"beta": False, "extra": "blue"})
            with override_flags(beta=True, only=False):
                self.assertEqual(values(), {"beta": True, "extra": "blue"})
            with override_flags():
                self.assertEqual(values(), {})


@override_flags({"beta": True, "colour": "red"})
class ClassTest(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepared = values()

    def setUp(self):
        self.set_up = values()

    def test_all_of_it_sees_them(self):
        for found in (self.prepared, self.set_up, values()):
            self.assertEqual(found, {"beta": True, "colour": "red"})

    @override_flags({"beta": False})
    def test_a_method_wins(self):
        self.assertEqual(values(), {"beta": False})

    async def test_coroutine_function(self):
        self.assertTrue((await aflags_for("ada")).is_enabled("beta"))


class InheritedTest(ClassTest):
    """Without a decorator of its own."""


@override_flags({"beta": False, "colour": "red"}, only=True)
class SubclassTest(ClassTest):
    def test_all_of_it_sees_them(self):
        for found in (self.prepared, self.set_up, values()):
            self.assertEqual(found, {"beta": False, "colour": "red"})

    async def test_coroutine_function(self):
        self.assertFalse((await aflags_for("ada")).is_enabled("beta"))


class AfterClassesTest(SimpleTestCase):
    def test_a_failing_test_of_a_decorated_class_fails_and_leaves_nothing(self):
        @override_flags({"x": True})
        class Case(SimpleTestCase):
            def test(self):
                self.assertTrue(False)

        with override_flags():
            self.assertEqual(run(Case, "test"), "failed")
            self.assertEqual(values(), {})


@override_flags({"beta": True})
class TestDataTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.found = values()

    def test_test_data_sees_them(self):
        self.assertEqual(self.found, {"beta": True})

    def test_neither_query_nor_session(self):
        with self.assertNumQueries(0):
            response = self.client.get("/flags")
            self.assertEqual(self.client.get("/aflags").json(), {"beta": True})
        self.assertEqual(response.json(), {"beta": True})
        self.assertEqual(dict(response.cookies), {})
        self.assertEqual(Session.objects.count(), 0)

    @override_flags({"beta": False}, only=False)
    def test_the_request_of_nobody_is_overridden_too(self):
        with override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "DISTINCT_ID": lambda request: None}):
            self.assertEqual(self.client.get("/flags").json(), {"beta": False})


class _Committing:
    """Tests that commit see their own flags at once, whatever a test before has asked."""

    def setUp(self):
        super().setUp()
        seed.forget()
        self.team = seed.project("always")

    def tearDown(self):
        seed.forget()
        super().tearDown()

    def both(self):
        team = type("Team", (), {"api_token": "phc_club"})()
        self.assertEqual(get_all_feature_flags(team, "u")[0], values())
        return sorted(values())


class CommittingTest(_Committing, TransactionTestCase):
    def test_one(self):
        seed.flag(self.team, "one")
        self.assertEqual(self.both(), ["always", "one"])

    def test_two(self):
        seed.flag(self.team, "two")
        self.assertEqual(self.both(), ["always", "two"])

    def test_a_flag_written_after_the_first_answer(self):
        self.both()
        seed.flag(self.team, "three")
        self.assertEqual(self.both(), ["always", "three"])


class LiveServerTest(_Committing, LiveServerTestCase):
    def get(self):
        import json
        from urllib.request import urlopen

        with urlopen(f"{self.live_server_url}/flags") as response:
            return sorted(json.load(response))

    def test_the_server_sees_them_at_once(self):
        self.assertEqual(self.get(), ["always"])
        seed.flag(self.team, "live")
        self.assertEqual(self.get(), ["always", "live"])

    def test_the_server_sees_overrides(self):
        with override_flags(beta=True):
            self.assertEqual(self.get(), ["beta"])
