"""Write docs/seed.schema.json: what a seed may hold, as the models say that check seeds."""

import json
from pathlib import Path
from typing import Any

from digests.seeds.schema import RecordFields

FILE = Path(__file__).parents[1] / "docs" / "seed.schema.json"
MEANINGS = {
    "ampWebUrl": "Another address of the same article.",
    "category": "A word of the source's own; kept, not used.",
    "cdnAmpWebUrl": "Another address of the same article.",
    "domain": "The outlet's domain.",
    "excerpt": "A sentence or two; HTML entities are taken for the signs they name.",
    "heat": "The source's own measure; -1: never scored. Digests compute their own.",
    "images": "Pictures; the first one with an https address is shown.",
    "name": "The outlet's name.",
    "originalUrl": "Another address of the same article; its address where there is no webUrl.",
    "provider": "The outlet.",
    "published": "A mark of the source's own; kept, not used. It says nothing of drafts.",
    "publishedDateTime": "When it was published, with a zone: 2026-01-03T09:30:00Z.",
    "quality": "How good it is, 0 and up; what a digest goes by.",
    "related": "Who else covered the same event.",
    "removed": "true: withdrawn by the source, never shown.",
    "title": "The headline.",
    "topics": "The names of its topics.",
    "type": "article, video or another word.",
    "url": "Its address.",
    "webUrl": "Its address; may be missing where there is an originalUrl.",
}


def seed_schema() -> dict[str, Any]:
    """Return the JSON Schema of a seed's front matter; fields that it doesn't name may be there too."""
    schema = RecordFields.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        part.pop("description", None)
        part["additionalProperties"] = True
        for name, field in part["properties"].items():
            field.pop("title", None)
            field["description"] = MEANINGS[name]
        if "webUrl" in part["properties"]:
            part["anyOf"] = [{"required": ["webUrl"]}, {"required": ["originalUrl"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A seed of Broadsheet's: the YAML between its two lines ---",
    }


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(seed_schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
