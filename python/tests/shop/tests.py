import asyncio
import types
from unittest import mock

from django.db import connection
from django.db.backends.postgresql.psycopg_any import is_psycopg3
from django.http import QueryDict
from django.test import AsyncClient, RequestFactory, SimpleTestCase, TestCase, override_settings
from django.utils.translation import gettext_lazy

from halyard import get_all_feature_flags, get_all_feature_flags_with_details_rust
from halyard.django import aflags_for, flags_for
from halyard.django.test import override_flags
from shop.models import Team

#: Of one statement inside a transaction: psycopg 2 takes another to release the savepoint.
QUERIES = 1 if is_psycopg3 else 2


class FlagsTest(TestCase):
    databases = "__all__"

    def test_the_middleware_offers_flags(self):
        self.assertEqual(self.client.get("/flags?user=ada").json(), {"beta": True, "colour": "blue"})
        self.assertEqual(self.client.get("/flags?user=bob").json(), {"beta": False, "colour": "blue"})
        self.assertEqual(self.client.get("/flags").json(), {})

    def test_a_request_that_asks_for_no_flag_costs_no_query(self):
        with self.assertNumQueries(0):
            self.client.get("/quiet?user=ada")

    def test_one_snapshot_per_request(self):
        request = RequestFactory().get("/?user=ada")
        from halyard.django.middleware import HalyardMiddleware

        HalyardMiddleware(lambda request: None)(request)
        self.assertTrue(request.flags.is_enabled("beta"))
        with self.assertNumQueries(0):
            self.assertTrue(request.flags.is_enabled("beta"))

    def test_templates(self):
        body = self.client.get("/page?user=ada").content.decode()
        self.assertEqual(" ".join(body.split()), "beta, blue, blue, #00f")

    def test_uncommitted_flags_and_persons_are_seen(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into posthog_featureflag (id, team_id, key, filters) values (90, 1, 'fresh', "
                """'{"groups": [{"properties": [{"key": "age", "value": 7, "type": "person"}], "rollout_percentage": 100}]}')"""
            )
            cursor.execute("""insert into posthog_person (team_id, properties) values (1, '{"age": 7}') returning id""")
            (person,) = cursor.fetchone()
            cursor.execute(
                "insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (1, 'eve', %s)", [person]
            )
        self.assertIs(flags_for("eve").value("fresh"), True)
        self.assertIs(flags_for("bob").value("fresh"), False)

    def test_what_another_test_wrote_is_gone(self):
        self.assertNotIn("fresh", flags_for("eve"))

    def test_queries_are_counted(self):
        flags_for("ada")
        # The revision of flags and that of group types, because this is a transaction, and the facts.
        with self.assertNumQueries(3 * QUERIES):
            flags_for("ada")
        with self.assertNumQueries(2 * QUERIES):
            flags_for("ada", person_properties={"plan": "free"})

    @override_settings(HALYARD={"PROJECT_TOKEN": "phc_test", "CHECK_IN_TRANSACTIONS": False, "REFRESH_SECONDS": 3600})
    def test_one_query_per_call_without_the_check_in_transactions(self):
        flags_for("ada")
        with self.assertNumQueries(QUERIES):
            flags_for("ada")

    def test_dict_likes_and_lazy_texts_of_django(self):
        team = Team.objects.get(id=1)
        overrides = QueryDict("plan=free&plan=pro")
        self.assertIs(get_all_feature_flags(team, "bob", property_value_overrides=overrides)[0]["beta"], True)
        lazy = types.MappingProxyType({"plan": gettext_lazy("pro")})
        self.assertIs(get_all_feature_flags(team, gettext_lazy("bob"), None, None, lazy)[0]["beta"], True)

    def test_the_original_name(self):
        values, reasons, payloads, errors, details = get_all_feature_flags_with_details_rust(
            team=Team.objects.get(id=1), distinct_id="ada"
        )
        self.assertEqual(values, {"beta": True, "colour": "blue"})
        self.assertEqual(payloads, {"colour": '{"hex": "#00f"}'})
        self.assertIs(errors, False)

    async def test_asynchronous_views(self):
        client = AsyncClient()
        self.assertEqual((await client.get("/aflags?user=ada")).json(), {"beta": True, "colour": "blue"})
        self.assertIs((await aflags_for("ada")).value("beta"), True)


class OverrideTest(SimpleTestCase):
    """No database at all."""

    def test_context_manager(self):
        with override_flags(beta=False, colour="red"):
            self.assertEqual(self.client.get("/flags?user=ada").json(), {"beta": False, "colour": "red"})
            with override_flags({"beta": True}, payloads={"beta": [1]}):
                self.assertEqual(flags_for("ada").values(), {"beta": True})
                self.assertEqual(flags_for("ada").payload("beta"), [1])
            self.assertIs(flags_for("ada").value("beta"), False)

    @override_flags({"beta": True})
    def test_decorator(self):
        self.assertTrue(flags_for("ada").is_enabled("beta"))
        self.assertTrue(asyncio.run(aflags_for("ada")).is_enabled("beta"))
        self.assertEqual(flags_for("ada").get("beta").reason, "override")

    def test_a_wrong_value_is_refused(self):
        with self.assertRaisesMessage(TypeError, "override of 'beta': expected bool"), override_flags(beta=1):
            pass


class PartialOverrideTest(TestCase):
    databases = "__all__"

    def test_the_other_flags_are_evaluated(self):
        with override_flags(only=False, beta=False, extra=True):
            self.assertEqual(flags_for("ada").values(), {"beta": False, "colour": "blue", "extra": True})
        with override_flags({"beta": None}, only=False):
            self.assertEqual(flags_for("ada").values(), {"colour": "blue"})
            self.assertEqual(get_all_feature_flags(mock.Mock(api_token="phc_test"), "ada")[0], {"colour": "blue"})
