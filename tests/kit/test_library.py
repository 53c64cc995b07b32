"""Definition files: typed values come out, and every mistake is named with its file, line and key."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.library import DefinitionError, Table, read_definition
from portal.kit.toml_lines import lines_of_keys


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def mistakes_of(text, reader):
    with pytest.raises(DefinitionError) as caught:
        read_definition(text, reader, name="colours.toml")
    return str(caught.value).splitlines()


def no_reader(_table):
    return None


def read(text, reader):
    return read_definition(text, reader, name="colours.toml")


def test_a_sound_file_gives_its_values():
    text = """
    title = "  A title  "
    count = 3
    share = 2.5
    on = true
    colour = "blue"
    colours = ["blue", "red"]
    words = ["one", "two"]
    weights = [1, 2.5]
    [inner]
    key = "inner_key"
    [[rows]]
    value = 1
    [[rows]]
    value = "two"
    [[rows]]
    value = false
    """

    def reader(table: Table):
        return (
            table.text("title"),
            table.integer("count", low=1, high=5),
            table.number("share"),
            table.flag("on", default=False),
            table.choice("colour", Colour),
            table.choices("colours", Colour),
            table.texts("words"),
            table.numbers("weights"),
            table.table("inner").key("key"),
            [row.scalar("value") for row in table.tables("rows")],
        )

    assert read(text, reader) == (
        "A title",
        3,
        2.5,
        True,
        Colour.BLUE,
        (Colour.BLUE, Colour.RED),
        ("one", "two"),
        (1, 2.5),
        "inner_key",
        [1, "two", False],
    )


def test_absent_optional_values_give_their_defaults():
    def reader(table: Table):
        return (
            table.optional_text("a"),
            table.optional_text("b", default="b"),
            table.optional_integer("c", default=None),
            table.optional_number("d", default=1.5),
            table.flag("e", default=True),
            table.optional_choice("f", Colour, default=Colour.RED),
            table.optional_texts("g"),
            table.numbers("h"),
            table.optional_tables("i"),
            table.peek("j"),
        )

    assert read("", reader) == ("", "b", None, 1.5, True, Colour.RED, (), (), (), None)


def test_present_optional_values_are_read():
    text = 'a = "x"\nc = 3\nd = 2\nf = "blue"\ng = []'

    def reader(table: Table):
        return (
            table.optional_text("a"),
            table.optional_integer("c", default=None),
            table.optional_number("d", default=None),
            table.optional_choice("f", Colour, default=None),
            table.optional_texts("g"),
        )

    assert read(text, reader) == ("x", 3, 2, Colour.BLUE, ())


def test_all_mistakes_of_a_file_are_reported_at_once_in_its_order():
    text = """title = ""
count = 9
colour = "green"

[[rows]]
value = 1

[[rows]]
options = [
  { key = "fine" },
  { key = "Not fine" },
]
"""

    def reader(table: Table):
        table.text("title")
        table.integer("count", high=5)
        table.choice("colour", Colour)
        for row in table.tables("rows"):
            row.integer("value")
            for option in row.optional_tables("options"):
                option.key("key")

    assert mistakes_of(text, reader) == [
        "colours.toml: line 1: title: must not be empty",
        "colours.toml: line 2: count: must be at most 5",
        "colours.toml: line 3: colour: 'green' is not one of red, blue",
        "colours.toml: line 8: rows[2].value: is missing",
        "colours.toml: line 11: rows[2].options[2].key: 'Not fine' is not a key: lower-case letters, digits, single underscores",
    ]


def test_unknown_keys_are_refused_with_the_nearest_known_one():
    text = 'title = "x"\n[inner]\ntitel = "y"\nzzz = 1\n'

    def reader(table: Table):
        table.text("title")
        table.table("inner").optional_text("title")

    assert mistakes_of(text, reader) == [
        "colours.toml: line 3: inner.titel: unknown key; did you mean title?",
        "colours.toml: line 4: inner.zzz: unknown key",
    ]


def test_a_missing_table_is_one_mistake_however_much_was_expected_of_it():
    def reader(table: Table):
        inner = table.table("inner")
        inner.text("a")
        inner.integer("b", low=4)
        inner.choice("c", Colour)
        inner.choices("d", Colour)
        inner.texts("e")
        inner.scalar("f")
        inner.number("g")
        inner.tables("h")

    assert mistakes_of("", reader) == ["colours.toml: line 1: inner: is missing"]


@pytest.mark.parametrize(
    ("text", "ask", "problem"),
    [
        ("v = 1", lambda t: t.text("v"), "must be a text"),
        ('v = "abc"', lambda t: t.text("v", at_most=2), "has 3 characters; 2 are allowed"),
        ('v = "a\\u0000b"', lambda t: t.text("v"), "holds a control character"),
        ("v = true", lambda t: t.integer("v"), "must be a whole number"),
        ("v = 1.5", lambda t: t.integer("v"), "must be a whole number"),
        ("v = 1", lambda t: t.integer("v", low=2), "must be at least 2"),
        ('v = "1"', lambda t: t.number("v"), "must be a number"),
        ("v = nan", lambda t: t.number("v"), "must be a finite number"),
        ("v = -inf", lambda t: t.number("v"), "must be a finite number"),
        ("v = 1", lambda t: t.flag("v", default=False), "must be true or false"),
        ("v = 1", lambda t: t.texts("v"), "must be a list"),
        ("v = []", lambda t: t.texts("v"), "must hold at least one text"),
        ("v = []", lambda t: t.choices("v", Colour), "must name at least one of red, blue"),
        ('v = ["red", "red"]', lambda t: t.choices("v", Colour), "names something twice"),
        ("v = 1979-05-27", lambda t: t.scalar("v"), "must be a number"),
        ("v = 1", lambda t: t.table("v"), "must be a table"),
        ("v = [1]", lambda t: t.optional_tables("v"), "must hold tables only"),
        ("v = []", lambda t: t.tables("v"), "must hold at least one table"),
        (f'v = "{"a" * 41}"', lambda t: t.key("v"), f"'{'a' * 41}' is not a key"),
    ],
)
def test_each_kind_of_wrong_value_is_named(text, ask, problem):
    found = mistakes_of(text, ask)

    assert found[0].startswith("colours.toml: line 1: v")
    assert problem in found[0]


def test_wrong_syntax_is_reported_with_its_line():
    assert mistakes_of("a = 1\nb = = 2\n", no_reader)[0].startswith(
        "colours.toml: line 2: is not valid TOML: "
    )


def test_wrong_syntax_at_the_end_is_reported_with_the_last_line():
    found = mistakes_of("a = 1\nb = [1,\n", no_reader)[0]

    assert found.startswith("colours.toml: line 3: is not valid TOML: ")
    assert "end of document" not in found


def test_a_text_nested_too_deeply_is_refused():
    assert mistakes_of("a = " + "[" * 100_000, no_reader) == ["colours.toml: line 1: is nested too deeply"]


def test_windows_line_ends_count_as_one():
    assert mistakes_of("a = 1\r\nb = 2\r\n", lambda t: t.text("b"))[0].startswith("colours.toml: line 1: a")


def test_a_table_says_whether_it_holds_a_key_without_reading_it():
    assert mistakes_of("a = 1", lambda t: "a" in t) == ["colours.toml: line 1: a: unknown key"]


EVERY_SHAPE = '''# a comment with [brackets] and "quotes"
top = "one # not a comment"
literal = 'C:\\path'
many = """
three
lines with \\""" and "" inside""""
raw = \'\'\'
[not.a.table]
\'\'\'
"quoted key" = 1
dotted.inner.deep = 2
when = 1979-05-27 07:32:00

[table]
a = { b = 1, c = [1, 2], d.e = 3 }

[table . "spaced"]
x = 1

[[entries]]
name = "first"
[entries.sub]
y = 1
[[entries.parts]]
z = 1
[[entries.parts]]
z = 2

[[entries]]
list = [
  { key = "a" }, # the first
  {
    key = "b" },
  [ 1,
    2 ],
]
[[entries.parts]]
z = 3'''


def test_lines_are_found_in_every_shape_of_toml():
    lines = lines_of_keys(EVERY_SHAPE)
    source = EVERY_SHAPE.split("\n")

    def line(*path):
        return source[lines[path] - 1]

    assert line("top").startswith("top")
    assert line("literal").startswith("literal")
    assert line("many").startswith("many")
    assert line("raw").startswith("raw")
    assert line("quoted key").startswith('"quoted')
    assert line("dotted", "inner", "deep").startswith("dotted")
    assert line("when").startswith("when")
    assert line("table", "a", "c", 1).startswith("a =")
    assert line("table", "a", "d", "e").startswith("a =")
    assert line("table", "spaced", "x") == "x = 1"
    assert line("entries", 0, "sub", "y") == "y = 1"
    assert line("entries", 0, "parts", 1, "z") == "z = 2"
    assert line("entries", 1, "list", 1, "key") == '    key = "b" },'
    assert line("entries", 1, "list", 2, 1) == "    2 ],"
    assert line("entries", 1, "parts", 0, "z") == "z = 3"
    assert lines["entries",] < lines["entries", 1]


KEYS = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def written(value, gap):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + gap + f",{gap}".join(written(one, gap) for one in value) + gap + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {written(one, gap)}" for key, one in value.items()) + "}"
    return str(value)


def paths_of(value, path):
    yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths_of(one, (*path, key))
    if isinstance(value, list):
        for position, one in enumerate(value):
            yield from paths_of(one, (*path, position))


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.sampled_from(["", "\n  "]))
def test_every_key_of_any_file_has_a_line(values, gap):
    text = "\n".join(f"{key} = {written(value, gap)}" for key, value in values.items())

    lines = lines_of_keys(text)

    paths = [path for key, value in values.items() for path in paths_of(value, (key,))]
    assert set(paths) == set(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
