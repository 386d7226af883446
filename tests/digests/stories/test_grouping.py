"""Connected components whose ids survive."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.stories.grouping import Group, regroup

LINKS = st.lists(st.lists(st.integers(1, 20), min_size=1, max_size=4), max_size=12)
PREVIOUS = st.dictionaries(st.integers(1, 20), st.integers(100, 108))


def test_members_that_share_a_link_belong_together() -> None:
    assert regroup([[1, 2], [2, 3], [4]], {}) == [Group(None, (1, 2, 3)), Group(None, (4,))]


def test_a_chain_of_links_is_one_group() -> None:
    (group,) = regroup([[n, n + 1] for n in range(500)], {})
    assert group.members == tuple(range(501))


def test_nothing_linked_gives_no_groups() -> None:
    assert regroup([], {1: 100}) == []
    assert regroup([[]], {}) == []


def test_a_group_keeps_its_id_when_members_join() -> None:
    assert regroup([[1, 2, 3]], {2: 100}) == [Group(100, (1, 2, 3))]


def test_a_merge_keeps_the_lowest_id_whatever_the_sizes() -> None:
    assert regroup([[1, 2, 3, 4]], {1: 105, 2: 105, 3: 105, 4: 101}) == [Group(101, (1, 2, 3, 4), (105,))]


def test_of_a_split_the_part_with_most_members_keeps_the_id() -> None:
    previous = dict.fromkeys((1, 2, 3), 100)
    assert regroup([[1], [2, 3]], previous) == [Group(None, (1,)), Group(100, (2, 3))]


def test_of_an_even_split_the_part_with_the_lowest_member_keeps_the_id() -> None:
    previous = dict.fromkeys((1, 2), 100)
    assert regroup([[2], [1]], previous) == [Group(100, (1,)), Group(None, (2,))]


def test_a_member_that_moves_does_not_take_its_groups_id_along() -> None:
    previous = {1: 100, 2: 100, 3: 100, 4: 101}
    assert regroup([[1, 2], [3, 4]], previous) == [Group(100, (1, 2)), Group(101, (3, 4))]


@given(LINKS, PREVIOUS, st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_outcome_depends_on_no_order(
    links: list[list[int]], previous: dict[int, int], random: Random
) -> None:
    turned = [random.sample(link, len(link)) for link in links]
    random.shuffle(turned)
    assert regroup(turned, dict(reversed(previous.items()))) == regroup(links, previous)


@given(LINKS, PREVIOUS)
@settings(max_examples=80)
def test_every_member_is_in_one_group_and_every_id_is_given_once(
    links: list[list[int]], previous: dict[int, int]
) -> None:
    groups = regroup(links, previous)
    members = [member for group in groups for member in group.members]
    assert sorted(members) == sorted({member for link in links for member in link})
    assert all(any(set(link) <= set(group.members) for group in groups) for link in links)
    ids = [i for group in groups for i in (group.id, *group.absorbed) if i is not None]
    assert sorted(ids) == sorted({previous[member] for member in members if member in previous})
    assert all(group.id is not None and group.id < min(group.absorbed) for group in groups if group.absorbed)


@given(LINKS, PREVIOUS)
@settings(max_examples=80)
def test_grouping_again_changes_nothing(links: list[list[int]], previous: dict[int, int]) -> None:
    groups = regroup(links, previous)
    settled = {
        member: group.id or 200 + position
        for position, group in enumerate(groups)
        for member in group.members
    }
    assert [(g.id, g.absorbed) for g in regroup(links, settled)] == [
        (settled[group.members[0]], ()) for group in groups
    ]
