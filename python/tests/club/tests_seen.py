"""Who saw which flag: the signal, and each library that can be told of it, as it comes from PyPI."""

import posthog
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import engines
from django.test import TestCase, override_settings
from django.urls import path
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from club import seed
from halyard.django import aflags_for, flags_for
from halyard.django.reports import to_posthog
from halyard.django.seen import flag_called
from halyard.django.test import override_flags

VARIANTS = {
    "multivariate": {"variants": [{"key": "blue", "rollout_percentage": 100}]},
    "payloads": {"blue": '{"a": 1}'},
}
COLOUR = {"groups": [{"properties": [], "rollout_percentage": 100}], **VARIANTS}


def look(request):
    flags = request.flags
    return HttpResponse(f"{flags.is_enabled('always')} {flags.value('colour')} {flags.is_enabled('always')}")


def page(request):
    text = "{% load halyard %}<html><body>{% flag 'always' %}on{% endflag %}</body></html>"
    return HttpResponse(engines["django"].from_string(text).render({}, request))


def fail(request):
    request.flags.is_enabled("always")
    raise ZeroDivisionError


urlpatterns = [path("look", look), path("page", page), path("fail", fail)]


def to(*names):
    return override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", "REPORT_TO": names}, ROOT_URLCONF="club.tests_seen")


class Base(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.team = seed.project("always")
        seed.flag(cls.team, "colour", COLOUR)

    def look(self, who="ada", url="/look"):
        return self.client.get(url, headers={"X-POSTHOG-DISTINCT-ID": who})


@to()
class SignalTest(Base):
    def setUp(self):
        self.calls = []
        flag_called.connect(self.receive)
        self.addCleanup(flag_called.disconnect, self.receive)

    def receive(self, key, distinct_id, result, request, **_):
        self.calls.append((key, distinct_id, None if result is None else result.value, request and request.path))

    def test_once_per_evaluation_and_flag(self):
        self.look()
        self.assertEqual(self.calls, [("always", "ada", True, "/look"), ("colour", "ada", "blue", "/look")])

    def test_outside_of_requests(self):
        flags = flags_for("7")
        self.assertEqual((flags["always"], flags.value("nothing", 3)), (True, 3))
        self.assertEqual(self.calls, [("always", "7", True, None), ("nothing", "7", None, None)])

    async def test_asynchronous(self):
        (await aflags_for("ada")).payload("colour")
        self.assertEqual(self.calls, [("colour", "ada", "blue", None)])

    def test_looking_at_all_is_seeing_none(self):
        flags = flags_for("ada")
        self.assertEqual(dict(flags.items()), {"always": True, "colour": "blue"})
        self.assertTrue("always" in flags and len(flags) == 2 and flags.values() and list(flags))
        self.assertEqual(self.calls, [])

    def test_a_receiver_that_fails_harms_nobody(self):
        def broken(**_):
            raise ZeroDivisionError

        flag_called.connect(broken)
        self.addCleanup(flag_called.disconnect, broken)
        with self.assertLogs("django.dispatch", "ERROR"):
            self.assertEqual(self.look().content, b"True blue True")


class QuietTest(Base):
    def test_without_listeners_nothing_is_wrapped(self):
        from halyard.flags import Flags

        self.assertIs(type(flags_for("ada")), Flags)

    @to("nobody")
    def test_an_unknown_name(self):
        with self.assertRaisesMessage(ImproperlyConfigured, "there are posthog, opentelemetry, sentry"):
            flags_for("ada")


@to("posthog")
class PosthogTest(Base):
    def setUp(self):
        to_posthog.forget()
        self.events = []
        # As a project configures it. Nothing is sent: before_send drops what it has seen.
        ours = {"api_key": "phc_club", "host": "http://127.0.0.1:1", "before_send": self.keep}
        for name, value in ours.items():
            self.addCleanup(setattr, posthog, name, getattr(posthog, name))
            setattr(posthog, name, value)
        self.addCleanup(setattr, posthog, "default_client", None)
        self.addCleanup(lambda: posthog.shutdown())

    def keep(self, event):
        self.events.append(event)

    def test_once_per_person_flag_and_value(self):
        for who in ("ada", "ada", "bob"):
            self.look(who)
        self.assertEqual(
            [(event["distinct_id"], event["properties"]["$feature_flag"]) for event in self.events],
            [("ada", "always"), ("ada", "colour"), ("bob", "always"), ("bob", "colour")],
        )
        closed = '{"groups": [{"properties": [], "rollout_percentage": 0}]}'
        seed.sql("update posthog_featureflag set filters = %s where key = 'always'", closed)
        self.look("ada")
        self.assertEqual([event["properties"]["$feature_flag_response"] for event in self.events[4:]], [False])

    def test_what_an_event_says(self):
        self.look()
        event = self.events[1]
        self.assertEqual(event["event"], "$feature_flag_called")
        properties = event["properties"]
        self.assertEqual(properties["$feature_flag_response"], "blue")
        self.assertEqual(properties["$feature/colour"], "blue")
        self.assertEqual(properties["$feature_flag_payload"], {"a": 1})
        self.assertIs(properties["locally_evaluated"], True)
        self.assertGreater(properties["$feature_flag_id"], 0)

    def test_a_flag_that_is_not_there(self):
        flags_for("ada").is_enabled("nothing")
        properties = self.events[0]["properties"]
        self.assertIsNone(properties["$feature_flag_response"])
        self.assertEqual(properties["$feature_flag_error"], "flag_missing")

    def test_groups(self):
        flags_for("ada", groups={"company": "acme"}).is_enabled("always")
        self.assertEqual(self.events[0]["properties"]["$groups"], {"company": "acme"})

    def test_overrides_are_not_told(self):
        with override_flags(always=True):
            self.look()
        self.assertEqual([event["properties"]["$feature_flag"] for event in self.events], [])


@to("opentelemetry")
class OpenTelemetryTest(Base):
    def test_an_event_on_the_span(self):
        exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        with trace.use_span(provider.get_tracer("t").start_span("s"), end_on_exit=True):
            self.look()
            flags_for("ada").is_enabled("nothing")
        events = exporter.get_finished_spans()[0].events
        self.assertEqual([event.name for event in events], ["feature_flag.evaluation"] * 3)
        found = dict(events[1].attributes)
        self.assertEqual(found.pop("feature_flag.result.reason"), "condition_match")
        self.assertEqual(
            found,
            {
                "feature_flag.key": "colour",
                "feature_flag.provider.name": "halyard",
                "feature_flag.context.id": "ada",
                "feature_flag.result.value": "blue",
                "feature_flag.result.variant": "blue",
                "feature_flag.version": "1",
            },
        )
        self.assertEqual(events[2].attributes["error.type"], "flag_not_found")

    def test_without_a_span(self):
        self.assertEqual(self.look().status_code, 200)


@to("sentry")
class SentryTest(Base):
    def test_the_flags_of_a_request_stand_on_its_errors(self):
        sent = []
        sentry_sdk.init(dsn="http://key@127.0.0.1:1/1", before_send=lambda event, hint: sent.append(event))
        self.addCleanup(sentry_sdk.init)
        with self.assertRaises(ZeroDivisionError):
            self.look(url="/fail")
        self.look()
        sentry_sdk.capture_exception(ValueError())
        first, last = sent[0]["contexts"]["flags"]["values"], sent[-1]
        self.assertEqual(first, [{"flag": "always", "result": True}])
        self.assertIn({"flag": "colour", "result": True}, last["contexts"]["flags"]["values"])
        self.assertEqual(last["tags"]["flag.colour"], "blue")


@override_settings(
    ROOT_URLCONF="club.tests_seen",
    DEBUG=True,
    INTERNAL_IPS=["127.0.0.1"],
    DEBUG_TOOLBAR_CONFIG={"IS_RUNNING_TESTS": False, "SHOW_TOOLBAR_CALLBACK": lambda request: True},
    DEBUG_TOOLBAR_PANELS=["halyard.django.debug_toolbar.FlagsPanel"],
)
class DebugToolbarTest(Base):
    def test_the_panel_lists_what_the_request_looked_at(self):
        from debug_toolbar.toolbar import DebugToolbar
        from django.test import RequestFactory

        from halyard.django.middleware import HalyardMiddleware

        request = RequestFactory().get("/page", headers={"X-POSTHOG-DISTINCT-ID": "ada"})
        toolbar = DebugToolbar(request, HalyardMiddleware(page))
        panel = toolbar.get_panel_by_id("FlagsPanel")
        panel.enable_instrumentation()
        response = panel.process_request(request)
        panel.disable_instrumentation()
        request.flags.is_enabled("colour")
        panel.generate_stats(request, response)
        self.assertEqual(panel.nav_subtitle, "1 looked at")
        expected = [{"key": "always", "value": True, "reason": "condition_match", "distinct_id": "ada"}]
        self.assertEqual(panel.get_stats()["rows"], expected)
        self.assertIn("<code>always</code>", panel.content)
