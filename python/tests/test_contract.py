"""The functions of PostHog's extension (D106, D109 to D113) over a real PostgreSQL."""

from __future__ import annotations

import inspect
import json
from types import SimpleNamespace

import pytest

import halyard
from halyard import DatabaseError, HalyardError, UnknownProjectError
from support import Seed, document, flag, person_filter, run_script

EMAIL = flag(1, "email", person_filter("email", "@example.com", "icontains"))
COMPANY = {
    "id": 2,
    "key": "company",
    "active": True,
    "filters": {
        "aggregation_group_type_index": 0,
        "groups": [
            {
                "properties": [{"key": "plan", "value": "pro", "type": "group", "group_type_index": 0}],
                "rollout_percentage": 100,
            }
        ],
        "payloads": {"true": {"seats": 5}},
    },
}


@pytest.fixture
def team(seed: Seed):
    seed.project("phc_test", EMAIL, COMPANY)
    seed.person("user123", {"email": "stored@example.com", "age": 7})
    seed.group(0, "company", "acme_corp", {"plan": "pro"})
    halyard.configure(database=seed.url, refresh_seconds=0)
    yield SimpleNamespace(id=seed.team_id, api_token="phc_test")
    halyard.configure(None)


def test_d106_original_names_and_signature_stay():
    assert halyard.get_all_feature_flags_with_details_rust is halyard.get_all_feature_flags_with_details
    assert list(inspect.signature(halyard.get_all_feature_flags_with_details).parameters) == [
        "team",
        "distinct_id",
        "groups",
        "hash_key_override",
        "property_value_overrides",
        "group_property_value_overrides",
        "flag_keys",
    ]
    assert list(inspect.signature(halyard.evaluate_all_feature_flags).parameters) == [
        "persons_reader_url",
        "persons_writer_url",
        "non_persons_reader_url",
        "non_persons_writer_url",
        "team_id",
        "project_id",
        "distinct_id",
        "feature_flags_json",
        "groups",
        "person_property_overrides",
        "group_property_overrides",
        "hash_key_override",
        "flag_keys",
    ]


def test_d109_the_five_parts(team):
    found = halyard.get_all_feature_flags_with_details_rust(
        team=team, distinct_id="user123", groups={"company": "acme_corp"}
    )
    values, reasons, payloads, errors, details = found
    assert values == {"email": True, "company": True}
    assert reasons == {
        "email": {"reason": "condition_match", "condition_index": 0},
        "company": {"reason": "condition_match", "condition_index": 0},
    }
    assert payloads == {"company": {"seats": 5}}
    assert errors is False
    assert details["company"] == {
        "match": {
            "match": True,
            "variant": None,
            "reason": "condition_match",
            "condition_index": 0,
            "payload": {"seats": 5},
        },
        "id": 2,
        "version": 1,
        "description": None,
    }
    assert details["email"]["match"]["payload"] is None


def test_d111_the_first_four(team):
    values, reasons, payloads, errors = halyard.get_all_feature_flags(team, "user123")
    assert values == {"email": True, "company": False}
    assert reasons["company"]["reason"] == "no_group_type"
    assert (payloads, errors) == ({}, False)


def test_overrides_win_over_stored_properties(team):
    values, *_ = halyard.get_all_feature_flags(
        team,
        "user123",
        {"company": "acme_corp"},
        None,
        {"email": "x@other.org"},
        {"company": {"plan": "free"}},
    )
    assert values == {"email": False, "company": False}


def test_flag_keys_choose(team):
    assert halyard.get_all_feature_flags(team, "user123", flag_keys=["email"])[0] == {"email": True}


def test_d113_nulls_are_empty_and_chosen_flags_bring_what_they_depend_on(team, seed):
    depends = {"key": "1", "type": "flag", "operator": "flag_evaluates_to", "value": True}
    seed.flag(flag(3, "behind", depends))
    plain = halyard.get_all_feature_flags(team, "user123")
    assert plain[0] == {"email": True, "company": False, "behind": True}
    assert halyard.get_all_feature_flags(team, "user123", None, None, None, None, None) == plain
    chosen = halyard.get_all_feature_flags(team, "user123", flag_keys=["behind"])
    assert chosen[0] == {"email": True, "behind": True}


def test_a_changed_flag_is_seen(team, seed):
    assert halyard.get_all_feature_flags(team, "user123")[0]["email"] is True
    seed.run("update posthog_featureflag set active = false where key = 'email'")
    assert "email" not in halyard.get_all_feature_flags(team, "user123")[0]


def test_sticky_keys_are_stored_and_win(seed):
    sticky = flag(1, "sticky", rollout=50, ensure_experience_continuity=True)
    seed.project("phc_test", sticky)
    seed.person("known", {})
    halyard.configure(database=seed.url)
    team = SimpleNamespace(api_token="phc_test")
    # Whatever the anonymous id gets before, the known one gets after, although its own hash may say otherwise.
    for number in range(5):
        anonymous = f"anon-{number}"
        seed.run("delete from posthog_featureflaghashkeyoverride")
        before = halyard.get_all_feature_flags(team, anonymous)[0]
        first = halyard.get_all_feature_flags(team, "known", hash_key_override=anonymous)[0]
        later = halyard.get_all_feature_flags(team, "known")[0]
        assert before == first == later
        assert seed.run("select hash_key from posthog_featureflaghashkeyoverride") == (anonymous,)
    halyard.configure(None)


def test_a_wrong_type_is_named(team):
    with pytest.raises(TypeError, match="argument 'groups': expected dict or None, got str"):
        halyard.get_all_feature_flags(team, "user123", groups="acme")
    with pytest.raises(TypeError, match="the key of group type 'company' must be str, got int"):
        halyard.get_all_feature_flags(team, "user123", groups={"company": 5})
    with pytest.raises(
        TypeError, match="argument 'property_value_overrides': the value of 'when' cannot be sent as JSON"
    ):
        halyard.get_all_feature_flags(team, "user123", property_value_overrides={"when": object()})
    with pytest.raises(TypeError, match="argument 'team': expected a team with an api_token, got int"):
        halyard.get_all_feature_flags(1, "user123")


def test_no_database_names_the_pool_in_one_line(unreachable):
    halyard.configure(database=unreachable)
    with pytest.raises(DatabaseError, match=r"^non-persons reader: cannot connect: .*refused[^\n]*$") as failed:
        halyard.get_all_feature_flags(SimpleNamespace(api_token="phc_test"), "user123")
    assert "secret" not in str(failed.value)
    halyard.configure(None)


def test_without_configuration_the_error_says_what_to_do():
    halyard.configure(None)
    with pytest.raises(HalyardError, match="INSTALLED_APPS"):
        halyard.get_all_feature_flags(SimpleNamespace(api_token="phc_test"), "user123")


def test_an_unknown_token_is_an_error_of_its_own(team):
    with pytest.raises(UnknownProjectError, match=r"^non-persons reader: .*HALYARD\['PROJECT_TOKEN'\]"):
        halyard.get_all_feature_flags(SimpleNamespace(api_token="phc_other"), "user123")


def test_a_missing_part_is_an_import_error_with_a_hint():
    printed = run_script(
        """
        import sys
        sys.modules["py_mini_racer"] = None
        import halyard
        try:
            halyard.Halyard({"flags": []})
        except ImportError as error:
            print(error)
        sys.modules["psycopg"] = None
        try:
            halyard.Databases("postgresql:///none")
        except ImportError as error:
            print(error)
        """
    )
    v8, psycopg = printed.splitlines()
    assert "pip install 'mini-racer==0.14.1'" in v8
    assert "pip install 'psycopg[binary]>=3.2'" in psycopg


class TestGivenFlags:
    """`evaluate_all_feature_flags`: the caller brings the flags."""

    def call(self, url: str, team_id: int, text: str, **more):
        return halyard.evaluate_all_feature_flags(url, url, url, url, team_id, 1, "user123", text, **more)

    def test_given_flags_over_stored_facts(self, team, seed):
        text = json.dumps(document(EMAIL, COMPANY))
        values, *_, errors, _ = self.call(seed.url, seed.team_id, text, groups={"company": "acme_corp"})
        assert values == {"email": True, "company": True}
        assert errors is False

    def test_group_types_beside_the_flags_need_no_database(self, team, seed):
        text = json.dumps(document(COMPANY, group_type_mapping={"0": "firm"}))
        values, *_ = self.call(seed.url, seed.team_id, text, groups={"firm": "acme_corp"})
        assert values == {"company": True}

    def test_cohorts_come_from_the_database(self, seed):
        cohort_filter = {"key": "id", "value": 77, "type": "cohort"}
        filters = {"properties": {"type": "AND", "values": [person_filter("age", 7)]}}
        seed.project("phc_test", cohorts=({"id": 77, "filters": filters},))
        seed.person("user123", {"age": 7})
        text = json.dumps(document(flag(1, "members", cohort_filter)))
        assert self.call(seed.url, seed.team_id, text)[0] == {"members": True}

    def test_an_unreachable_database_fails_only_the_flags_that_need_it(self, unreachable, caplog):
        text = json.dumps(document(EMAIL, flag(3, "everybody")))
        values, reasons, _, errors, _ = self.call(unreachable, 1, text)
        assert values == {"email": False, "everybody": True}
        assert reasons["email"]["reason"] == "database_unavailable"
        assert errors is True
        assert "persons reader: cannot connect" in caplog.text

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "not valid JSON"),
            ("[]", "must be an object"),
            ('{"flags": 1}', "^flags: must be a list"),
            ('{"flags": [{"id": 1, "key": "a"}, {"id": "x", "key": "b"}]}', r"^flags\[[01]\]\."),
        ],
    )
    def test_d110_bad_flags_are_a_value_error_with_a_path(self, seed, text, message):
        with pytest.raises(ValueError, match=message):
            self.call(seed.url, 1, text)

    def test_a_bad_url_names_its_pool_and_not_itself(self):
        with pytest.raises(DatabaseError, match=r"^persons reader: not a valid PostgreSQL URL") as failed:
            self.call("mysql://u:secret@h/d", 1, "{}")
        assert "secret" not in str(failed.value)

    def test_arguments_are_checked(self, seed):
        with pytest.raises(TypeError, match="argument 'team_id': expected int, got str"):
            self.call(seed.url, "1", "{}")
        with pytest.raises(ValueError, match="does not fit in 32 bits"):
            self.call(seed.url, 2**31, "{}")
        with pytest.raises(TypeError, match="argument 'feature_flags_json': expected str, got dict"):
            self.call(seed.url, 1, {})
