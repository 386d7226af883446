-- The language of a digest's texts, by its catalog's name; NULL: the server's.
ALTER TABLE subscription ADD COLUMN language TEXT;
