"""How PostgreSQL says what differs from engine to engine."""

from storage.dialect import Dialect
from storage.postgres.search import Gin

POSTGRES = Dialect(
    Gin(),
    one_of="= ANY (ARRAY({}))",
    emptying="TRUNCATE {}",  # what is deleted of a temporary table takes space until its session ends
    claiming=" FOR UPDATE OF {} SKIP LOCKED",
)
