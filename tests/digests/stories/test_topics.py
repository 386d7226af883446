"""Topics of articles that nobody has tagged: whole words of their titles."""

import pytest

from digests.stories.topics import TopicMatch, TopicMatcher
from storage.models import Topic
from tests.bench.seeded import SHARED_CORPUS
from tests.bench.topics import figures, read_site, tagged

CORPUS = SHARED_CORPUS / "powerapps"


def topic(name: str, *keywords: str, parent: str | None = None) -> Topic:
    return Topic(1, name.lower(), name, parent, keywords)


MATCHER = TopicMatcher(
    [
        topic("Artificial Intelligence", "AI", "machine learning", "#DeepLearning"),
        topic("Computer Vision", "image recognition", parent="Artificial Intelligence"),
        topic("Faces", parent="computer vision"),
        topic("C++"),
        topic("C"),
        topic("C#"),
        topic(".NET"),
        topic("Économie", "économie"),
        topic("展示会"),
    ]
)


@pytest.mark.parametrize(
    ("title", "topics"),
    [
        ("The AI boom", ["Artificial Intelligence"]),
        ("Said and paid: AIs rain", []),
        ("AI-driven ships", ["Artificial Intelligence"]),
        ("Machine  Learning, at sea", ["Artificial Intelligence"]),
        ("A learning machine", []),
        ("DeepLearning for all", ["Artificial Intelligence"]),
        ("Vitamin C helps", ["C"]),
        ("Modern C++ is here", ["C++"]),
        ("C# and .NET 8", ["C#", ".NET"]),
        ("A net profit. Net of tax", []),
        ("ECONOMIE du port", ["Économie"]),
        ("東京で展示会が開幕", ["展示会"]),
        ("", []),
    ],
)
def test_a_topic_is_found_by_whole_words_of_a_title(title: str, topics: list[str]) -> None:
    assert [match.topic for match in MATCHER.matches(title)] == topics


def test_an_article_has_its_feed_s_topics_and_the_parents_of_all() -> None:
    found = MATCHER.topics_of("Image recognition of boats", given=("Ports", "Faces"))
    assert found == ("Ports", "Faces", "Computer Vision", "Artificial Intelligence")


def test_it_says_which_keyword_matched() -> None:
    assert MATCHER.matches("Machine learning and AI")[0] == TopicMatch(
        "Artificial Intelligence", "machine learning"
    )


def test_an_excerpt_counts_for_topics_that_ask_for_it_alone() -> None:
    matcher = TopicMatcher([topic("Ports"), topic("Ships")], in_excerpts=["ships"])
    assert matcher.topics_of("Tide", "Ships leave ports") == ("Ships",)


def test_topics_that_are_part_of_each_other_end_nowhere_but_end() -> None:
    matcher = TopicMatcher([topic("A", parent="B"), topic("B", parent="A")])
    assert matcher.topics_of("a") == ("A", "B")


@pytest.mark.parametrize(
    ("keyword", "title"),
    [
        ("wifi", "A Wi-Fi that sleeps"),
        ("GPT-4", "What gpt4 dreams of"),
        ("A.I.", "AI in the dock"),
        ("人工知能", "港の人工知能が働く"),
    ],
)
def test_a_keyword_is_found_however_a_title_writes_it(keyword: str, title: str) -> None:
    assert [match.keyword for match in TopicMatcher([topic("Topic", keyword)]).matches(title)] == [keyword]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.no_cover
def test_topics_of_real_records_are_found_in_their_titles_better_than_with_excerpts() -> None:
    site = read_site(CORPUS)
    found = figures(tagged(site, given=site.root, excerpts=False))
    assert len(site.records) > 300
    assert (found.micro >= 0.97, found.macro >= 0.88, found.exact >= 0.94) == (True, True, True)
    assert figures(tagged(site, given=site.root, excerpts=True)).micro < found.micro
