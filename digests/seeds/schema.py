"""The fields of a seed, typed, and what to say of one that is missing or wrong."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from digests.dates import YEARS
from digests.seeds.limits import (
    MAX_EXCERPT,
    MAX_IMAGES,
    MAX_NAME,
    MAX_QUALITY,
    MAX_RELATED,
    MAX_TITLE,
    MAX_TOPIC_NAMES,
    MAX_TOPICS,
    TRIED_IMAGES,
)
from digests.stories.identity import outlet_domain
from digests.stories.urls import MAX_ADDRESS, canonical, is_openable
from digests.text import clean, clean_address, count
from digests.validation import Moment, explain, json_path
from storage.models import Provider

PLAIN_DIGITS = "; write numbers without leading zeros, in plain digits and without quotes"
Model = TypeVar("Model", bound=BaseModel)


class FieldError(Exception):
    """A field that is missing or wrong; `path` leads to it, `more` counts the further ones."""

    def __init__(self, message: str, path: tuple[str | int, ...], more: int) -> None:
        super().__init__(f"{message} ({count(more, 'more fault')} in this file)" if more else message)
        self.path = path

    @property
    def field(self) -> str:
        """The field as a person writes it: `related[3].quality`."""
        return json_path(self.path)


def _in_range(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise PydanticCustomError("years", f"a time in the years {YEARS.start} to {YEARS.stop - 1}")
    return moment


Text = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(clean)]
Name = Annotated[Text, Field(min_length=1)]
Title = Annotated[str, Field(max_length=MAX_TITLE), AfterValidator(clean), Field(min_length=1)]
Excerpt = Annotated[
    str,
    Field(max_length=MAX_EXCERPT),
    AfterValidator(clean),
    BeforeValidator(lambda value: "" if value is None else value),
]
Address = Annotated[str, Field(max_length=MAX_ADDRESS), AfterValidator(clean_address)]
PublishedAt = Annotated[Moment, AfterValidator(_in_range)]


class _Fields(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class ProviderFields(_Fields):
    """The outlet, as a seed names it."""

    name: Name
    domain: Annotated[Name, AfterValidator(outlet_domain)]


class ImageFields(_Fields):
    """A picture; its measures aren't needed."""

    url: Address


class ArticleFields(_Fields):
    """What a seed says of an article, its own or a related one."""

    title: Title
    excerpt: Excerpt = ""
    published_at: PublishedAt = Field(alias="publishedDateTime")
    web_url: Address | None = Field(None, alias="webUrl")
    original_url: Address | None = Field(None, alias="originalUrl")
    amp_url: Address | None = Field(None, alias="ampWebUrl")
    cdn_url: Address | None = Field(None, alias="cdnAmpWebUrl")
    type: Name = "article"
    quality: int = Field(ge=0, le=MAX_QUALITY)
    provider: ProviderFields
    images: list[ImageFields] | None = Field(None, max_length=MAX_IMAGES)

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if not self.url:
            raise PydanticCustomError("missing_address", "is missing")
        if canonical(self.url) is None:
            field = {"field": "webUrl" if self.web_url else "originalUrl"}
            raise PydanticCustomError("address", "an http or https address", field)
        return self

    @property
    def url(self) -> str:
        """The address people click; videos have only an `originalUrl`."""
        return self.web_url or self.original_url or ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every canonical address of the article, its own first."""
        urls = (self.url, self.original_url, self.amp_url, self.cdn_url)
        return tuple(dict.fromkeys(address for url in urls if url and (address := canonical(url))))

    @property
    def outlet(self) -> Provider:
        """The provider, without what else a seed says of it."""
        return Provider(self.provider.name, self.provider.domain)

    @property
    def image_url(self) -> str | None:
        """The first picture that can be opened, of the first few."""
        tried = (self.images or [])[:TRIED_IMAGES]
        return next((image.url for image in tried if is_openable(image.url)), None)


class RecordFields(ArticleFields):
    """What a whole seed says."""

    category: Text = ""
    heat: int = Field(-1, ge=-1, le=1_000_000_000)
    published: bool = False
    removed: bool = False
    topics: list[Name] = Field(min_length=1, max_length=MAX_TOPICS)
    related: list[ArticleFields] | None = Field(None, max_length=MAX_RELATED)


def _primary(value: object) -> object:
    """Return the language of a tag such as pt-BR; YAML reads Norwegian, `no`, as false."""
    if value is False:
        return "no"
    return re.split("[-_]", value)[0].lower() if isinstance(value, str) else value


Language = Annotated[str, BeforeValidator(_primary), Field(pattern=r"^[a-z]{2,3}$")]


class OutletFields(_Fields):
    """What a `_data/organizations` file says that records don't."""

    domain: Annotated[Name, AfterValidator(str.lower)]
    language: Language


class TopicFields(_Fields):
    """What a `_data/topics` file says."""

    name: Name
    shortname: Text | None = None
    parent: Text | None = None
    keywords: list[Text] | None = Field(None, max_length=MAX_TOPIC_NAMES)
    hashtags: list[Text] | None = Field(None, max_length=MAX_TOPIC_NAMES)
    language: Language | None = None
    excerpts: bool = False


def validate(model: type[Model], data: object) -> Model:
    """Return `data` as `model`; raises FieldError about the first field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        first = details[0]
        message, path = _explain(first)
        raise FieldError(message, path, len(details) - 1) from error


def _explain(detail: ErrorDetails) -> tuple[str, tuple[str | int, ...]]:
    """Return a sentence about one of pydantic's errors, and the path of the field it is about."""
    path, article = detail["loc"], detail["input"]
    if detail["type"] == "missing_address":
        return "is missing, and there is no originalUrl either", (*path, "webUrl")
    if detail["type"] == "address":  # the whole article failed; the error names the field
        field = detail["ctx"]["field"]
        detail["input"] = article.get(field) if isinstance(article, Mapping) else None
        path = (*path, field)
    hint = PLAIN_DIGITS if detail["type"] == "int_type" and _is_like_a_number(detail["input"]) else ""
    return f"{explain(detail)}{hint}", path


def _is_like_a_number(value: object) -> bool:
    """Say if a value is text such as 075, 1:20, 0x1F, +75 or 1_000."""
    return isinstance(value, str) and value.lstrip("+-")[:1].isdecimal()
