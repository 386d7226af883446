"""How much one seed may say; what is expensive looks at a text only if it is within these limits.

The longest seen in 5,632 real seeds: a title of 180 characters, an excerpt of 435, a name of 42, 179 related
articles, 5,195 values.
"""

MAX_SEED_BYTES = 1_000_000  # of a file
MAX_QUALITY = 1_000_000
MAX_TITLE = 1_000  # characters, as in those below
MAX_EXCERPT = 5_000
MAX_NAME = 200  # of an outlet, its domain, a topic, a category, a type
MAX_TOPICS = 100
MAX_TOPIC_NAMES = 200  # keywords, and as many hashtags, of a topic's description
MAX_IMAGES = 20  # of one article
TRIED_IMAGES = 3  # of which the first that can be opened is taken
MAX_RELATED = 300
MAX_NODES = 20_000  # keys, values, lists and mappings of a document; aliases may repeat as many
MAX_DEPTH = 60
MAX_DIRECTIVES = 100  # %TAG: libyaml compares each with all before it
