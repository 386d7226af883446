"""Articles of one event come together as they arrive, and others stay apart."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.stories.bags import bag_of, pack, unpack
from digests.stories.clustering import DAY, LEAST, SILENCE, Arrival, Assignment, Clusters
from digests.stories.duplicates import is_copy, text_of
from storage.sqlite.packing import key_of
from tests.bench.clustering import GOLD, agreement, cluster, measure, read_articles
from tests.bench.corpus import make_text
from tests.build import article

NEWS = make_text(random.Random(1))
MONDAY = 1_772_000_000  # epoch seconds

VERDICT = (
    (
        "Court fines Harbour Line 40 million over ferry fire",
        "Judges found that Harbour Line ignored warnings.",
    ),
    ("Harbour Line must pay 40 million for the ferry fire", "The verdict ends a trial of three years."),
    ("Ferry fire: relatives welcome Harbour Line verdict", "They waited three years for the court's fine."),
)
CHANGES = (
    (
        "Public preview: key rotation in Vault",
        "Rotation of keys is in public preview. See the documentation.",
    ),
    (
        "Generally available: route server in Vault",
        "Route server is generally available. See the documentation.",
    ),
    ("Public preview: zones in Storage", "Zones are in public preview. See the documentation."),
    (
        "Generally available: snapshots in Storage",
        "Snapshots are generally available. See the documentation.",
    ),
    ("Public preview: queues in Messenger", "Queues are in public preview. See the documentation."),
)


class Stream:
    """Clusters articles and numbers them."""

    def __init__(self, background: int = 300) -> None:
        self.clusters = Clusters()
        self._ids = count(1)
        choice = random.Random(2)
        for number in range(background):  # other news, so that it's known which words are rare
            text = (NEWS.some(choice, 9), NEWS.some(choice, 30))
            self.send(text, outlet=f"other{number}.example", hours=number % 48 - 48)

    def send(
        self, *texts: tuple[str, str], outlet: str = "one.example", hours: float = 0
    ) -> list[Assignment]:
        arrivals = [
            Arrival(next(self._ids), key_of(outlet), MONDAY + int(hours * 3_600), bag_of(*text))
            for text in texts
        ]
        return sorted(self.clusters.assign(arrivals))


def test_articles_of_different_outlets_about_one_event_are_one_story() -> None:
    stream = Stream()
    (first,) = stream.send(VERDICT[0], outlet="one.example")
    (second,) = stream.send(VERDICT[1], outlet="two.example", hours=3)
    assert (first.event_id, first.like_id, first.likeness) == (first.id, None, 0.0)
    assert (second.event_id, second.like_id) == (first.id, first.id)
    assert 0.15 < second.likeness < 1


def test_a_newspapers_three_pieces_on_one_verdict_come_together() -> None:
    stream = Stream()
    choice = random.Random(3)
    for number in range(20):  # what else it writes has little in common
        stream.send((NEWS.some(choice, 9), NEWS.some(choice, 30)), hours=number - 30)
    found = [stream.send(text, hours=hour) for hour, text in enumerate(VERDICT)]
    assert len({each.event_id for (each,) in found}) == 1


def test_a_changelogs_announcements_of_a_week_stay_apart() -> None:
    stream = Stream()
    found = [stream.send(text, hours=24 * day) for day, text in enumerate(CHANGES)]
    assert len({each.event_id for (each,) in found}) == len(CHANGES)


def test_an_article_that_two_stories_share_ties_them_not_together() -> None:
    stream = Stream()
    one = stream.send(VERDICT[0], VERDICT[1], outlet="one.example")
    other = stream.send(CHANGES[0], outlet="two.example")
    both = (f"{VERDICT[0][0]} and {CHANGES[0][0]}", f"{VERDICT[0][1]} {CHANGES[0][1]}")
    (bridge,) = stream.send(both, outlet="three.example")
    assert bridge.event_id in {one[0].event_id, other[0].event_id}
    (later,) = stream.send(CHANGES[0], outlet="four.example")
    assert later.event_id in {bridge.event_id, other[0].event_id}
    assert one[0].event_id != other[0].event_id


@pytest.mark.parametrize(("days", "joins"), [(3, True), (6.9, True), (7.1, False)])
def test_after_seven_days_of_silence_a_story_takes_no_more(days: float, joins: bool) -> None:
    stream = Stream()
    (first,) = stream.send(VERDICT[0], outlet="one.example")
    (copy,) = stream.send(VERDICT[0], outlet="two.example", hours=24 * days)
    assert (copy.event_id == first.event_id) == joins


@pytest.mark.parametrize(
    ("one", "other", "unlike"),
    [
        ("法院判處港灣航運四千萬元罰款", "港灣航運渡輪火災案被罰四千萬元", "冬季市場明天開放到深夜"),
        (
            "Суд оштрафовал «Гавань» за пожар на пароме",
            "«Гавань» оштрафована за пожар на пароме",
            "Зимний рынок",
        ),
        ("ศาลปรับบริษัทเรือข้ามฟากสี่สิบล้าน", "บริษัทเรือข้ามฟากถูกศาลปรับสี่สิบล้าน", "ตลาดฤดูหนาวเปิดพรุ่งนี้"),
        (
            "محكمة تغرم شركة العبارات أربعين مليونا",
            "تغريم شركة العبارات أربعين مليونا",
            "سوق الشتاء يفتح غدا",
        ),
    ],
)
def test_titles_in_other_scripts_cluster_too(one: str, other: str, unlike: str) -> None:
    stream = Stream()
    (first,) = stream.send((one, ""), outlet="one.example")
    (second,) = stream.send((other, ""), outlet="two.example")
    (third,) = stream.send((unlike, ""), outlet="three.example")
    assert second.event_id == first.event_id != third.event_id


@pytest.mark.parametrize("hours", [0, 30, 6 * 24])
def test_copied_texts_always_join(hours: float) -> None:
    text = (
        "The harbour line said on Monday that its ferries will run all night from June, after years of talks."
    )
    for one, other in (
        (
            ("Ferries to run all night from June", text),
            ("Night ferries are coming to the bay", f"{text} More."),
        ),
        (("Ferries to run all night from June", ""), ("UPDATED: Ferries to run all night from June", text)),
    ):
        texts = [
            text_of(article(domain=f"{number}.example", title=title, excerpt=excerpt))
            for number, (title, excerpt) in enumerate((one, other))
        ]
        assert is_copy(*texts)
        stream = Stream()
        (first,) = stream.send(one, outlet="one.example")
        (second,) = stream.send(other, outlet="two.example", hours=hours)
        assert second.event_id == first.event_id


def test_what_is_remembered_is_bounded_by_days_and_no_fewer_than_some() -> None:
    stream = Stream(0)
    for number in range(LEAST + 50):
        stream.send((f"word{number} other{number}", ""), hours=number)
    fresh = SILENCE // 3_600 + 1
    assert len(stream.clusters) == max(LEAST, fresh)


ARTICLES = st.lists(
    st.builds(
        lambda title, outlet, hours: (title, outlet, hours),
        st.lists(
            st.sampled_from(["quay", "tide", "ferry", "baker", "bridge", "港", "灣"]), min_size=1, max_size=5
        ).map(" ".join),
        st.sampled_from(["one.example", "two.example"]),
        st.integers(-300, 300),
    ),
    max_size=25,
)


@given(ARTICLES, st.lists(st.integers(1, 5), min_size=1, max_size=5))
@settings(deadline=None)
def test_whatever_comes_a_restart_between_any_two_changes_nothing(
    articles: Sequence[tuple[str, str, int]], sizes: list[int]
) -> None:
    arrivals = [
        Arrival(number, key_of(outlet), MONDAY + hours * 3_600, bag_of(title, ""))
        for number, (title, outlet, hours) in enumerate(articles, 1)
    ]
    going, known = Clusters(), dict[int, tuple[Arrival, Assignment]]()
    for batch in batches(arrivals, sizes):
        restarted = Clusters()
        restarted.recall(known[key] for key in sorted(known))
        found = going.assign(batch)
        assert restarted.assign(batch) == found
        known |= {each.id: (arrivals[each.id - 1], each) for each in found}
    events: defaultdict[int, set[int]] = defaultdict(set)
    for _, each in known.values():
        events[each.event_id].add(each.id)
    for began, members in events.items():
        assert began in members
        assert known[began][1].like_id is None
        for member in members - {began}:
            assert known[member][1].like_id in members


def batches(arrivals: Sequence[Arrival], sizes: Iterable[int]) -> Iterable[Sequence[Arrival]]:
    """Yield the arrivals in batches of these sizes, then the rest."""
    start = 0
    for size in sizes:
        yield arrivals[start : start + size]
        start += size
    yield arrivals[start:]


@given(st.text(max_size=200), st.text(max_size=600))
def test_the_words_of_an_article_are_packed_without_loss(title: str, excerpt: str) -> None:
    bag = bag_of(title, excerpt)
    assert unpack(pack(bag)) == bag


needs_labels = pytest.mark.skipif(not GOLD.is_dir(), reason="the labelled pairs are not there")


@needs_labels
def test_labelled_articles_are_joined_as_two_readers_say() -> None:
    outcome = measure(GOLD)
    assert outcome.precision >= 0.95
    assert outcome.recall >= 0.9
    assert outcome.purity >= 0.95


@needs_labels
@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_split_over_time_give_nearly_the_same_stories(seed: int) -> None:
    choice = random.Random(seed)
    articles = list(read_articles(GOLD).values())
    late = sorted(articles, key=lambda each: each.at + choice.random() * 2 * DAY)
    assert agreement(cluster(articles), cluster(late, choice.randint(10, 200))) >= 0.8
