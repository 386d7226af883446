"""All of Broadsheet's SQL, one noun a file; it knows nothing of the layers above.

There are two kinds of function. Reads are plain functions whose first parameter is `reader`:
`await connection.run(read, …)` calls one as a whole in the connection's thread. Writes are coroutines whose
first parameter is `connection`: await them inside `async with database.transaction()`.
"""
