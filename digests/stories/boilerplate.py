"""Excerpts that say nothing of their article: the title again, a slogan, what stands under many titles."""

import re

from storage.models import Article
from storage.search.words import as_words

MAX_TITLES = 2  # that share an excerpt; what stands under more of an outlet's titles says nothing of any
SLOGAN = 120  # characters: what is longer and names its outlet tells of something that the outlet did
LONG_WORD = re.compile(r"\w{4,}")


def says_nothing(article: Article) -> bool:
    """Say whether an excerpt is the title again, or names the outlet and nothing that the title names."""
    title, excerpt = as_words(article.title), as_words(article.excerpt)
    if title == excerpt:
        return True
    name = as_words(article.provider.name)
    is_named = bool(name) and f" {name} " in f" {excerpt} "
    shared = set(LONG_WORD.findall(title)) & set(LONG_WORD.findall(excerpt))
    return is_named and not shared and len(article.excerpt) <= SLOGAN
