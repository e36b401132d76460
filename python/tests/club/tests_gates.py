"""Views, patterns, permissions, throttles and templates behind flags, and the page in the admin."""

import asyncio

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from jinja2 import Environment
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView, Response

from club import seed
from halyard.django.gates import FlagRequiredMixin, flag_required, flagged_patterns
from halyard.django.jinja2 import add_flags
from halyard.django.middleware import Snapshot
from halyard.django.rest_framework import FlagPermission, FlagThrottle, flag_permission
from halyard.django.test import override_flags


def request():
    made = RequestFactory().get("/")
    snapshot = Snapshot(made)
    made.flags, made.aflags = snapshot.flags(), snapshot.aflags
    return made


def other(request):
    return HttpResponse("other")


async def aother(request):
    return HttpResponse("aother")


@flag_required("beta")
def beta(request):
    return HttpResponse("beta")


@flag_required("colour", "blue", fallback=other)
def blue(request):
    return HttpResponse("blue")


@flag_required("beta", fallback="club.tests_gates.aother")
async def abeta(request):
    return HttpResponse("abeta")


@flag_required("beta", fallback=other)
async def abeta_or_other(request):
    return HttpResponse("abeta")


@flag_required("beta", fallback=aother)
def wrong(request):
    return HttpResponse("never")


class Mixed(FlagRequiredMixin, View):
    flag_key = "beta"
    flag_fallback = other

    def get(self, request):
        return HttpResponse("mixed")


class AsyncMixed(FlagRequiredMixin, View):
    flag_key = "beta"

    async def get(self, request):
        return HttpResponse("amixed")


class Method(View):
    @method_decorator(flag_required("beta"))
    def get(self, request):
        return HttpResponse("method")


class Api(APIView):
    permission_classes = (flag_permission("beta"),)

    def get(self, request):
        return Response("api")


class HiddenApi(Api):
    permission_classes = (FlagPermission,)
    flag_key = "colour"
    flag_value = "blue"
    flag_hides = True


class Throttled(APIView):
    throttle_classes = (FlagThrottle,)
    throttle_flag = "speed"
    throttle_rates_by_value = {"slow": "1/hour", "free": None}  # noqa: RUF012

    def get(self, request):
        return Response("api")


inner = [path("a", other), path("b/", include([path("c", aother)]))]
urlpatterns = [
    path("api", Api.as_view()),
    path("hidden-api", HiddenApi.as_view()),
    path("throttled", Throttled.as_view()),
    *flagged_patterns("beta", [path("one", other, name="one"), path("inner/", include((inner, "inner")))]),
]


def body(view, **flags):
    with override_flags(flags):
        answer = view(request())
        if asyncio.iscoroutine(answer):
            answer = asyncio.run(answer)
        return answer.content.decode()


class ViewsTest(SimpleTestCase):
    def test_on(self):
        self.assertEqual(body(beta, beta=True), "beta")
        self.assertEqual(body(blue, colour="blue"), "blue")
        self.assertEqual(body(abeta, beta="variant"), "abeta")
        self.assertEqual(body(Mixed.as_view(), beta=True), "mixed")
        self.assertEqual(body(AsyncMixed.as_view(), beta=True), "amixed")
        self.assertEqual(body(Method.as_view(), beta=True), "method")

    def test_off(self):
        for view in (beta, Method.as_view(), AsyncMixed.as_view()):
            with self.assertRaisesMessage(Http404, "the flag 'beta' is off"):
                body(view, beta=False)
        self.assertEqual(body(blue, colour="red"), "other")
        self.assertEqual(body(blue, colour=True), "other")
        self.assertEqual(body(abeta), "aother")
        self.assertEqual(body(abeta_or_other), "other")
        self.assertEqual(body(Mixed.as_view()), "other")

    def test_names_and_kind_stay(self):
        self.assertEqual((beta.__name__, abeta.__name__), ("beta", "abeta"))
        self.assertTrue(iscoroutinefunction(abeta))
        self.assertFalse(iscoroutinefunction(beta))

    def test_mistakes_are_named(self):
        with self.assertRaisesMessage(ImproperlyConfigured, "must be one too"):
            body(wrong)
        with self.assertRaisesMessage(TypeError, "@flag_required('beta')"):
            flag_required(beta)
        with self.assertRaisesMessage(ImproperlyConfigured, "HalyardMiddleware"):
            beta(RequestFactory().get("/"))
        with self.assertRaisesMessage(ImproperlyConfigured, "needs a flag_key"):
            type("Nameless", (FlagRequiredMixin, View), {}).as_view()
        with self.assertRaisesMessage(TypeError, "takes path()"):
            flagged_patterns("beta", [other])


@override_settings(ROOT_URLCONF="club.tests_gates")
class PatternsTest(SimpleTestCase):
    def test_on(self):
        with override_flags(beta=True):
            for url, expected in (("/one", "other"), ("/inner/a", "other"), ("/inner/b/c", "aother")):
                self.assertEqual(self.client.get(url).content.decode(), expected)

    def test_off(self):
        with override_flags():
            for url in ("/one", "/inner/a", "/inner/b/c"):
                self.assertEqual(self.client.get(url).status_code, 404)


@override_settings(
    ROOT_URLCONF="club.tests_gates",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
class RestFrameworkTest(TestCase):
    client_class = APIClient

    def test_permission(self):
        with override_flags(beta=True, colour="blue"):
            self.assertEqual(self.client.get("/api").json(), "api")
            self.assertEqual(self.client.get("/hidden-api").json(), "api")
        with override_flags(colour="red"):
            self.assertEqual(self.client.get("/api").status_code, 403)
            self.assertEqual(self.client.get("/hidden-api").status_code, 404)

    def test_throttle(self):
        from django.core.cache import cache

        cache.clear()
        rates = {**SimpleRateThrottle.THROTTLE_RATES, "user": "3/hour"}
        FlagThrottle.THROTTLE_RATES = rates
        statuses = {}
        for value in ("slow", "free", "other"):
            with override_flags(speed=value):
                statuses[value] = [self.client.get("/throttled").status_code for _ in range(4)]
        self.assertEqual(statuses, {"slow": [200, 429, 429, 429], "free": [200] * 4, "other": [200, 200, 200, 429]})


class JinjaTest(SimpleTestCase):
    def test_globals(self):
        text = (
            "{{ flag('beta') }} {{ flag('colour', 'red') }} {{ flag_value('colour') }} {{ flag_value('no', 'none') }}"
        )
        template = add_flags(Environment(autoescape=True)).from_string(text + " {{ flag_payload('colour').hex }}")
        with override_flags(beta=True, colour="blue", payloads={"colour": {"hex": "#00f"}}):
            self.assertEqual(template.render(request=request()), "True False blue none #00f")

    def test_a_template_without_a_request_says_so(self):
        with self.assertRaisesMessage(ImproperlyConfigured, "HalyardMiddleware"):
            add_flags(Environment(autoescape=True)).from_string("{{ flag('beta') }}").render()


def everybody(request):
    return True


class AdminTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        team = seed.project("always")
        pro = {"key": "plan", "value": "pro", "operator": "exact", "type": "person"}
        seed.flag(team, "beta", {"groups": [{"properties": [pro], "rollout_percentage": 100}]})
        seed.person(team, "ada", "ada-2", plan="pro")
        seed.person(team, "bob", plan="<b>free</b>")
        cls.root = User.objects.create_superuser("root")
        cls.staff = User.objects.create_user("staff", is_staff=True)

    def get(self, url, user=None):
        self.client.force_login(user or self.root)
        return self.client.get(url)

    def test_list(self):
        self.assertContains(self.get("/admin/"), "/admin/halyard/flag/")
        page = self.get("/admin/halyard/flag/")
        self.assertContains(page, 'href="/admin/halyard/flag/beta/"')
        self.assertContains(page, "always")

    def test_explain(self):
        page = self.get("/admin/halyard/flag/beta/?distinct_id=bob")
        self.assertContains(page, "reason   no_condition_match")
        self.assertContains(page, "&lt;b&gt;free&lt;/b&gt;")

    def test_who_is_in(self):
        page = self.get("/admin/halyard/flag/beta/?people=1")
        self.assertContains(page, "1 of the 2 people")
        self.assertContains(page, "<li>ada</li>")

    def test_unknown_flag(self):
        self.assertEqual(self.get("/admin/halyard/flag/nothing/").status_code, 404)

    def test_it_is_for_superusers_or_whom_the_setting_lets_in(self):
        for url in ("/admin/halyard/flag/", "/admin/halyard/flag/beta/"):
            self.assertEqual(self.get(url, self.staff).status_code, 403)
            with override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "ADMIN": "club.tests_gates.everybody"}):
                self.assertEqual(self.get(url, self.staff).status_code, 200)
        self.client.logout()
        self.assertEqual(self.client.get("/admin/halyard/flag/").status_code, 302)

    def test_nothing_can_be_changed(self):
        self.client.force_login(self.root)
        for url in ("/admin/halyard/flag/add/", "/admin/halyard/flag/beta/delete/", "/admin/halyard/flag/beta/change/"):
            self.assertEqual(self.client.get(url).status_code, 404)

    @override_settings(HALYARD={})
    def test_without_a_project(self):
        self.assertContains(self.get("/admin/halyard/flag/"), "PROJECT_TOKEN")

    def test_django_looks_for_no_table(self):
        import io

        from django.core.management import call_command

        call_command("dumpdata", stdout=io.StringIO())
        call_command("makemigrations", "--check", stdout=io.StringIO())
