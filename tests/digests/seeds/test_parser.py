"""Seed file to Record: every field, every fault with its line and field, every odd shape."""

from datetime import UTC, datetime

import pytest

from digests.errors import SeedError
from digests.seeds.fast_path import LONGEST
from digests.seeds.parser import SeedReader
from storage.models import Mention, Provider, Record, TopicDescription
from tests.build import HOST, mention_text, seed_text

SEED = seed_text(related=[mention_text(f"{HOST}/2"), mention_text("https://two.example/3", quality=70)])


def read(text: str | bytes, path: str = "news/a.md") -> Record:
    said = SeedReader().read(path, text.encode() if isinstance(text, str) else text)
    assert isinstance(said, Record)
    return said


def refused(text: str | bytes, path: str = "news/a.md") -> SeedError:
    with pytest.raises(SeedError) as raised:
        SeedReader().read(path, text.encode() if isinstance(text, str) else text)
    return raised.value


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def meaning(record: Record) -> tuple[Record, list[Mention]]:
    """Return what a record says, without how its text is kept."""
    said = [mention._replace(raw=b"", digest=b"") for mention in record.mentions]
    return record._replace(related_at=None, mentions=()), said


def front_matter(text: str) -> str:
    return text.split("---\n")[1]


# What a seed says.


def test_every_field_of_a_record_is_read() -> None:
    text = seed_text(
        f"{HOST}/1?utm_source=x",
        title="What happened?",
        quality=87,
        topics=["AI", "Computer Vision", "AI"],
        extra=(
            f'originalUrl: "{HOST}/original"\nampWebUrl: "https://amp.one.example/1"\n'
            'cdnAmpWebUrl: "https://cdn.example/1"\n'
            'images:\n  - url: "https://img.example/1.png"\n    width: 8'
        ),
    ).replace("heat: -1\npublished: false", "heat: 120\npublished: true\nremoved: true")
    record = read(text)
    assert (record.key, record.category, record.heat) == ("news/a.md", "news", 120)
    assert (record.published, record.removed) == (True, True)
    assert record.topics == ("AI", "Computer Vision")
    (own,) = record.mentions
    assert own.own
    assert own.url == f"{HOST}/1?utm_source=x"
    assert own.addresses == ("one.example/1", "one.example/original", "amp.one.example/1", "cdn.example/1")
    assert (own.title, own.excerpt, own.quality, own.type) == (
        "What happened?",
        "What happened.",
        87,
        "article",
    )
    assert own.published_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert own.provider == Provider("One", "one.example")
    assert own.image_url == "https://img.example/1.png"


def test_related_coverage_is_read_in_its_order() -> None:
    mentions = read(SEED).mentions
    assert [mention.url for mention in mentions] == [f"{HOST}/1", f"{HOST}/2", "https://two.example/3"]
    assert [mention.own for mention in mentions] == [True, False, False]
    assert [mention.quality for mention in mentions] == [50, 50, 70]


def test_a_record_that_is_not_published_is_served_like_any_other() -> None:
    assert not read(SEED).published


def test_what_may_be_missing_has_a_default() -> None:
    text = seed_text()
    for line in ("category: news\n", "heat: -1\n", "published: false\n", "type: article\n"):
        text = text.replace(line, "")
    record = read(text.replace('excerpt: "What happened."\n', ""))
    assert (record.category, record.heat, record.published, record.removed) == ("", -1, False, False)
    assert (record.mentions[0].type, record.mentions[0].excerpt) == ("article", "")


def test_a_video_without_web_url_has_its_original_url() -> None:
    own = read(SEED.replace("webUrl", "originalUrl", 1)).mentions[0]
    assert own.url == f"{HOST}/1"


def test_quality_zero_and_quality_above_a_hundred_are_values() -> None:
    assert read(seed_text(quality=0)).mentions[0].quality == 0
    assert read(seed_text(quality=189)).mentions[0].quality == 189


@pytest.mark.parametrize(
    "written", ['"2026-03-10T08:00:00Z"', "2026-03-10T09:00:00+01:00", "2026-03-10 08:00:00Z"]
)
def test_a_time_may_be_quoted_and_in_any_zone(written: str) -> None:
    own = read(seed_text(published=written)).mentions[0]
    assert own.published_at == datetime(2026, 3, 10, 8, tzinfo=UTC)


def test_words_and_addresses_are_cleaned() -> None:
    text = seed_text(f" {HOST}/?a=1&amp;b=2&copy=3\\u200b", title="Tom &amp; Jerry\\n| [x]\\u202e")
    own = read(text.replace("domain: ", "domain: www.")).mentions[0]
    assert own.title == "Tom & Jerry | [x]"
    assert own.url == f"{HOST}/?a=1&b=2&copy=3"
    assert own.provider.domain == "one.example"


def test_unknown_fields_are_passed_over() -> None:
    assert meaning(read(seed_text(extra="featuredContent: <iframe>\nauthor: {name: A}"))) == meaning(
        read(seed_text())
    )


def test_an_image_that_no_browser_opens_gives_way_to_the_next() -> None:
    images = 'images:\n  - url: "javascript:x"\n  - url: "http://img.example/a.png"'
    assert read(seed_text(extra=images)).mentions[0].image_url == "http://img.example/a.png"
    assert read(seed_text(extra='images:\n  - url: "x"')).mentions[0].image_url is None
    later = images.replace("javascript:x", 'javascript:x"\n  - url: "y"\n  - url: "z')
    assert read(seed_text(extra=later)).mentions[0].image_url is None


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    odd = b"\xef\xbb\xbf" + SEED.replace("\n", "\r\n").encode()
    assert meaning(read(odd)) == meaning(read(SEED))
    assert read(odd).related_at is not None


def test_a_very_long_seed_says_what_a_short_one_does() -> None:
    texts = ("word " * (LONGEST // 5) + "word", "word")
    long, short = (
        meaning(read(seed_text(related=[mention_text()], extra=f'author: "{word}"'))) for word in texts
    )
    assert long == short


def test_text_after_the_front_matter_is_passed_over() -> None:
    text = f"{SEED}\n# Some words\n\nand more: words\ntitle: a line of the text\n"
    assert meaning(read(text)) == meaning(read(SEED))


def test_a_yaml_file_needs_no_fences() -> None:
    assert meaning(read(front_matter(SEED), "news/a.md".replace(".md", ".yaml"))) == meaning(
        read(SEED, "news/a.yaml")
    )


# What is no record.


@pytest.mark.parametrize(
    "path",
    ["_config.yml", "README.md", "docs/LICENSE.txt", "_data/organizations/one.example.md", "changelog.md"],
)
def test_files_that_are_not_records_are_passed_over(path: str) -> None:
    assert SeedReader().read(path, b"no: record") is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("_data/nav.yml", "- title: Home\n  link: /\n"),
        ("empty.yml", ""),
        ("words.yaml", "just words\n"),
        ("about.md", "---\nlayout: page\ntitle: About\n---\nWords.\n"),
        ("README.md", "---\n\nA line, and no front matter.\n"),
    ],
)
def test_files_that_say_nothing_of_an_article_are_passed_over(path: str, text: str) -> None:
    assert SeedReader().read(path, text.encode()) is None


@pytest.mark.parametrize("path", ["security.md", "notice.txt", "news/_draft.md", "README.md"])
def test_a_record_is_read_whatever_its_files_name(path: str) -> None:
    assert isinstance(SeedReader().read(path, SEED.encode()), Record)


def test_an_excerpt_may_be_nothing() -> None:
    assert read(seed_text().replace('excerpt: "What happened."', "excerpt:")).mentions[0].excerpt == ""


def test_front_matter_of_something_else_is_no_record() -> None:
    assert SeedReader().read("about.md", b"---\nlayout: page\npermalink: /about\n---\nWords.\n") is None


def test_a_topic_file_describes_a_topic() -> None:
    text = (
        "name: Computer Vision\nshortname: CV\nparent: AI\nkeywords:\n  - vision\n  - CV\nhashtags: [cv2]\n"
    )
    said = SeedReader().read("_data/topics/01-cv.yaml", text.encode())
    assert said == TopicDescription("computer-vision", "Computer Vision", "AI", ("CV", "vision", "cv2"))


def test_a_topic_file_needs_no_more_than_a_name() -> None:
    said = SeedReader().read("site/_data/topics/ai.yml", b"name: AI\nkeywords:\n")
    assert said == TopicDescription("ai", "AI", None, ())


def test_a_topic_file_without_a_name_says_so() -> None:
    assert refused("shortname: CV\n", "_data/topics/cv.yaml").field == "name"


# What is wrong, with its line and field.


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("quality: 50\n", "", "quality", "is missing"),
        ("quality: 50", "quality: high", "quality", "expected a whole number"),
        ("quality: 50", 'quality: "50"', "quality", "expected a whole number"),
        ("quality: 50", "quality: 50.5", "quality", "expected a whole number"),
        ("quality: 50", "quality: true", "quality", "expected a whole number"),
        ("quality: 50", "quality: -1", "quality", "expected a number of at least 0"),
        ("quality: 50", "quality:", "quality", "expected a whole number, found nothing"),
        ("heat: -1", "heat: -2", "heat", "expected a number of at least -1"),
        ("published: false", "published: 1", "published", "expected true or false"),
        (f'title: "{HOST}/1"\n', "", "title", "is missing"),
        (f'title: "{HOST}/1"', "title: 2026", "title", "expected text"),
        (f'title: "{HOST}/1"', 'title: " "', "title", "expected text that isn't empty"),
        ("2026-03-10T08:00:00Z", "2026-03-10", "publishedDateTime", "expected a time with its zone"),
        ("2026-03-10T08:00:00Z", "2026-03-10T08:00:00", "publishedDateTime", "expected a time with its zone"),
        ("2026-03-10T08:00:00Z", '"soon"', "publishedDateTime", "expected a time with its zone"),
        (
            "2026-03-10T08:00:00Z",
            '"2026-02-30T08:00:00Z"',
            "publishedDateTime",
            "expected a time with its zone",
        ),
        (f'webUrl: "{HOST}/1"\n', "", "webUrl", "is missing, and there is no originalUrl"),
        (
            "2026-03-10T08:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "publishedDateTime",
            "expected a time in the years 1900 to 8999",
        ),
        (
            f'webUrl: "{HOST}/1"',
            'webUrl: "javascript:alert(1)"',
            "webUrl",
            "expected an http or https address",
        ),
        (f'webUrl: "{HOST}/1"', "webUrl: [x]", "webUrl", "expected text"),
        ("domain: one.example", "domain:", "provider.domain", "expected text"),
        ("  domain: one.example\n", "", "provider.domain", "is missing"),
        ("  - AI\n", "  - 7\n", "topics[0]", "expected text"),
        ("topics:\n  - AI\n", "topics: []\n", "topics", "expected at least one item"),
        ("topics:\n  - AI\n", "topics: AI\n", "topics", "expected a list"),
        ("topics:\n  - AI\n", "", "topics", "is missing"),
        ("secured: opaque", "related: none", "related", "expected a list"),
        ("secured: opaque", "related:\n  first: 1", "related", "expected a list"),
        ("secured: opaque", "related: [x]", "related[0]", "expected a mapping"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named_with_its_line(
    old: str, new: str, field: str, message: str
) -> None:
    text = seed_text()
    assert old in text
    text = text.replace(old, new, 1)
    error = refused(text)
    assert error.field == field
    assert message in str(error)
    assert error.line is not None
    if new:
        assert error.line == line_with(text, new.strip().splitlines()[0])


def test_a_fault_in_related_coverage_is_named_with_its_position_and_line() -> None:
    text = SEED.replace("quality: 70", "quality: many")
    error = refused(text)
    assert (error.field, error.line) == ("related[1].quality", line_with(text, "quality: many"))


def test_related_coverage_without_an_address_names_its_entry() -> None:
    text = SEED.replace(f'    webUrl: "{HOST}/2"\n', "")
    error = refused(text)
    assert error.field == "related[0].webUrl"
    assert error.line == line_with(text, f'  - title: "{HOST}/2"')


def test_further_faults_are_counted() -> None:
    text = seed_text().replace("quality: 50", "quality: x").replace("heat: -1", "heat: x")
    assert "(1 more fault in this file)" in str(refused(text))


@pytest.mark.parametrize("moment", ["2026-13-10T08:00:00Z", "2026-02-30T08:00:00Z", "2026-03-10T08:61:00Z"])
def test_an_impossible_time_is_a_fault_of_its_line_and_field(moment: str) -> None:
    text = seed_text(published=moment)
    error = refused(text)
    assert (error.line, error.field) == (line_with(text, moment), "publishedDateTime")
    text = seed_text(related=[mention_text(published=moment)])
    assert refused(text).field == "related[0].publishedDateTime"


@pytest.mark.parametrize(
    "number", ["075", "00", "1:20", "0x4B", "0b11", "0o7", "1_000", "+75", f"0x{'f' * 4_000}", "1:59" * 9_000, '"75"']
)
@pytest.mark.parametrize("field", ["quality", "heat"])
def test_numbers_that_nobody_meant_are_refused(number: str, field: str) -> None:
    text = seed_text().replace("heat: -1", "heat: 1").replace("quality: 50", "quality: 1")
    text = text.replace(f"{field}: 1", f"{field}: {number}")
    error = refused(text)
    assert (error.line, error.field) == (line_with(text, f"{field}: {number}"), field)
    assert str(error).startswith("expected a whole number, found the text")
    assert str(error).endswith("; write numbers without leading zeros, in plain digits and without quotes")
    assert len(str(error)) < 200


def test_numbers_that_nobody_meant_are_refused_in_related_coverage() -> None:
    error = refused(SEED.replace("quality: 70", "quality: 070"))
    assert error.field == "related[1].quality"
    assert "leading zeros" in str(error)


def test_numbers_that_nobody_meant_may_stand_where_text_does_and_in_unknown_fields() -> None:
    own = read(seed_text(extra="zip: 01234\nlength: 1:20").replace(f'title: "{HOST}/1"', "title: 007")).mentions[0]
    assert own.title == "007"


@pytest.mark.parametrize("moment", ["2020-1-1", "2020-6-11 18:49:00", "1:20", "20200611"])
def test_times_that_are_half_written_are_refused(moment: str) -> None:
    error = refused(seed_text(published=moment))
    assert error.field == "publishedDateTime"
    assert "expected a time with its zone" in str(error)


def test_a_number_of_very_many_digits_is_a_fault_of_its_line_and_field() -> None:
    text = seed_text().replace("quality: 50", f"quality: {'9' * 5_000}")
    error = refused(text)
    assert (error.line, error.field) == (line_with(text, "quality: 9"), "quality")
    assert "sys." not in str(error)


def test_a_control_character_is_a_fault_of_its_line_and_column() -> None:
    text = seed_text(title="a\x00b")
    error = refused(text)
    assert error.line == line_with(text, "\x00")
    assert "the control character U+0000 (column 10)" in str(error)


def test_an_impossible_time_and_an_unknown_tag_are_one_fault() -> None:
    text = seed_text(published="2026-13-10T08:00:00Z", extra="author: !person\n  name: A\nnote: !x y")
    assert refused(text).line == line_with(text, "2026-13-10")


def test_a_key_that_stands_twice_is_a_fault_of_its_second_line() -> None:
    error = refused(seed_text(extra="quality: 51"))
    text = seed_text(extra="quality: 51")
    assert error.line == line_with(text, "quality: 51")
    assert "'quality' stands twice" in str(error)


def test_a_key_that_stands_twice_in_related_coverage_or_around_it_is_a_fault() -> None:
    twice = seed_text(related=[mention_text(extra="quality: 51")])
    assert refused(twice).line == line_with(twice, "quality: 51")
    around = seed_text(related=[mention_text()], after="heat: 7\n")
    assert refused(around).line == line_with(around, "heat: 7")


def test_a_tab_is_a_fault_of_its_line() -> None:
    text = seed_text().replace("  name: One", "\tname: One")
    assert refused(text).line == line_with(text, "\tname: One")


def test_broken_yaml_is_a_fault_with_its_line() -> None:
    text = SEED.replace("quality: 70", 'quality: "70')
    error = refused(text)
    assert "not valid YAML" in str(error)
    assert error.line is not None
    colon = refused(seed_text().replace("quality: 50", "quality: a: b"))
    assert str(colon) == "not valid YAML: mapping values are not allowed in this context (column 11)"
    assert colon.line == line_with(seed_text(), "quality: 50")


def test_a_tag_that_would_run_code_is_refused() -> None:
    text = seed_text(extra="x: !!python/object/apply:os.system ['true']")
    assert refused(text).line == line_with(text, "python/object")


def test_utf_16_is_named() -> None:
    assert "UTF-16" in str(refused(SEED.encode("utf-16")))
    assert "UTF-16" in str(refused(b"\xfe\xff" + SEED.encode("utf-16-be")))
    assert "UTF-32" in str(refused(SEED.encode("utf-32")))


def test_bytes_that_are_not_utf_8_are_named_with_their_line() -> None:
    text = seed_text(title="Caf\xe9")
    error = refused(text.encode("latin-1"))
    assert "not UTF-8" in str(error)
    assert error.line == line_with(text, "Caf\xe9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no front matter"),
        ("# Words\n\nand more\n", "no front matter"),
        ("---\ntitle: x\n", "without an end"),
        ("---\n---\n", "no mapping"),
        ("---\n- title\n---\n", "no mapping"),
        ("---\njust words\n---\n", "no mapping"),
        ("\x00\x00", "no front matter"),
    ],
)
def test_a_file_without_front_matter_says_so(text: str, message: str) -> None:
    error = refused(text)
    assert message in str(error)
    assert error.line == 1


def test_a_second_record_in_one_file_is_a_fault_of_its_line() -> None:
    text = seed_text() + seed_text()
    error = refused(text)
    assert "second record" in str(error)
    assert error.line is not None
    assert error.line > len(seed_text().splitlines())


# What would do harm.


def test_nesting_of_a_hundred_thousand_levels_is_refused() -> None:
    assert "levels deep" in str(refused(seed_text(extra=f"x: {'[' * 100_000}{']' * 100_000}")))
    assert "levels deep" in str(refused(seed_text(extra=f"x: {'{a: ' * 100_000}{'}' * 100_000}")))
    assert "levels deep" in str(refused(seed_text(extra=f"x:\n  {'- ' * 100_000}a")))
    assert "levels deep" in str(refused(seed_text(extra=f"x:\n  {'? ' * 100_000}a")))


@pytest.mark.parametrize("line_break", ["\r", "\x85", "\u2028", "\u2029"])
def test_deep_nesting_after_any_line_break_of_yaml_is_refused(line_break: str) -> None:
    text = f"---\nx: {line_break} {'- ' * 100_000}a\nquality: 1\n---\n"
    assert "levels deep" in str(refused(text))


def test_aliases_that_multiply_are_refused() -> None:
    bomb = "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in (seed_text(extra=f"a: &a [x]\n{bomb}"), f"---\na: &a [x]\n{bomb}---\n"):
        assert "repeat more than 20,000 values" in str(refused(text))
    assert "levels deep" in str(refused(seed_text(extra="endless: &a [*a]")))


def test_aliases_that_repeat_a_little_are_read() -> None:
    text = seed_text(extra="first: &a [x, y]\nsecond: [*a, *a]")
    assert meaning(read(text)) == meaning(read(seed_text()))


def test_merges_of_very_many_keys_are_refused() -> None:
    keys = "".join(f"  k{n}: 1\n" for n in range(6_000))
    assert "repeat" in str(refused(seed_text(extra=f"a: &a\n{keys}b:\n  <<: [*a, *a]")))
    keys = "".join(f"  k{n}: 1\n" for n in range(100))
    merges = "".join(f"m{n}:\n  <<: *a\n" for n in range(101))
    assert "repeat" in str(refused(seed_text(extra=f"a: &a\n{keys}{merges}")))


def test_very_many_keys_with_one_twice_are_refused_without_delay() -> None:
    keys = "".join(f"k{n}: 1\n" for n in range(9_000))
    assert "stands twice" in str(refused(seed_text(extra=f"{keys}k8999: 2")))


def test_messages_about_endless_keys_are_short() -> None:
    key = "k" * 500
    twice = refused(seed_text(extra=f"? {key}\n: 1\n? {key}\n: 2"))
    assert "stands twice" not in str(twice)  # the name of the key is as much as fits
    moment = "2020-13-11T00:00:00Z"
    error = refused(seed_text(extra=f"? {key}\n: [{', '.join([moment] * 9)}]"))
    assert error.line is not None
    assert len(str(twice)) < 250
    assert error.field is not None
    assert len(error.field) <= 200
