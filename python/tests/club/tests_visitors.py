"""Who asks: people who are logged in, visitors with and without an id of their own, and what they keep."""

import json
import warnings
from http.cookies import SimpleCookie
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import SynchronousOnlyOperation
from django.http import JsonResponse
from django.test import AsyncRequestFactory, TestCase, override_settings
from django.urls import path
from posthog.contexts import get_context_distinct_id

from club import seed
from halyard.django.context import evaluation_context


def both(request):
    """Whom Halyard and posthog-python take for the one who asks."""
    return JsonResponse([evaluation_context(request)["distinct_id"], get_context_distinct_id()], safe=False)


urlpatterns = [path("both", both)]
HALF = {"groups": [{"properties": [], "rollout_percentage": 50}]}


def posthog_cookie(**values):
    return {"ph_phc_club_posthog": quote(json.dumps(values))}


class VisitorTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.team = seed.project("always")
        cls.user = User.objects.create_user("ada")

    def asked(self, **headers):
        return self.client.get("/asked", headers=headers).json()

    def test_a_visitor_keeps_an_id_in_a_cookie_and_no_session_is_made(self):
        first = self.client.get("/flags")
        self.assertEqual(first.json(), {"always": True})
        given = first.cookies["halyard_visitor"]
        self.assertTrue(given["httponly"])
        self.assertEqual(given["samesite"], "Lax")
        self.assertEqual(first.headers["Vary"], "Cookie")
        self.assertEqual(self.asked(), {"distinct_id": given.value})
        self.assertNotIn("halyard_visitor", self.client.get("/flags").cookies)
        self.assertEqual(Session.objects.count(), 0)
        self.assertNotIn("sessionid", self.client.cookies)

    def test_a_visitor_of_an_asynchronous_view_too(self):
        response = self.client.get("/aflags")
        self.assertEqual(response.json(), {"always": True})
        self.assertIn("halyard_visitor", response.cookies)
        self.assertEqual(Session.objects.count(), 0)

    async def test_a_visitor_of_an_asynchronous_server_too(self):
        response = await self.async_client.get("/aflags")
        self.assertEqual(response.json(), {"always": True})
        self.assertIn("halyard_visitor", response.cookies)

    def test_who_asks_for_no_flag_is_given_nothing(self):
        response = self.client.get("/quiet")
        self.assertEqual(dict(response.cookies), {})
        self.assertNotIn("Vary", response.headers)

    @override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "ANONYMOUS_COOKIE": None})
    def test_without_the_cookie_flags_are_evaluated_all_the_same(self):
        response = self.client.get("/flags")
        self.assertEqual(response.json(), {"always": True})
        self.assertEqual(dict(response.cookies), {})
        self.assertNotEqual(self.asked(), self.asked())

    def test_the_header_of_the_browsers_sdk_comes_first(self):
        self.client.cookies = SimpleCookie(posthog_cookie(distinct_id="from-cookie"))
        self.assertEqual(self.asked(**{"X-POSTHOG-DISTINCT-ID": " from-header "})["distinct_id"], "from-header")
        with override_settings(POSTHOG_MW_CAPTURE_TRACING_HEADERS=False):
            found = self.asked(**{"X-POSTHOG-DISTINCT-ID": "from-header"})
        self.assertEqual(found["distinct_id"], "from-cookie")

    def test_what_posthog_pythons_own_middleware_believes_is_believed(self):
        """Beside the real one, with each way to set it. It warns of the old name, which is not our matter."""
        believed = [{}, {"CAPTURE": True, "TRUST": False}, {"TRUST": True}]
        not_believed = [{"CAPTURE": False}, {"CAPTURE": "no"}, {"TRUST": False}, {"CAPTURE": False, "TRUST": True}]
        for given in (*believed, *not_believed):
            named = {f"POSTHOG_MW_{name}_TRACING_HEADERS": value for name, value in given.items()}
            middleware = [*settings.MIDDLEWARE, "posthog.integrations.django.PosthogContextMiddleware"]
            with (
                self.subTest(given),
                override_settings(ROOT_URLCONF="club.tests_visitors", MIDDLEWARE=middleware, **named),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore", DeprecationWarning)
                ours, theirs = self.client_class(headers={"X-POSTHOG-DISTINCT-ID": "Ann "}).get("/both").json()
                self.assertEqual((ours == "Ann", theirs), (given in believed, "Ann" if given in believed else None))

    def test_the_cookie_of_the_browsers_sdk(self):
        self.client.cookies = SimpleCookie(posthog_cookie(**{"distinct_id": "visitor-1", "$device_id": "device-1"}))
        self.assertEqual(self.asked(), {"distinct_id": "visitor-1", "device_id": "device-1"})

    def test_damaged_ids_are_none(self):
        for text in ("%", "{", "[1]", "null", quote(json.dumps({"distinct_id": 5})), "[" * 10_000):
            self.client.cookies = SimpleCookie({"ph_phc_club_posthog": text})
            self.assertRegex(self.asked()["distinct_id"], "^[0-9a-f-]{36}$")
        for text in ("", "x" * 401, "a\x00b"):
            self.client.cookies = SimpleCookie()
            self.assertRegex(self.asked(**{"X-POSTHOG-DISTINCT-ID": text})["distinct_id"], "^[0-9a-f-]{36}$")

    def test_a_session_that_is_there_is_used_and_survives_logging_in(self):
        self.client.get("/basket")
        before = self.asked()["distinct_id"]
        self.assertEqual(before, self.client.cookies["sessionid"].value)
        self.client.force_login(self.user)
        self.assertNotEqual(before, self.client.cookies["sessionid"].value)
        self.assertEqual(self.asked(), {"distinct_id": str(self.user.pk), "hash_key_override": before})

    def test_the_id_from_before_logging_in_is_used_once(self):
        visitor = self.client.get("/flags").cookies["halyard_visitor"].value
        self.client.force_login(self.user)
        self.assertEqual(self.asked()["hash_key_override"], visitor)
        self.client.get("/flags")
        self.assertEqual(self.asked(), {"distinct_id": str(self.user.pk)})

    def test_what_a_visitor_saw_stays_after_logging_in(self):
        seed.person(self.team, str(self.user.pk))
        seed.flag(self.team, "sticky", HALF, sticky=True)
        seen = set()
        for number in range(12):
            self.client.logout()
            self.client.cookies = SimpleCookie(posthog_cookie(distinct_id=f"visitor-{number}"))
            before = self.client.get("/flags").json()["sticky"]
            seed.sql("delete from posthog_featureflaghashkeyoverride")
            self.client.force_login(self.user)
            for _ in range(2):
                self.assertEqual(self.client.get("/flags").json()["sticky"], before)
            self.client.cookies = SimpleCookie({"sessionid": self.client.cookies["sessionid"].value})
            self.assertEqual(self.client.get("/flags").json()["sticky"], before)
            seen.add(before)
        self.assertEqual(seen, {True, False})

    def test_the_id_that_another_person_was_identified_by_is_not_taken_over(self):
        self.client.force_login(self.user)
        state = {"distinct_id": "eve", "$user_state": "identified"}
        self.client.cookies.load(posthog_cookie(**state))
        self.assertEqual(self.asked(), {"distinct_id": str(self.user.pk)})

    @override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "ANONYMOUS_ID": None})
    def test_it_can_be_left_out(self):
        self.client.force_login(self.user)
        self.client.cookies.load(posthog_cookie(distinct_id="visitor-1"))
        self.assertEqual(self.asked(), {"distinct_id": str(self.user.pk)})


class AsynchronousViewTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        seed.project("always")

    def test_it_is_told_what_to_use(self):
        with self.assertRaisesMessage(SynchronousOnlyOperation, "flags = await request.aflags()"):
            self.client.get("/wrong")

    async def test_on_an_asynchronous_server(self):
        with self.assertRaisesMessage(SynchronousOnlyOperation, "flags = await request.aflags()"):
            await self.async_client.get("/wrong")

    async def test_once_evaluated_both_are_the_same(self):
        from halyard.django.middleware import HalyardMiddleware

        async def view(request):
            return dict(await request.aflags()), dict(request.flags)

        request = AsyncRequestFactory().get("/")
        found = []

        async def respond(request):
            from django.http import HttpResponse

            found.extend(await view(request))
            return HttpResponse()

        await HalyardMiddleware(respond)(request)
        self.assertEqual(found, [{"always": True}] * 2)


class TesterTest(TestCase):
    """`?halyard=` for testers."""

    ON = override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "REQUEST_OVERRIDES": True})

    @classmethod
    def setUpTestData(cls):
        seed.project("always", "other")

    def test_it_is_off(self):
        response = self.client.get("/flags?halyard=always:off")
        self.assertEqual(response.json(), {"always": True, "other": True})
        self.assertNotIn("halyard", response.cookies)

    @ON
    def test_the_query_string_chooses_and_the_browser_remembers(self):
        response = self.client.get("/flags?halyard=always:off,colour:blue,new")
        chosen = {"always": False, "other": True, "colour": "blue", "new": True}
        self.assertEqual(response.json(), chosen)
        self.assertEqual(self.client.get("/flags").json(), chosen)
        self.assertEqual(self.client.get("/aflags").json(), chosen)
        self.assertEqual(self.client.get("/flags?halyard=").json(), {"always": True, "other": True})
        self.assertEqual(self.client.get("/flags").json(), {"always": True, "other": True})

    @ON
    def test_nonsense_changes_nothing_and_fails_nothing(self):
        for text in (",,", ":", "x" * 3_000):
            self.assertLessEqual(self.client.get("/flags", {"halyard": text}).json().keys(), {"always", "other"})

    def test_a_function_says_who_may(self):
        for name, expected in (("nobody", True), ("ada", False)):
            with override_settings(
                HALYARD={"PROJECT_TOKEN": "phc_club", "REQUEST_OVERRIDES": "club.tests_visitors.is_ada"}
            ):
                response = self.client.get(f"/flags?halyard=always:off&name={name}")
            self.assertIs(response.json()["always"], expected)
            self.assertEqual("halyard" in response.cookies, name == "ada")


def is_ada(request):
    return request.GET.get("name") == "ada"
