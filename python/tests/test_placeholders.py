from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halyard._placeholders import named_placeholders


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select $1, $12, $1", "select %(p1)s, %(p12)s, %(p1)s"),
        ("select '$1 it''s 5%', $1", "select '$1 it''s 5%%', %(p1)s"),
        ('select "a$1%", 7 % 2', 'select "a$1%%", 7 %% 2'),
        ("select $$ $1 $$, $tag$ $2 $tag$, $3", "select $$ $1 $$, $tag$ $2 $tag$, %(p3)s"),
        ("select 1 -- $1 it's\n, $2 /* $3 */", "select 1 -- $1 it's\n, %(p2)s /* $3 */"),
        ("select a -> $1 ? 'x'", "select a -> %(p1)s ? 'x'"),
    ],
)
def test_placeholders_are_named_outside_of_texts_and_comments(text, expected):
    assert named_placeholders(text) == expected


def test_an_escape_string_is_refused():
    with pytest.raises(ValueError, match="escape string"):
        named_placeholders("select E'it\\'s $1'")


@given(st.lists(st.text().filter(lambda text: "\0" not in text).filter(str.isprintable), min_size=1, max_size=3))
def test_quoted_texts_come_back_from_the_database_unchanged(server, texts):
    quoted = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
    with psycopg.connect(server.url) as connection:
        row = connection.execute(named_placeholders(f"select {quoted}, $1::text"), {"p1": "$1"}).fetchone()
    assert row == (*texts, "$1")
